package shape

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// Fields lists every path of the shape, parents before children and siblings
// by name.
func (s *Shape) Fields() []Field {
	if s.root.Count == 0 {
		return nil
	}
	var out []Field
	root := Field{Parents: s.probes, Probes: Presence{All: s.probes}}
	return appendFields(out, s.root, root)
}

// Field returns the field at a path.
func (s *Shape) Field(path string) (Field, bool) {
	fields := s.Fields()
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Path == path })
	if i < 0 {
		return Field{}, false
	}
	return fields[i], true
}

func appendFields(out []Field, n *node, f Field) []Field {
	n.fill(&f)
	out = append(out, f)
	below := func(name string) Field {
		return Field{Path: f.Path + "/" + escape(name), Name: name, Parent: f.Path, Depth: f.Depth + 1}
	}
	if n.Items != nil {
		c := below("[]")
		c.Parents, c.Probes = n.Items.Count, Presence{All: n.Items.All}
		out = appendFields(out, n.Items, c)
	}
	for _, name := range slices.Sorted(maps.Keys(n.Children)) {
		child, c := n.Children[name], below(name)
		c.Parents = n.Kinds[Object]
		c.Probes = Presence{All: child.All, Some: child.Some, None: n.Objects - child.All - child.Some}
		out = appendFields(out, child, c)
	}
	return out
}

func (n *node) fill(f *Field) {
	f.Count, f.Kinds = n.Count, n.Kinds
	f.First, f.Last = time.Unix(n.First, 0).UTC(), time.Unix(n.Last, 0).UTC()
	f.EmptyStrings, f.EmptyArrays, f.EmptyObjects = n.EmptyStr, n.EmptyArr, n.EmptyObj
	for name, c := range n.Formats {
		f.Formats = append(f.Formats, FormatCount{name, c, float64(c) / float64(n.Kinds[String])})
	}
	slices.SortFunc(f.Formats, func(a, b FormatCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Format, b.Format))
	})
	f.Values = n.values()
	f.Numbers = Numbers{Min: n.Min, Max: n.Max, GCD: n.GCD, Decimals: n.Decimals, Beyond53: n.Beyond53}
	f.Lengths, f.Items = n.Str.view(), n.Arr.view()
}

func (n *node) values() Values {
	v := Values{Exact: !n.Over, Distinct: uint64(len(n.Values))}
	var total uint64
	for _, w := range n.Values {
		v.List = append(v.List, Value(w))
		total += w.Count
		if w.Count == 1 {
			v.Once++
		}
	}
	if n.Over {
		v.Distinct = uint64((keptValues - 1) / (float64(n.Values[keptValues-1].Hash) / math.MaxUint64))
	}
	if total > 0 {
		v.Unseen = float64(v.Once) / float64(total)
	}
	v.Closed = v.Exact && v.Distinct > 0 && v.Once == 0 && total >= 20*v.Distinct
	return v
}

func (l *lengths) view() Lengths {
	v := Lengths{Count: l.N, Min: l.Min, Max: l.Max}
	var seen uint64
	for _, b := range slices.Sorted(maps.Keys(l.Log)) {
		if seen += l.Log[b]; 2*seen >= l.N {
			v.Median = min(max(bucketLength(b), l.Min), l.Max)
			break
		}
	}
	return v
}

func bucketLength(b int) uint64 {
	if b <= 8 {
		return uint64(b)
	}
	return 3 << (b - 7)
}

func escape(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// A List is an array of objects: entities, one per item.
type List struct {
	Path  string  // of the array: "/data"
	Items Lengths // its length
	Key   string  // name of the field that tells the items apart: "id"; "" when none does
}

// Lists finds the lists of entities, outermost and longest first; the first is
// the main list.
func (s *Shape) Lists() (lists []List) {
	fields := s.Fields()
	for _, f := range fields {
		items, ok := s.Field(f.Path + "/[]")
		if !f.Has(Array) || (ok && !items.Has(Object) && f.Path != "") {
			continue
		}
		l := List{Path: f.Path, Items: f.Items}
		for _, c := range fields {
			if c.Parent == items.Path && ok && l.Key == "" && (c.Name == "id" || c.Name == "uuid" || c.Name == "key") {
				l.Key = c.Name
			}
		}
		lists = append(lists, l)
	}
	slices.SortStableFunc(lists, func(a, b List) int {
		return cmp.Or(strings.Count(a.Path, "/")-strings.Count(b.Path, "/"), cmp.Compare(b.Items.Max, a.Items.Max))
	})
	return lists
}
