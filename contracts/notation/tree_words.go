package notation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"shapewatch/contracts/shape"
)

// listWords say how long a list is: "list of 1 to 10".
func listWords(p *place) string {
	l := p.Items
	switch {
	case p.Has(shape.Null):
		return fmt.Sprintf("list of %s or null", between(l))
	case l.Min == l.Max:
		return "list of " + count(l.Max)
	}
	return "list of " + between(l)
}

func between(l shape.Lengths) string {
	if l.Min == l.Max {
		return count(l.Max)
	}
	return count(l.Min) + " to " + count(l.Max)
}

// kindWords are the kinds of a place with their formats, and with their shares
// where there are several: "string uuid", "string 97 % | null 3 %".
func kindWords(p *place) string {
	counts := p.Kinds
	if counts[shape.Int] > 0 && counts[shape.Frac] > 0 {
		counts[shape.Frac], counts[shape.Int] = counts[shape.Frac]+counts[shape.Int], 0
	}
	var order []shape.Kind
	for k := range shape.NumKinds {
		if counts[k] > 0 {
			order = append(order, k)
		}
	}
	slices.SortStableFunc(order, func(a, b shape.Kind) int {
		return int(min(counts[b], 1<<30)) - int(min(counts[a], 1<<30))
	})
	var words []string
	for _, k := range order {
		word := kindWord(p, k)
		if len(order) > 1 {
			word += " " + percent(float64(counts[k]), float64(p.Count))
		}
		words = append(words, word)
	}
	return strings.Join(words, " | ")
}

func kindWord(p *place, k shape.Kind) string {
	switch k {
	case shape.Object:
		return objectWord(p)
	case shape.Array:
		if p.item == nil {
			return "empty list"
		}
		return listWords(p)
	case shape.String:
		return strings.TrimSpace("string " + formatWords(p))
	case shape.Int:
		if format, ok := p.IsTimestamp(); ok && strings.HasPrefix(format, "epoch") {
			return "integer " + format
		}
	}
	return k.String()
}

func objectWord(p *place) string {
	switch {
	case p.IsMap && p.Truncated:
		return "map, folded"
	case p.IsMap:
		return "map"
	case p.Union != nil:
		return "union by " + printable(p.Union.Tag)
	case p.value == nil && len(p.keys) == 0:
		return "empty object"
	}
	return "record"
}

// formatWords are the formats of strings, with their shares where they are
// mixed; plain text alone goes without saying.
func formatWords(p *place) string {
	var formats []shape.FormatCount
	for _, f := range p.Formats {
		if !strings.HasPrefix(f.Format, "epoch") {
			formats = append(formats, f)
		}
	}
	switch {
	case len(formats) == 0, len(formats) == 1 && formats[0].Format == "":
		return ""
	case len(formats) == 1:
		return formatWord(formats[0])
	}
	var words []string
	for _, f := range formats[:min(len(formats), 3)] {
		words = append(words, fmt.Sprintf("%s %s", formatWord(f), percent(f.Share, 1)))
	}
	return "(" + strings.Join(words, ", ") + ")"
}

func formatWord(f shape.FormatCount) string {
	if f.Format == "" {
		return "text"
	}
	return strings.TrimSpace(f.Format + " " + f.Detail)
}

// notesOf are what is known of a place's values, most telling first; list is
// the place itself, item what its lists hold.
func notesOf(list, item *place) (notes []string) {
	if item.MaybeID() {
		notes = append(notes, "id")
	}
	if n := item.EmptyStrings; n > 0 {
		notes = append(notes, "empty "+percent(float64(n), float64(item.Kinds[shape.String])))
	}
	if n := list.EmptyArrays; n > 0 && list.item != nil {
		notes = append(notes, "empty "+percent(float64(n), float64(list.Kinds[shape.Array])))
	}
	if n := item.Kinds[shape.Bool]; n > 0 {
		notes = append(notes, "true "+percent(float64(item.True), float64(n)))
	}
	if item.Duplicates > 0 {
		notes = append(notes, plural(item.Duplicates, "repeated key"))
	}
	if item.Truncated && !item.IsMap {
		notes = append(notes, "folded below")
	}
	return append(append(notes, wideNote(item)...), valueNotes(item)...)
}

// most is how many values a line shows.
const most = 8

func valueNotes(p *place) []string {
	if choices := p.choices(); len(choices) > 0 {
		if len(choices) == 1 {
			return []string{"always " + printable(choices[0])}
		}
		return []string{"one of " + printable(strings.Join(choices[:min(len(choices), most)], " · ")) + more(len(choices))}
	}
	if note := rangeNote(p); note != "" {
		return []string{note}
	}
	examples := p.examples(most)
	if len(examples) == 0 {
		return textNote(p)
	}
	if p.Values.Exact && p.Values.Distinct <= most && p.Values.Unseen < 0.5 && p.only(shape.String) {
		text := printable(strings.Join(examples, " · "))
		return []string{fmt.Sprintf("so far %s, a new one in %s", text, percent(p.Values.Unseen, 1))}
	}
	return []string{"e.g. " + printable(strings.Join(examples[:min(len(examples), 3)], " · "))}
}

func more(n int) string {
	if n <= most {
		return ""
	}
	return fmt.Sprintf(" and %d more", n-most)
}

// rangeNote is the range of numbers that are neither ids nor times.
func rangeNote(p *place) string {
	if _, timed := p.IsTimestamp(); timed || !p.Has(shape.Int) && !p.Has(shape.Frac) || p.MaybeID() || p.Numbers.Min == "" {
		return ""
	}
	if p.Numbers.Min == p.Numbers.Max {
		return "always " + readable(p.Numbers.Min)
	}
	return readable(p.Numbers.Min) + " to " + readable(p.Numbers.Max) + grain(p)
}

// grain is how fine numbers are: their decimal places, or what they are all
// multiples of.
func grain(p *place) string {
	switch {
	case p.Numbers.Decimals > 0:
		return ", up to " + plural(uint64(p.Numbers.Decimals), "decimal")
	case p.Numbers.GCD > 1 && p.only(shape.Int) && p.Values.Distinct >= several:
		return ", multiples of " + count(p.Numbers.GCD)
	}
	return ""
}

// readable writes a literal as a person would: without an exponent where it is
// short, and not in full where it is very long.
func readable(literal string) string {
	f, err := strconv.ParseFloat(literal, 64)
	if plain := strconv.FormatFloat(f, 'f', -1, 64); err == nil && strings.ContainsAny(literal, "eE") && len(plain) <= 16 {
		return plain
	}
	return clip(literal, 24)
}

// keyNote names what tells the entities of a list apart.
func keyNote(item *place) []string {
	if item.Name != "[]" {
		return nil
	}
	fields := make([]shape.Field, 0, len(item.keys))
	for _, k := range item.keys {
		fields = append(fields, k.Field)
		if k.item != nil {
			fields = append(fields, k.item.Field)
		}
	}
	if key := shape.KeyOf(fields, item.Path); key != "" {
		return []string{"key " + printable(key)}
	}
	return nil
}
