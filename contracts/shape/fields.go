package shape

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// A View says how to read a shape where reading takes a decision.
type View struct {
	// Maps are the paths of objects whose keys are data, whatever they look
	// like: what was once read as a map stays one when its path is given here.
	Maps []string
	// Records are the paths of objects that are no maps, whatever they look
	// like. A folded object stays a map.
	Records []string
}

// Fields lists every path of the shape, parents before children and siblings
// by name.
func (s *Shape) Fields() []Field { return View{}.Fields(s) }

// Field returns the field at a path.
func (s *Shape) Field(path string) (Field, bool) {
	fields := s.Fields()
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Path == path })
	if i < 0 {
		return Field{}, false
	}
	return fields[i], true
}

// Fields lists every path of a shape as the view has it, parents before
// children and siblings by name.
func (v View) Fields(s *Shape) []Field {
	if s.ready().count == 0 {
		return nil
	}
	r := fieldReader{view: v, shape: s, out: make([]Field, 0, s.root.weight)}
	r.add(s.root, Field{Parents: s.probes, Probes: Presence{All: s.probes}}, 0)
	return r.out
}

type fieldReader struct {
	view   View
	shape  *Shape
	out    []Field
	values slab[Value]
}

// add appends a node's field and those below it. Inside a map, presence per
// probe is not known by key; trials is then the number of probes that had the
// map, and presence per occurrence decides between all and some.
func (r *fieldReader) add(n *node, f Field, trials uint64) {
	n.fill(&f)
	f.Values = n.distinctValues(&r.values)
	f.IsMap = n.kinds[Object] > 0 && r.view.isMap(n, f.Path)
	f.Truncated = n.object != nil && n.object.rest != nil
	if n.kinds[Object] > 0 && !f.IsMap {
		f.Union = n.union(f.Path)
	}
	at := len(r.out)
	r.out = append(r.out, f)
	if n.list != nil && n.list.items != nil && n.list.items.count > 0 {
		items := n.list.items
		c := f.child(itemName)
		c.Parents, c.Probes = items.count, Presence{All: items.all}
		if f.InMap || n.pooled {
			c.Probes.All = trials
		}
		r.add(items, c, trials)
	}
	switch {
	case f.IsMap:
		r.addMap(n, f, trials)
	case n.kinds[Object] > 0:
		for _, kid := range n.object.sorted() {
			r.addKey(n, kid, f, trials)
		}
	}
	for _, below := range r.out[at+1:] {
		r.out[at].Truncated = r.out[at].Truncated || below.Truncated
	}
}

func (r *fieldReader) addKey(n, kid *node, parent Field, trials uint64) {
	c := parent.child(kid.name)
	c.Parents = n.kinds[Object]
	switch {
	case !parent.InMap && !n.pooled:
		c.Probes = Presence{All: kid.all, Some: kid.some, None: n.with - kid.all - kid.some}
	case kid.count == c.Parents:
		c.Probes.All = trials
	default:
		c.Probes.Some = trials
	}
	r.add(kid, c, trials)
}

func (r *fieldReader) addMap(n *node, f Field, trials uint64) {
	if !f.InMap && !n.pooled {
		trials = n.with
	}
	rest := n.mapValues()
	if rest.count == 0 {
		return
	}
	c := f.child(restName)
	c.InMap, c.Parents, c.Probes = true, rest.count, Presence{All: trials}
	r.add(rest, c, trials)
}

func (f Field) child(name string) Field {
	return Field{Path: f.Path + "/" + escapePath(name), Name: name, Parent: f.Path, Depth: f.Depth + 1, InMap: f.InMap}
}

var pathEscaper = strings.NewReplacer("~", "~0", "/", "~1")

func escapePath(name string) string { return pathEscaper.Replace(name) }

func (n *node) fill(f *Field) {
	f.Count, f.Kinds, f.True, f.Duplicates = n.count, n.kinds, n.trues, n.duplicates
	f.First, f.Last = time.Unix(n.first, 0).UTC(), time.Unix(n.last, 0).UTC()
	f.EmptyStrings, f.EmptyArrays, f.EmptyObjects = n.emptyText, n.emptyList, n.emptyObject
	if n.text != nil {
		f.Formats = n.formats()
		f.Lengths = n.text.lengths.view()
	}
	if n.nums != nil {
		f.Numbers = n.nums.view()
	}
	if n.list != nil {
		f.Items = n.list.lengths.view()
	}
}

// mostly is the share from which a class of integers is told as a time: many
// a number is near a time by chance.
const mostly = 0.9

func (n *node) formats() (out []FormatCount) {
	var room [8]cell
	for _, c := range n.text.formats.sorted(room[:0]) {
		f := format(c.key)
		of := n.kinds[String] - n.emptyText
		if f >= epochSeconds && f <= epochNanos {
			if of = n.kinds[Int]; float64(c.count) < mostly*float64(of) {
				continue
			}
		}
		name, detail := f.name()
		i := slices.IndexFunc(out, func(sum FormatCount) bool { return sum.Format == name })
		if i < 0 {
			i, out = len(out), append(out, FormatCount{Format: name})
		}
		sum := &out[i]
		sum.Count += c.count
		sum.Share = float64(sum.Count) / float64(max(of, 1))
		if sum.Detail = detail; sum.Count > c.count {
			sum.Detail = ""
		}
	}
	slices.SortFunc(out, func(a, b FormatCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Format, b.Format))
	})
	return out
}

// name is the name of a format, with the version of a uuid apart.
func (f format) name() (name, detail string) {
	if f >= numFormats {
		return "", ""
	}
	if name, detail, ok := strings.Cut(formatNames[f], "-v"); ok {
		return name, "v" + detail
	}
	return formatNames[f], ""
}

func (n *node) distinctValues(of *slab[Value]) Values {
	s := &n.values
	v := Values{Exact: !s.over, Distinct: s.distinct()}
	if room := len(s.hashes) + int(min(1, n.kinds[Bool])+min(1, n.trues)); room > 0 {
		v.List = of.take(room, 32, 32)[:0]
	}
	for i, h := range s.hashes {
		v.List = append(v.List, Value{Hash: uint64(h), Text: string(s.textOf(i)), Count: s.counts[i]})
	}
	scalars := n.kinds[Int] + n.kinds[Frac] + n.kinds[String]
	if bools := n.kinds[Bool]; bools > 0 {
		scalars += bools
		v.addBool("true", n.trues)
		v.addBool("false", bools-n.trues)
	}
	slices.SortFunc(v.List, func(a, b Value) int { return cmp.Compare(a.Hash, b.Hash) })
	for _, w := range v.List {
		if w.Count == 1 {
			v.Once++
		}
	}
	if scalars > 0 && len(v.List) > 0 {
		once := float64(v.Once) / float64(len(v.List)) * float64(v.Distinct)
		v.Unseen = min(1, once/float64(scalars))
	}
	v.Closed = v.Exact && v.Distinct > 0 && v.Once == 0 && scalars >= 20*v.Distinct
	return v
}

func (v *Values) addBool(text string, count uint64) {
	if count > 0 {
		v.List = append(v.List, Value{Hash: uint64(mix(math.MaxUint64 - uint64(len(text)))), Text: text, Count: count})
		v.Distinct++
	}
}
