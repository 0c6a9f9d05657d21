package web

import (
	"fmt"
	"slices"

	"shapewatch/contracts/shape"
)

// A fact is one share that can be told of a place in an answer: of all that
// could, how many did.
type fact struct {
	id, words string // "null", "values that are null"
	count     func(f shape.Field) (seen, of uint64)
}

// presenceFact is told even where the field is not: of the objects around it.
const presenceFact = "presence"

// facts are all shares of a place that a change could have moved.
func facts(before, after shape.Field) (all []fact) {
	all = append(all,
		fact{presenceFact, "objects that have it", func(f shape.Field) (uint64, uint64) { return f.Count, f.Parents }},
		fact{"null", "values that are null", ofCount(func(f shape.Field) uint64 { return f.Kinds[shape.Null] })},
		fact{"empty", "values that are empty", ofCount(func(f shape.Field) uint64 { return f.EmptyStrings + f.EmptyArrays + f.EmptyObjects })},
	)
	for k := shape.Bool; k < shape.NumKinds; k++ {
		if before.Has(k) || after.Has(k) {
			all = append(all, fact{"kind", "values that are of type " + k.String(), ofCount(func(f shape.Field) uint64 { return f.Kinds[k] })})
		}
	}
	return append(all, valueFacts(before, after)...)
}

func ofCount(seen func(shape.Field) uint64) func(shape.Field) (uint64, uint64) {
	return func(f shape.Field) (uint64, uint64) { return seen(f), f.Count }
}

// valueFacts are those of formats and of single values.
func valueFacts(before, after shape.Field) (all []fact) {
	for _, name := range formatNames(before, after) {
		all = append(all, fact{"format", "values in the format " + name, ofCount(func(f shape.Field) uint64 { return formatCount(f, name) })})
	}
	if !before.Values.Exact || !after.Values.Exact {
		return all
	}
	known := hashes(before)
	all = append(all, fact{"new", "values never seen before", ofCount(func(f shape.Field) (n uint64) {
		for _, v := range f.Values.List {
			if !known[v.Hash] {
				n += v.Count
			}
		}
		return n
	})})
	for _, v := range before.Values.List[:min(len(before.Values.List), maxValues)] {
		if v.Text != "" && before.Values.Closed {
			all = append(all, fact{"value", "values that are " + clip(40, v.Text), ofCount(func(f shape.Field) uint64 { return valueCount(f, v.Hash) })})
		}
	}
	return all
}

func formatNames(fields ...shape.Field) (names []string) {
	for _, f := range fields {
		for _, c := range f.Formats {
			if c.Format != "" && !slices.Contains(names, c.Format) {
				names = append(names, c.Format)
			}
		}
	}
	return names
}

func formatCount(f shape.Field, name string) uint64 {
	for _, c := range f.Formats {
		if c.Format == name {
			return c.Count
		}
	}
	return 0
}

func hashes(f shape.Field) map[uint64]bool {
	set := map[uint64]bool{}
	for _, v := range f.Values.List {
		set[v.Hash] = true
	}
	return set
}

func valueCount(f shape.Field, hash uint64) uint64 {
	for _, v := range f.Values.List {
		if v.Hash == hash {
			return v.Count
		}
	}
	return 0
}

// shown are the facts that a kind of finding is about; of other kinds, whatever
// moved most is.
var shown = map[string]string{
	"field-removed": presenceFact, "field-new": presenceFact, "field-optional": presenceFact, "null-new": "null",
	"kind-changed": "kind", "format-changed": "format", "enum-new": "new", "enum-gone": "value", "value-gutted": "empty",
}

// leastMove is by how much a share must have moved to be worth a picture, when
// nothing says that it is what the finding is about.
const leastMove = 0.05

// choose picks the fact to draw: of those that the kind is about, or else of
// all, the one that moved most; nil when none moved.
func (p *past) choose(path, kind string) *fact {
	before, after := p.before[path], p.after[path]
	var best, about *fact
	var moved, movedAbout float64
	for _, f := range facts(before, after) {
		d := p.moved(f, path)
		if d > moved {
			best, moved = &f, d
		}
		if f.id == shown[kind] && d > movedAbout {
			about, movedAbout = &f, d
		}
	}
	switch {
	case about != nil:
		return about
	case moved >= leastMove:
		return best
	}
	return nil
}

// moved is how far a share went, 0 to 1.
func (p *past) moved(f fact, path string) float64 {
	seen, of := p.at(f, p.before, path)
	seenNow, ofNow := p.at(f, p.after, path)
	if of == 0 || ofNow == 0 {
		return 0
	}
	d := float64(seenNow)/float64(ofNow) - float64(seen)/float64(of)
	return max(d, -d)
}

// at counts a fact in one set of fields. Where the field is not, its presence
// is none of all objects around it, and nothing else can be told.
func (p *past) at(f fact, fields fieldSet, path string) (seen, of uint64) {
	if field, there := fields[path]; there {
		return f.count(field)
	}
	if f.id != presenceFact {
		return 0, 0
	}
	return 0, fields[parentOf(path)].Kinds[shape.Object]
}

// shareWords are a share in numbers: "36 of 36".
func shareWords(seen, of uint64) string {
	return fmt.Sprintf("%s of %s", grouped(int64(seen)), grouped(int64(of)))
}
