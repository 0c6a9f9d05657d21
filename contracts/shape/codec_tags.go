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
	codeForms  // formats follow, which are not those of all values of the key, then one of the above
	codeBits   = 2
)

// whole is what a pair of these kinds has when it is in each of count objects
// and with probes.
func whole(kinds uint8, count, with uint64) pair {
	p := pair{looks: looksOf(kinds, 0), count: count, all: with}
	if kinds == 1<<Object {
		p.objects, p.with = count, with
	}
	return p
}

func (p *pair) counts() [5]*uint64 {
	return [...]*uint64{&p.count, &p.objects, &p.with, &p.all, &p.some}
}

// isWhole reports whether a pair has what whole says.
func (p *pair) isWhole(count, with uint64) bool {
	if p.count != count || p.all != with || p.some != 0 {
		return false
	}
	if p.looks.kinds() == 1<<Object {
		return p.objects == count && p.with == with
	}
	return p.objects == 0 && p.with == 0
}

func (w *writer) tags(o *object, kids []*node) {
	w.uint(o.tagged)
	below := w.below(o, kids)
	for slot, t := range o.tags {
		if t.dead {
			w.uint(0)
			continue
		}
		rows := w.rows[:0]
		for i := range t.rows {
			rows = append(rows, &t.rows[i])
		}
		slices.SortFunc(rows, func(a, b *row) int { return cmp.Compare(a.value, b.value) })
		w.rows = rows
		code := (uint64(len(rows)) + 1) << 1
		if t.vague {
			code |= 1
		}
		w.uint(code)
		for _, r := range rows {
			w.rowValue(&t.key.values, r.value)
			if slot < deepTags {
				w.row(t, r, kids, below)
			} else {
				w.row(t, r, kids, nil)
			}
		}
	}
}

// below are, for each kid, its own kids by name where it is a record and any
// tag needs them.
func (w *writer) below(o *object, kids []*node) (below [][]*node) {
	if !slices.ContainsFunc(o.tags, func(t *tag) bool { return len(t.rows) > 0 }) {
		return nil
	}
	below = make([][]*node, len(kids))
	for i, k := range kids {
		if k.isRecord() {
			below[i] = w.sorted(k.object)
		}
	}
	return below
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

// row writes a row; below is nil where what lies below the kids is not kept.
func (w *writer) row(t *tag, r *row, kids []*node, below [][]*node) {
	w.uint(r.count)
	w.uint(r.with)
	at := 0
	for i, k := range kids {
		p := w.pair(t, r, &at, k, int32(k.index), -1, r.count, r.with)
		if p == nil || below == nil || !k.holds(p) {
			continue
		}
		for _, g := range below[i] {
			w.pair(t, r, &at, g, int32(k.index), int32(g.index), p.objects, p.with)
		}
	}
}

// holds reports whether pairs below a key are kept.
func (n *node) holds(p *pair) bool { return p.looks.kinds()>>Object&1 == 1 && n.isRecord() }

// pair writes one of a node, if it is there; hint is where it may be, and then
// where the next one may.
func (w *writer) pair(t *tag, r *row, hint *int, n *node, kid, sub int32, count, with uint64) *pair {
	at, found := r.find(r.near(*hint, kid, sub), kid, sub)
	if !found {
		w.out = append(w.out, codeNone)
		return nil
	}
	*hint = at + 1
	p := &r.pairs[at]
	kinds := p.looks.kinds()
	if own := p.looks.forms() ^ n.forms(kinds); own != 0 && !t.vague {
		w.uint(codeForms)
		w.uint(uint64(own))
	}
	if p.isWhole(count, with) {
		w.uint(uint64(kinds)<<codeBits | codeAll)
		return p
	}
	w.uint(uint64(kinds)<<codeBits | codeCounts)
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
		rows := r.rows(t)
		if t.dead = rows <= 0; t.dead {
			t.dead = rows < 0
			continue
		}
		t.rows = r.slabs.rows.take(rows, r.rest()/perRow, 64)
		for i := range t.rows {
			t.rows[i].value = r.rowValue(&t.key.values)
			if r.failed || i > 0 && t.rows[i].value <= t.rows[i-1].value {
				r.fail()
				return
			}
			r.row(t, &t.rows[i], o.kids, slot < deepTags)
		}
	}
}

// rows reads how many rows a tag has; -1 when it is dead.
func (r *reader) rows(t *tag) int {
	if r.version < 4 {
		rows := r.size(tagValues+1) - 1
		t.vague = rows > 0
		return rows
	}
	code := r.size(2*tagValues + 3)
	if t.vague = code&1 == 1; code == 1 {
		r.fail()
	}
	return code>>1 - 1
}

// row reads the pairs of a row, which take exactly the memory they need.
func (r *reader) row(t *tag, into *row, kids []*node, deep bool) {
	into.count, into.with = r.uint(), r.uint()
	r.pairs = r.pairs[:0]
	for i, k := range kids {
		p := r.nextPair(t, k, i, -1, into.count, into.with)
		if p == nil {
			continue
		}
		t.used++
		if !deep || !k.holds(p) {
			continue
		}
		objects, with := p.objects, p.with
		for j, g := range k.object.kids {
			r.nextPair(t, g, i, j, objects, with)
		}
	}
	if t.used > tagPairs {
		r.fail()
		return
	}
	into.pairs = r.slabs.pairs.take(len(r.pairs), r.rest()/perPair, 256)
	copy(into.pairs, r.pairs)
}

// nextPair adds a pair of a node to those of a row; nil when there is none.
func (r *reader) nextPair(t *tag, n *node, kid, sub int, count, with uint64) *pair {
	if r.at < len(r.in) && r.in[r.at] == codeNone { // most often
		r.at++
		return nil
	}
	own := r.ownForms()
	p, found := r.pair(count, with)
	if own != 0 && (!found || t.vague) {
		r.fail()
	}
	if !found {
		return nil
	}
	if !t.vague {
		p.looks |= looksOf(0, n.forms(p.looks.kinds())^own)
	}
	p.kid, p.sub = int32(kid), int32(sub)
	r.pairs = append(r.pairs, p)
	return &r.pairs[len(r.pairs)-1]
}

// ownForms reads how the formats of a pair differ from those of all values.
func (r *reader) ownForms() formSet {
	if r.version < 4 || r.at >= len(r.in) || r.in[r.at] != codeForms {
		return 0
	}
	r.at++
	own := r.uint()
	if own == 0 || own>>formless != 0 {
		r.fail()
	}
	return formSet(own)
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
		p.looks = looksOf(kinds, 0)
		counts := p.counts()
		r.sparse(counts[:])
	default:
		r.fail()
	}
	if p.count == 0 || p.looks.kinds() == 0 {
		r.fail()
	}
	return p, !r.failed
}
