package shape

import (
	"cmp"
	"slices"
)

// Variants are the observed side of tagged unions. For each field whose name
// is one that vendors tell variants apart by, an object counts per value of
// that field which paths came with it, three levels deep and not through
// lists. Whether that is a union is decided when reading.
const (
	maxTags       = 4    // fields per object that may be tags, smallest hashes
	maxVariants   = 16   // values of a tag; a field with more is no tag
	variantDepth  = 3    // levels below the object
	variantPaths  = 1024 // paths per variant
	variantWeight = 256  // weight of an object that may have variants
)

type variants struct {
	tags []tagField
	dead bool // the object is too large
}

type tagField struct {
	name   uint64 // hash
	dead   bool   // more values than a tag has, or values that may not be kept
	values []variant
}

type variant struct {
	hash  uint32
	text  string
	count uint64
	paths tally // occurrences by relative path and kind, see visit
}

// A visit is a key met on the way.
type visit struct {
	hash  uint64
	depth uint8
	kind  byte // first byte of the value
}

// tagged is the value of a tag in an open object.
type tagged struct {
	name  uint64
	value uint32
	text  []byte // part of the body; nil when it may not be kept
}

// tagText keeps a tag's value until its object is closed.
func (w *walker) tagText(n *node, b []byte, f format) []byte {
	if n.private || len(b) == 0 || !isSafeText(b, f) {
		return nil
	}
	if f := &w.frames[len(w.frames)-1]; f.node.object == nil || f.node.object.tags.isDead(n.hash) {
		return nil
	}
	if len(w.scratch) > 0 && &b[0] == &w.scratch[0] {
		return slices.Clone(b)
	}
	return b
}

func (v *variants) isDead(name uint64) bool {
	i, found := v.find(name)
	return v.dead || found && v.tags[i].dead
}

func (v *variants) find(name uint64) (int, bool) {
	return slices.BinarySearchFunc(v.tags, name, func(t tagField, name uint64) int { return cmp.Compare(t.name, name) })
}

// field returns the counts of a tag, nil when it is not among the smallest.
func (v *variants) field(name uint64) *tagField {
	i, found := v.find(name)
	if !found {
		if v.tags = slices.Insert(v.tags, i, tagField{name: name}); len(v.tags) > maxTags {
			v.tags = v.tags[:maxTags]
		}
	}
	if i >= len(v.tags) {
		return nil
	}
	return &v.tags[i]
}

func (t *tagField) value(hash uint32) *variant {
	i, found := slices.BinarySearchFunc(t.values, hash, func(v variant, hash uint32) int { return cmp.Compare(v.hash, hash) })
	if !found {
		if len(t.values) == maxVariants {
			t.giveUp()
			return nil
		}
		t.values = slices.Insert(t.values, i, variant{hash: hash})
	}
	return &t.values[i]
}

func (t *tagField) giveUp() { t.dead, t.values = true, nil }

func (v *variants) giveUp() { v.dead, v.tags = true, nil }

func (v *variants) reset() { *v = variants{} }

// vary counts the paths of a closing object under one of its tags.
func (w *walker) vary(f *frame, t tagged) {
	tags := &f.node.object.tags
	if tags.dead {
		return
	}
	field := tags.field(t.name)
	if field == nil || field.dead {
		return
	}
	if t.text == nil {
		field.giveUp()
		return
	}
	v := field.value(t.value)
	if v == nil {
		return
	}
	if v.count++; v.text == "" {
		v.text = string(t.text)
	}
	v.visit(w.visits[f.visits:])
	if v.paths.used > variantPaths {
		tags.giveUp()
	}
}

func (v *variant) visit(visits []visit) {
	var trail [variantDepth + 1]uint64
	if len(visits) == 0 {
		return
	}
	base := int(visits[0].depth) - 1
	for _, at := range visits {
		level := int(at.depth) - base
		if level > variantDepth {
			continue
		}
		trail[level] = below(trail[level-1], at.hash)
		v.paths.add(pathKey(trail[level], kindOf(at.kind)), 1)
	}
}

func below(trail, hash uint64) uint64 { return spread64(trail*31 + hash) }

func pathKey(trail uint64, k Kind) uint32 { return mix(trail + uint64(k)) }

// kindOf tells the kind by the first byte of a value; numbers are Int.
func kindOf(b byte) Kind {
	switch b {
	case '"':
		return String
	case '{':
		return Object
	case '[':
		return Array
	case 't', 'f':
		return Bool
	case 'n':
		return Null
	}
	return Int
}

func (v *variants) merge(o *variants) {
	if o.dead {
		v.giveUp()
	}
	if v.dead {
		return
	}
	for i := range o.tags {
		if field := v.field(o.tags[i].name); field != nil {
			field.merge(&o.tags[i])
		}
	}
	for _, t := range v.tags {
		for i := range t.values {
			if t.values[i].paths.used > variantPaths {
				v.giveUp()
				return
			}
		}
	}
}

func (t *tagField) merge(o *tagField) {
	if o.dead {
		t.giveUp()
	}
	if t.dead {
		return
	}
	for i := range o.values {
		from := &o.values[i]
		v := t.value(from.hash)
		if v == nil {
			return
		}
		v.count += from.count
		v.text = from.text
		v.paths.merge(&from.paths)
	}
}
