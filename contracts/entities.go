package contracts

import (
	"strings"

	"shapewatch/contracts/shape"
)

// countEntities says of every finding that holds for some entities of a list
// only, how many of the list's entities were never seen before. One that was
// known and changed is evidence; one that was born so may be content.
func (c *Comparison) countEntities() {
	lists := c.lists
	for i := range c.Found {
		e := &c.Found[i].Evidence
		e.Fresh = 1
		if (e.Rule.Varies || e.Rule.Returns == Things) && strings.HasPrefix(c.Found[i].Path, "/") && c.Observation.Shape != nil {
			if lists == nil {
				lists = c.Observation.Shape.Lists()
			}
			if id := c.identity(lists, c.Found[i].Path); id != "" {
				e.Census = c.census(id, &c.Found[i])
			}
		}
		if e.NowOf <= 1 || e.NowSeen == e.NowOf && !e.falls() || e.NowSeen == 0 && e.falls() || !strings.Contains(c.Found[i].Path, "/[]") {
			continue
		}
		if lists == nil {
			lists = c.Observation.Shape.Lists()
		}
		if id := keyPath(lists, c.Found[i].Path); id != "" {
			e.Fresh = c.novelty(id)
		}
	}
}

// keyPath is the path of the field that tells the entities of the innermost
// list around a path apart; "" when there is none.
func keyPath(lists []shape.List, path string) (key string) {
	longest := -1
	for _, l := range lists {
		if l.Key != "" && below(path, l.Path+"/[]") && len(l.Path) > longest {
			key, longest = l.Path+"/[]/"+l.Key, len(l.Path)
		}
	}
	return key
}

// novelty is the share of ids in this answer that no earlier answer had,
// whether it was learned or is held.
func (c *Comparison) novelty(id string) float64 {
	now, ok := c.NowAt(id)
	if !ok {
		return 1
	}
	var known sketch
	if old, ok := c.BeforeAt(id); ok {
		known.add(old)
	}
	for _, h := range c.Baseline.held {
		if f, ok := h.Shape.Field(id); ok {
			known.add(&f)
		}
	}
	share, sure := known.unseen(now)
	if sure {
		return share
	}
	return c.unheld(id, now)
}

// unheld stands in where more things were learned than are told apart: a thing
// is known when the answer before showed it, or one that is held.
func (c *Comparison) unheld(id string, now *shape.Field) (share float64) {
	held := map[uint64]bool{}
	for _, h := range c.Baseline.held {
		if f, ok := h.Shape.Field(id); ok {
			for _, v := range f.Values.List {
				held[v.Hash] = true
			}
		}
	}
	last := c.Baseline.pulse(id)
	for _, v := range now.Values.List {
		if !held[v.Hash] && (last == nil || last.Sum != uint32(v.Hash)) {
			share += 1 / float64(len(now.Values.List))
		}
	}
	return min(share, 1)
}

// strange is the share of ids in this answer that were not learned.
func strange(old, now *shape.Field) float64 {
	var known sketch
	known.add(old)
	share, _ := known.unseen(now)
	return share
}

// A sketch knows all values below a hash: the kept values of a field are those
// with the smallest ones, whatever answer they came in.
type sketch struct {
	seen map[uint64]bool
	upTo uint64 // 0 means all
}

func (s *sketch) add(f *shape.Field) {
	if s.seen == nil {
		s.seen = make(map[uint64]bool, len(f.Values.List))
	}
	var top uint64
	for _, v := range f.Values.List {
		s.seen[v.Hash] = true
		top = max(top, v.Hash)
	}
	if !f.Values.Exact && (s.upTo == 0 || top < s.upTo) {
		s.upTo = top
	}
}

// unseen is the share of a field's values that the sketch has not, among those
// that it would know; 1 and false when there is none.
func (s *sketch) unseen(f *shape.Field) (share float64, sure bool) {
	var fresh, of float64
	for _, v := range f.Values.List {
		if s.upTo > 0 && v.Hash > s.upTo {
			continue
		}
		of++
		if !s.seen[v.Hash] {
			fresh++
		}
	}
	if of == 0 {
		return 1, false
	}
	return fresh / of, true
}

// hasVariant reports whether the observation has an object of a variant.
func (o *Observation) hasVariant(v *VariantRef) bool {
	if o.Shape == nil {
		return false
	}
	for _, known := range o.Shape.Variants(v.Path, v.Tag) {
		if known.Hash == v.Hash && known.Count > 0 {
			return true
		}
	}
	return false
}
