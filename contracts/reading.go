package contracts

import (
	"slices"

	"shapewatch/contracts/shape"
)

// maxMaps bounds the maps that a baseline remembers by path.
const maxMaps = 256

// Reading is how the learned shape is read: as the user pinned it, and, where
// the user said nothing, what was once read as a map stays one. A map that has
// few keys today is none the less a map.
func (b *Baseline) Reading() shape.View {
	return shape.View{Maps: slices.Concat(b.pins.Maps, b.maps), Records: b.pins.Records}
}

// read is the learned shape by [Baseline.Reading], which it may teach a map.
func (b *Baseline) read() view {
	v := newView(b.Shape, b.Reading())
	if b.Answers() < settledProbes {
		return v // too early to hold on to anything
	}
	for i := range v.fields {
		f := &v.fields[i]
		if f.IsMap && !f.Truncated && len(b.maps) < maxMaps && !slices.Contains(b.maps, f.Path) && !slices.Contains(b.pins.Maps, f.Path) {
			b.maps = append(b.maps, f.Path)
		}
	}
	return v
}

// agree has both sides of a comparison read alike: by the user's pins, and the
// answer with the maps that were learned.
func (c *Comparison) agree() {
	b := c.Baseline
	if p := c.Policy.View; !slices.Equal(p.Maps, b.pins.Maps) || !slices.Equal(p.Records, b.pins.Records) {
		b.unpool(p.Records)
		b.pins = p
		b.maps = slices.DeleteFunc(b.maps, func(path string) bool { return slices.Contains(p.Records, path) })
		b.seen = view{}
	}
	b.view()
	o, by := c.Observation, b.Reading()
	if o.Shape != nil && o.view().differs(by) {
		o.fields = newView(o.Shape, by)
	}
}

// pool takes the keys of wide maps out of an observation before it is learned:
// nobody asks which they were, and their number would outweigh the record around
// them, which then would be a map as well.
func (b *Baseline) pool(o *Observation) {
	if o.Shape == nil {
		return
	}
	for _, path := range b.Reading().Maps {
		if !b.Shape.Wide(path) {
			continue
		}
		o.Shape.Pool(path)
		if b.Shape.Pool(path) {
			b.keeping.moved = true
		}
		if b.buckets.hour != nil {
			b.buckets.hour.Shape.Pool(path)
		}
	}
}

// unpool forgets what was learned as a wide map and, in the user's word, is a
// record: its fields are learned from now on.
func (b *Baseline) unpool(records []string) {
	for _, path := range records {
		f, ok := b.seen.at(path) // of nothing yet after a restart, which remembers maps alone
		if was := ok && f.IsMap || slices.Contains(b.maps, path); !was || !b.Shape.Wide(path) {
			continue
		}
		b.Shape.Drop(path)
		if b.buckets.hour != nil {
			b.buckets.hour.Shape.Drop(path)
		}
		b.keeping.moved = true
	}
}

// differs reports whether a pin would change how the fields were read.
func (v *view) differs(by shape.View) bool {
	as := func(isMap bool) func(path string) bool {
		return func(path string) bool {
			f, ok := v.at(path)
			return ok && f.Has(shape.Object) && f.IsMap != isMap && !f.Truncated
		}
	}
	return slices.ContainsFunc(by.Maps, as(true)) || slices.ContainsFunc(by.Records, as(false))
}
