package contracts

import (
	"strings"

	"shapewatch/contracts/shape"
)

// A view is the fields of a shape, in its order and by path.
type view struct {
	fields []shape.Field
	byPath map[string]int
}

func newView(s *shape.Shape, by shape.View) view {
	if s == nil {
		return view{byPath: map[string]int{}}
	}
	v := view{fields: by.Fields(s)}
	v.byPath = make(map[string]int, len(v.fields))
	for i := range v.fields {
		v.byPath[v.fields[i].Path] = i
	}
	return v
}

func (v *view) at(path string) (*shape.Field, bool) {
	i, ok := v.byPath[path]
	if !ok {
		return nil, false
	}
	return &v.fields[i], true
}

// view reads the fields of the observation's shape on first use.
func (o *Observation) view() *view {
	if o.fields.byPath == nil {
		o.fields = newView(o.Shape, shape.View{})
	}
	return &o.fields
}

// learned reads the fields of the baseline's shape.
func (c *Comparison) learned() *view { return c.Baseline.view() }

// Before returns the fields that were learned. The slice is shared: read only.
func (c *Comparison) Before() []shape.Field { return c.learned().fields }

// Now returns the fields of the observation. The slice is shared: read only.
func (c *Comparison) Now() []shape.Field { return c.Observation.view().fields }

// BeforeAt returns the learned field at a path; it is shared: read only.
func (c *Comparison) BeforeAt(path string) (*shape.Field, bool) { return c.learned().at(path) }

// NowAt returns the observed field at a path; it is shared: read only.
func (c *Comparison) NowAt(path string) (*shape.Field, bool) {
	return c.Observation.view().at(path)
}

// A Pair is a field as it was learned and as it is now.
type Pair struct {
	Path        string
	Before, Now *shape.Field // shared: read only
}

// Both returns the fields that were learned in enough probes and are there
// now, outside maps, where keys are data. The slice is shared: read only.
func (c *Comparison) Both() []Pair {
	if c.both != nil {
		return c.both
	}
	learned, now := c.learned(), c.Observation.view()
	c.both, c.strange = make([]Pair, 0, len(now.fields)), 0
	for i := range now.fields {
		f := &now.fields[i]
		old, ok := learned.at(f.Path)
		if !ok {
			c.strange++
		}
		if ok && !f.InMap && !old.InMap && old.Probes.All+old.Probes.Some >= c.Least() {
			c.both = append(c.both, Pair{f.Path, old, f})
		}
	}
	return c.both
}

// Strange is how many paths of the observation were never learned.
func (c *Comparison) Strange() int {
	c.Both()
	return c.strange
}

// Least is how many probes must have seen a place before it is judged: a calm
// watcher wants fifteen, one that gets a few samples a year takes one.
func (c *Comparison) Least() uint64 {
	if c.Policy.Sensitivity == Snapshot {
		return 1
	}
	return settledProbes
}

// Holds reports whether the observation had an object with keys at path, so
// that the absence of a key there means something. Empty is no evidence.
func (c *Comparison) Holds(path string) bool {
	return c.Observation.view().holds(path)
}

func (v *view) holds(path string) bool {
	f, ok := v.at(path)
	return ok && f.Kinds[shape.Object] > f.EmptyObjects
}

// holdsKey reports whether there is anything at path, null included.
func (v *view) holdsKey(path string) bool {
	_, ok := v.byPath[path]
	return ok
}

// has reports whether there was a value, other than null, at path.
func (v *view) has(path string) bool {
	f, ok := v.at(path)
	return ok && f.Count > f.Kinds[shape.Null]
}

// ParentOf returns the path above a path: "/data/[]" of "/data/[]/id", "" of "/id".
func ParentOf(path string) string {
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return ""
}
