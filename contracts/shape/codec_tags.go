package shape

import (
	"cmp"
	"slices"
)

// The tags of an object come after its keys. Which keys have a slot is not
// written: it follows from the keys. A row has one code for each key, which
// for most says all: not there, or in every object of the row.
const (
	codeNone = iota
	codeAll
	codeCounts // counts follow
	codeBits   = 2
)

// whole is what a pair of these kinds has when it is in each of count objects
// and with probes.
func whole(kinds uint8, count, with uint64) pair {
	p := pair{kinds: kinds, count: count, all: with}
	if kinds == 1<<Object {
		p.objects, p.with = count, with
	}
	return p
}

func (p *pair) counts() [5]*uint64 {
	return [...]*uint64{&p.count, &p.objects, &p.with, &p.all, &p.some}
}

func (w *writer) tags(o *object, kids []*node) {
	w.uint(o.tagged)
	for slot, t := range o.tags {
		if t.dead {
			w.uint(0)
			continue
		}
		rows := slices.Clone(t.rows)
		slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.value, b.value) })
		w.uint(uint64(len(rows)) + 1)
		for i := range rows {
			w.rowValue(&t.key.values, rows[i].value)
			w.row(&rows[i], kids, slot < deepTags)
		}
	}
}

// rowValue writes a tag's value as its place among the values of the key, from
// 1, or as a hash after 0.
func (w *writer) rowValue(values *sketch, hash uint32) {
	if values.find(hash) < 0 {
		w.uint(0)
		w.hash(hash)
		return
	}
	place := uint64(1)
	for _, h := range values.hashes {
		if h < hash {
			place++
		}
	}
	w.uint(place)
}

func (r *reader) rowValue(values *sketch) uint32 {
	place := r.size(len(values.hashes))
	if place > 0 {
		return values.hashes[place-1] // they were read in order
	}
	hash := r.hash()
	if hash > 1<<32-1 {
		r.fail()
	}
	return uint32(hash)
}

func (w *writer) row(r *row, kids []*node, deep bool) {
	w.uint(r.count)
	w.uint(r.with)
	for _, k := range kids {
		p := w.pair(r, int32(k.index), -1, r.count, r.with)
		if p == nil || !deep || !k.holds(p) {
			continue
		}
		for _, g := range k.object.sorted() {
			w.pair(r, int32(k.index), int32(g.index), p.objects, p.with)
		}
	}
}

// holds reports whether pairs below a key are kept.
func (n *node) holds(p *pair) bool { return p.kinds>>Object&1 == 1 && n.isRecord() }

func (w *writer) pair(r *row, kid, sub int32, count, with uint64) *pair {
	at, found := r.find(r.guess(kid, sub), kid, sub)
	if !found {
		w.uint(codeNone)
		return nil
	}
	p := &r.pairs[at]
	full := whole(p.kinds, count, with)
	if full.kid, full.sub = kid, sub; full == *p {
		w.uint(uint64(p.kinds)<<codeBits | codeAll)
		return p
	}
	w.uint(uint64(p.kinds)<<codeBits | codeCounts)
	var counts [5]uint64
	for i, v := range p.counts() {
		counts[i] = *v
	}
	w.sparse(counts[:])
	return p
}

// tags reads what is known by tag; version 1 knew nothing.
func (r *reader) tags(o *object) {
	for _, k := range o.kids {
		if k.kinds[String] > 0 {
			k.enroll()
		}
	}
	if r.version < 2 {
		return
	}
	o.tagged = r.uint()
	for slot, t := range o.tags {
		rows := r.size(tagValues+1) - 1
		t.dead = rows < 0
		for i := range rows {
			value := r.rowValue(&t.key.values)
			if r.failed || i > 0 && value <= t.rows[i-1].value {
				r.fail()
				return
			}
			r.row(t, t.addRow(value), o.kids, slot < deepTags)
		}
	}
}

func (r *reader) row(t *tag, into *row, kids []*node, deep bool) {
	into.count, into.with = r.uint(), r.uint()
	if into.pairs == nil {
		into.pairs = make([]pair, 0, min(len(kids), len(r.in)))
	}
	for i, k := range kids {
		p, found := r.pair(into.count, into.with)
		if !found {
			continue
		}
		if t.used++; t.used > tagPairs {
			r.fail()
			return
		}
		p.kid, p.sub = int32(i), -1
		into.pairs = append(into.pairs, p)
		if !deep || !k.holds(&p) {
			continue
		}
		for j := range k.object.kids {
			if below, found := r.pair(p.objects, p.with); found {
				below.kid, below.sub = int32(i), int32(j)
				into.pairs = append(into.pairs, below)
			}
		}
	}
}

func (r *reader) pair(count, with uint64) (p pair, found bool) {
	code := r.size(1<<(NumKinds+codeBits) - 1)
	kinds := uint8(code >> codeBits)
	switch code & (1<<codeBits - 1) {
	case codeNone:
		return p, false
	case codeAll:
		p = whole(kinds, count, with)
	case codeCounts:
		p.kinds = kinds
		counts := p.counts()
		r.sparse(counts[:])
	default:
		r.fail()
	}
	if p.count == 0 || p.kinds == 0 {
		r.fail()
	}
	return p, !r.failed
}
