package web

import (
	"fmt"
	"strings"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

// Bounds of a drawn shape.
const (
	maxNodes  = 600 // fields drawn
	maxValues = 12  // values of a closed set drawn
	openDepth = 3   // levels unfolded at first
	openWidth = 40  // children up to which such a level is unfolded
)

// A node is one field of a learned shape with what is below it.
type node struct {
	Name      string
	Path      string
	Kinds     string // "string or null"
	Format    string
	Presence  string // "always", "in 380 of 412 answers"
	Share     int    // of answers that had it, percent, for the bar
	Always    bool
	Nulls     string // "3 % null"
	NullShare int    // of its values, percent, for the bar
	Agreed    string // what the contract says of it: "string, always"
	Differs   bool   // from what is observed
	Detail    string // range, length
	Values    []nodeValue
	Private   int    // values of which none is shown
	Seen      string // when the values that came with the field were first seen
	More      int    // values not drawn
	Open      bool
	Children  []*node
}

// A nodeValue is one of a small set of values.
type nodeValue struct {
	Text  string
	Since string // when it was first seen, if it came later than the others
	hash  uint64
}

// A tree is a learned shape, drawn.
type tree struct {
	Root    *node
	Answers uint64 // it was learned from
	Fields  int
	Folded  int // fields beyond the bound, not drawn
}

// newTree arranges the fields of a shape beside what was agreed, nil without a
// contract; nil without any field.
func newTree(fields []shape.Field, agreed *contracts.Schema) *tree {
	if len(fields) == 0 {
		return nil
	}
	t := &tree{Fields: len(fields)}
	byPath := make(map[string]*node, min(len(fields), maxNodes))
	for _, f := range fields {
		n := newNode(f)
		n.agree(f, agreed)
		if f.Path == "" {
			t.Root, t.Answers = n, f.Probes.Of()
			byPath[""] = n
			continue
		}
		parent := byPath[f.Parent]
		if parent == nil || len(byPath) >= maxNodes {
			t.Folded++
			continue
		}
		parent.Children = append(parent.Children, n)
		byPath[f.Path] = n
	}
	if t.Root == nil {
		return nil
	}
	t.Root.unfold(0)
	return t
}

func (n *node) unfold(depth int) {
	n.Open = depth < openDepth && len(n.Children) <= openWidth
	for _, c := range n.Children {
		c.unfold(depth + 1)
	}
}

func newNode(f shape.Field) *node {
	n := &node{Name: fieldName(f), Path: f.Path, Kinds: kinds(f), Format: format(f), Detail: detail(f)}
	n.Presence, n.Share = presence(f)
	n.Always = n.Presence == "always"
	if f.Kinds[shape.Null] > 0 {
		n.Nulls = percent(f.Kinds[shape.Null], f.Count) + " null"
		n.NullShare = int(100 * f.Kinds[shape.Null] / max(f.Count, 1))
	}
	if f.Values.Closed {
		for _, v := range f.Values.List[:min(len(f.Values.List), maxValues)] {
			if v.Text == "" {
				n.Private++
				continue
			}
			n.Values = append(n.Values, nodeValue{Text: clip(40, v.Text), hash: v.Hash})
		}
		n.More = max(0, int(f.Values.Distinct)-len(n.Values)-n.Private)
	}
	return n
}

func fieldName(f shape.Field) string {
	switch {
	case f.Path == "":
		return "answer"
	case strings.HasSuffix(f.Path, "/[]"):
		return "each item"
	case strings.HasSuffix(f.Path, "/{}"):
		return "each key"
	}
	return clip(80, f.Name)
}

// kinds lists the JSON types seen, null last because it is told apart.
func kinds(f shape.Field) string {
	var names []string
	for k := shape.Bool; k < shape.NumKinds; k++ {
		if f.Has(k) && !(k == shape.Int && f.Has(shape.Frac)) {
			names = append(names, k.String())
		}
	}
	if f.Has(shape.Null) {
		names = append(names, "null")
	}
	if f.IsMap {
		return strings.Replace(joined(names, "or"), "object", "map", 1)
	}
	return joined(names, "or")
}

// format is what most values look like, if it is more than plain text.
func format(f shape.Field) string {
	if len(f.Formats) == 0 || f.Formats[0].Format == "" {
		return ""
	}
	top := f.Formats[0]
	if top.Share > 0.995 {
		return top.Format
	}
	return fmt.Sprintf("%s in %s", top.Format, percent(uint64(top.Share*1000), 1000))
}

// presence says how often the field is there, per answer where answers tell
// it apart and per item where items of one answer differ.
func presence(f shape.Field) (words string, share int) {
	of, had := f.Probes.Of(), f.Probes.All+f.Probes.Some
	share = int(100 * float64(f.Count) / float64(max(f.Parents, 1)))
	switch {
	case f.Path == "":
		return "always", 100
	case strings.HasSuffix(f.Path, "/[]") || f.InMap:
		return "", 0
	case of == 0:
		return "never seen with a parent", 0
	case had == of && f.Probes.Some == 0:
		return "always", 100
	case f.Probes.Some > 0:
		return fmt.Sprintf("in %s of the objects that could have it", percent(f.Count, f.Parents)), min(share, 99)
	}
	return fmt.Sprintf("in %s of %s answers", grouped(int64(had)), grouped(int64(of))), int(100 * had / of)
}

// detail is the range of what was seen: numbers, lengths, numbers of items.
func detail(f shape.Field) string {
	switch {
	case f.Items.Count > 0:
		return between(f.Items, "item")
	case (f.Has(shape.Int) || f.Has(shape.Frac)) && f.Numbers.Min != "" && !f.Values.Closed && !isEpoch(f):
		if f.Numbers.Min == f.Numbers.Max {
			return clip(24, f.Numbers.Min)
		}
		return clip(24, f.Numbers.Min) + " to " + clip(24, f.Numbers.Max)
	}
	return ""
}

func isEpoch(f shape.Field) bool {
	return len(f.Formats) > 0 && strings.HasPrefix(f.Formats[0].Format, "epoch")
}

func between(l shape.Lengths, noun string) string {
	if l.Min == l.Max {
		return count(int(l.Min), noun)
	}
	return fmt.Sprintf("%s to %s", grouped(int64(l.Min)), count(int(l.Max), noun))
}

// agree puts what the contract says beside what is observed.
func (n *node) agree(f shape.Field, agreed *contracts.Schema) {
	if agreed == nil || f.InMap {
		return
	}
	at, required := agreed.Lookup(f.Path)
	if at == nil {
		n.Agreed, n.Differs = "not in it", f.Path != ""
		return
	}
	kinds := list(at.Kinds)
	if len(at.Kinds) == 0 {
		kinds = "anything"
	}
	if at.Nullable {
		kinds += " or null"
	}
	if at.Format != "" {
		kinds += " (" + clip(30, at.Format) + ")"
	}
	if required {
		kinds += ", always"
	}
	n.Agreed = clip(80, kinds)
	n.Differs = f.Has(shape.Null) && !at.Nullable && len(at.Kinds) > 0 || required && n.Presence != "" && !n.Always
}
