package shape

import (
	"encoding/binary"
	"slices"
)

// A reader decodes; after a mistake it yields zeros until it is asked. It moves
// along by index, because a slice that is cut at each step is a pointer written
// at each step, which a collector at work has to be told of.
type reader struct {
	in      []byte
	at      int
	hashes  tail // in version 1 they are in between
	version byte
	shape   *Shape
	left    int // nodes that may still come
	failed  bool
	slabs   slabs
	pairs   []pair // scratch
	text    []byte // scratch: the texts of a sketch
}

// A tail is what is left of some bytes.
type tail struct {
	in []byte
	at int
}

func (r *reader) fail() { r.failed, r.at, r.hashes.at = true, len(r.in), len(r.hashes.in) }

// rest is how many bytes are left.
func (r *reader) rest() int { return len(r.in) - r.at }

func (r *reader) uint() uint64 {
	if r.at < len(r.in) && r.in[r.at] < 0x80 {
		r.at++
		return uint64(r.in[r.at-1])
	}
	v, n := binary.Uvarint(r.in[r.at:])
	if n <= 0 {
		r.fail()
		return 0
	}
	r.at += n
	return v
}

func (r *reader) hash() uint64 {
	v, n := binary.Uvarint(r.hashes.in[r.hashes.at:])
	if n <= 0 {
		r.fail()
		return 0
	}
	r.hashes.at += n
	return v
}

func (r *reader) int() int64 {
	v := r.uint()
	return int64(v>>1) ^ -int64(v&1)
}

// size reads an integer that is at most limit.
func (r *reader) size(limit int) int {
	v := r.uint()
	if v > uint64(limit) {
		r.fail()
		return 0
	}
	return int(v)
}

func (r *reader) flag() bool { return r.size(1) == 1 }

func (r *reader) bytes(limit int) []byte { return r.take(r.size(min(limit, r.rest()))) }

// take reads n bytes.
func (r *reader) take(n int) []byte {
	if r.failed || n > r.rest() {
		r.fail()
		return nil
	}
	r.at += n
	return r.in[r.at-n : r.at]
}

func (r *reader) sparse(values []*uint64) {
	mask := r.uint()
	if mask>>len(values) != 0 {
		r.fail()
	}
	for i, v := range values {
		if *v = 0; mask>>i&1 == 1 {
			*v = r.uint()
		}
	}
}

func (r *reader) node(n, parent *node) {
	if r.left--; r.left < 0 || n.depth > 255 {
		r.fail()
		return
	}
	scalars := n.scalars()
	r.sparse(scalars[:])
	if n.count = n.kinds.Total(); n.count == 0 {
		return
	}
	n.first, n.last = parent.first+r.int(), parent.last+r.int()
	r.sketch(&n.values)
	parts := r.size(15)
	if parts&hasText != 0 {
		n.text = r.newTexts()
		r.tally(&n.text.formats)
		r.span(&n.text.lengths)
	}
	if parts&hasNumbers != 0 {
		n.nums = r.newNumbers()
		r.numbers(n.nums)
	}
	if parts&hasList != 0 {
		n.list = r.newList()
		r.span(&n.list.lengths)
		if r.flag() {
			n.list.items = r.newNode().asItem(n)
			r.node(n.list.items, n)
		}
	}
	if parts&hasObject != 0 {
		r.object(n)
	}
	consistent := (parts&hasObject != 0) == (n.kinds[Object] > 0) && (parts&hasList != 0) == (n.kinds[Array] > 0) &&
		(parts&hasNumbers != 0) == (n.kinds[Int]+n.kinds[Frac] > 0) && (parts&hasText != 0 || n.kinds[String] == 0)
	if !consistent {
		r.fail()
	}
	if !r.failed {
		r.shape.weigh(n)
	}
}

func (r *reader) object(n *node) {
	n.object = r.newObject()
	if r.flag() {
		r.folded(n)
		return
	}
	o, keys := n.object, r.size(min(recordKeys, r.rest()))
	o.expect(keys, r.slabs.kids.take(keys, r.rest()/perNode, 512))
	for last := ""; keys > 0 && !r.failed; keys-- {
		k := r.newNode().asKid(n, wordOf(r.bytes(r.shape.limits.KeyBytes)))
		if k.name <= last && len(o.kids) > 0 {
			r.fail()
			return
		}
		last = k.name
		r.node(k, n)
		if k.count == 0 || o.kid(k.hash) != nil {
			r.fail()
			return
		}
		o.addKid(k)
		o.count(k, 1)
	}
	r.sketch(&o.sets)
	r.tags(o)
}

func (r *reader) folded(n *node) {
	o := n.object
	o.rest = r.newNode().asRest(n)
	o.entries = r.uint()
	r.sketch(&o.names)
	r.tally(&o.forms)
	if o.vague = r.version < 3 || r.flag(); !o.vague {
		r.sketch(&o.words)
	}
	if r.flag() {
		r.node(o.rest, n)
	}
}

func (r *reader) tally(t *tally) {
	key, n := uint64(0), r.size(min(maxTally, r.rest()))
	if size := tallySize(n); size > 0 {
		t.cells = r.slabs.cells.take(size, r.rest()/perCell, 512)
	}
	for i := range n {
		step, count := r.uint(), r.uint()
		if key += step; key > 1<<32-1 || step > 1<<32-1 || i > 0 && step == 0 || count == 0 {
			r.fail()
			return
		}
		t.add(uint32(key), count)
	}
}

func (r *reader) span(s *span) {
	r.tally(&s.sizes)
	for _, c := range s.sizes.cells {
		s.count += c.count
	}
	s.min = r.uint()
	s.max = s.min + r.uint()
}

func (r *reader) numbers(n *numbers) {
	r.tally(&n.places)
	r.tally(&n.hist)
	var coarse uint64
	r.sparse([]*uint64{&coarse, &n.gcd, &n.beyond53})
	if n.coarse = uint8(coarse); coarse > finest+12 || n.hist.used > maxBuckets {
		r.fail()
	}
	if n.ints.seen = r.flag(); n.ints.seen {
		n.ints.min, n.ints.max = r.int(), r.int()
		n.top = n.ints.max
	}
	r.literal(&n.wide.min, &n.wide.low)
	r.literal(&n.wide.max, &n.wide.high)
}

func (r *reader) literal(text *[]byte, near *float64) {
	b := r.bytes(longest + 16)
	if len(b) == 0 {
		return
	}
	var v number
	if b[0] != '-' && !isDigit(b[0]) {
		r.fail()
		return
	}
	if end, problem := scanNumber(b, 0, &v); problem != "" || end != len(b) {
		r.fail()
		return
	}
	*text, *near = slices.Clone(b), v.near()
}
