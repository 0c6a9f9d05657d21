package shape

import (
	"cmp"
	"slices"
	"strings"
)

// A writer encodes. Besides what it writes it has only scratch memory, so that
// many may encode one shape.
type writer struct {
	out, hashes []byte
	order       []uint64
	cells       []cell
	kids        []*node // a stack: the kids by name of the objects being written
	rows        []*row
}

func (w *writer) hash(step uint32) {
	for ; step >= 0x80; step >>= 7 {
		w.hashes = append(w.hashes, byte(step)|0x80)
	}
	w.hashes = append(w.hashes, byte(step))
}

func (w *writer) uint(v uint64) {
	for ; v >= 0x80; v >>= 7 {
		w.out = append(w.out, byte(v)|0x80)
	}
	w.out = append(w.out, byte(v))
}

func (w *writer) int(v int64) { w.uint(uint64(v<<1) ^ uint64(v>>63)) }

func (w *writer) bytes(b string) {
	w.uint(uint64(len(b)))
	w.out = append(w.out, b...)
}

func (w *writer) flag(v bool) {
	if v {
		w.uint(1)
	} else {
		w.uint(0)
	}
}

// sparse writes which values are not zero, then these.
func (w *writer) sparse(values []uint64) {
	mask := uint64(0)
	for i, v := range values {
		if v != 0 {
			mask |= 1 << i
		}
	}
	w.uint(mask)
	for _, v := range values {
		if v != 0 {
			w.uint(v)
		}
	}
}

func (w *writer) node(n, parent *node) {
	var values [15]uint64
	for i, v := range n.scalars() {
		values[i] = *v
	}
	w.sparse(values[:])
	if n.count == 0 {
		return
	}
	w.int(n.first - parent.first)
	w.int(n.last - parent.last)
	w.sketch(&n.values)
	parts := uint64(0)
	if n.text != nil && (n.text.lengths.count > 0 || n.text.formats.used > 0) {
		parts |= hasText
	}
	if n.kinds[Int]+n.kinds[Frac] > 0 {
		parts |= hasNumbers
	}
	if n.kinds[Array] > 0 {
		parts |= hasList
	}
	if n.kinds[Object] > 0 {
		parts |= hasObject
	}
	w.uint(parts)
	if parts&hasText != 0 {
		w.tally(&n.text.formats)
		w.span(&n.text.lengths)
	}
	if parts&hasNumbers != 0 {
		w.numbers(n.nums)
	}
	if parts&hasList != 0 {
		w.span(&n.list.lengths)
		items := n.list.items
		if w.flag(items != nil && items.count > 0); items != nil && items.count > 0 {
			w.node(items, n)
		}
	}
	if parts&hasObject != 0 {
		w.object(n)
	}
}

func (w *writer) object(n *node) {
	o := n.object
	w.flag(o.rest != nil)
	if o.rest != nil {
		w.uint(o.entries)
		w.sketch(&o.names)
		w.tally(&o.forms)
		if w.flag(o.vague); !o.vague {
			w.sketch(&o.words)
		}
		w.flag(o.rest.count > 0)
		if o.rest.count > 0 {
			w.node(o.rest, n)
		}
		return
	}
	top := len(w.kids)
	kids := w.sorted(o)
	w.uint(uint64(len(kids)))
	for _, k := range kids {
		w.bytes(k.name)
		w.node(k, n)
	}
	w.sketch(&o.sets)
	w.tags(o, kids)
	w.kids = w.kids[:top]
}

// sorted puts the live kids of an object on the stack, by name. Those of a
// decoded one mostly are.
func (w *writer) sorted(o *object) []*node {
	from := len(w.kids)
	for _, k := range o.kids {
		if k.count > 0 {
			w.kids = append(w.kids, k)
		}
	}
	kids := w.kids[from:len(w.kids):len(w.kids)]
	byName := func(a, b *node) int { return strings.Compare(a.name, b.name) }
	if !slices.IsSortedFunc(kids, byName) {
		slices.SortFunc(kids, byName)
	}
	return kids
}

func (w *writer) tally(t *tally) {
	cells := w.cells[:0]
	for _, c := range t.cells {
		if c.count > 0 {
			cells = append(cells, c)
		}
	}
	if len(cells) > 1 {
		slices.SortFunc(cells, func(a, b cell) int { return cmp.Compare(a.key, b.key) })
	}
	w.cells = cells
	w.uint(uint64(len(cells)))
	last := uint32(0)
	for _, c := range cells {
		w.uint(uint64(c.key - last))
		w.uint(c.count)
		last = c.key
	}
}

func (w *writer) span(s *span) {
	w.tally(&s.sizes)
	w.uint(s.min)
	w.uint(s.max - s.min)
}

func (w *writer) numbers(n *numbers) {
	w.tally(&n.places)
	w.tally(&n.hist)
	w.sparse([]uint64{uint64(n.coarse), n.gcd, n.beyond53})
	w.flag(n.ints.seen)
	if n.ints.seen {
		w.int(n.ints.min)
		w.int(n.ints.max)
	}
	w.bytes(string(n.wide.min))
	w.bytes(string(n.wide.max))
}
