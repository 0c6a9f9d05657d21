package notation

import (
	"regexp"
	"strconv"

	"shapewatch/contracts/shape"
)

// A place is a field with what lies below it.
type place struct {
	shape.Field
	keys  []*place // of records, by name
	item  *place   // what arrays hold; nil when no item was seen
	value *place   // of maps, whatever the key; nil when there was none
}

// outline arranges the fields of a shape as a tree; nil when nothing was seen.
func outline(s *shape.Shape, v shape.View) *place {
	var root *place
	at := map[string]*place{}
	for _, f := range v.Fields(s) {
		p := &place{Field: f}
		if f.Path == "" {
			root = p
		} else {
			at[f.Parent].adopt(p)
		}
		at[f.Path] = p
	}
	return root
}

// adopt takes a place below this one. Items come before keys, so that a key
// that is called "[]" is known for one.
func (p *place) adopt(below *place) {
	switch {
	case below.Name == "[]" && p.Has(shape.Array) && p.item == nil && len(p.keys) == 0:
		p.item = below
	case p.IsMap:
		p.value = below
	default:
		p.keys = append(p.keys, below)
	}
}

// cutKey is how a shape ends a key that was too long to keep.
var cutKey = regexp.MustCompile(`~[0-9a-f]{16}$`)

// named reports whether a name is the key as it was sent.
func (p *place) named() bool { return len(p.Name) < 32 || !cutKey.MatchString(p.Name) }

// vague reports whether objects here repeat keys: then parsers differ on the
// values, and nothing is promised about them.
func (p *place) vague() bool { return p.Duplicates > 0 }

// always reports whether every object that could have had the key had it.
func (p *place) always() bool {
	required, _ := p.Required()
	return required && p.Count == p.Parents && p.named()
}

// only reports whether all values, null aside, are of these kinds, and any is.
func (p *place) only(kinds ...shape.Kind) bool {
	n := p.Kinds[shape.Null]
	for _, k := range kinds {
		n += p.Kinds[k]
	}
	return n == p.Count && n > p.Kinds[shape.Null]
}

// wholeFormat is the format of all strings here, or "".
func (p *place) wholeFormat() string {
	if !p.Has(shape.String) || p.EmptyStrings > 0 || len(p.Formats) == 0 || p.Formats[0].Count != p.Kinds[shape.String] {
		return ""
	}
	return p.Formats[0].Format
}

// choices are the strings of a closed set, in order of how often they came;
// nil when the set is open or some are private.
func (p *place) choices() (texts []string) {
	if !p.Values.Closed || !p.only(shape.String) {
		return nil
	}
	for _, v := range byCount(p.Values.List) {
		if v.Text == "" && (p.EmptyStrings == 0 || v.Count != p.EmptyStrings) {
			return nil
		}
		texts = append(texts, v.Text)
	}
	return texts
}

// examples are some values that may be shown, most frequent first, as they
// are in JSON.
func (p *place) examples(most int) (out []string) {
	for _, v := range byCount(p.Values.List) {
		switch {
		case v.Text == "" || len(out) == most:
		case p.only(shape.String):
			out = append(out, jsonText(v.Text))
		case p.only(shape.Int, shape.Frac) && isNumber(v.Text):
			out = append(out, v.Text)
		}
	}
	return out
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil
}
