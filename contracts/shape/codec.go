package shape

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/xxh3"
)

// The encoding is "SW", a version byte, then one zstd frame. The payload is a
// pre-order walk of the live nodes, siblings by name, every table sorted, every
// integer a varint; so equal states have equal bytes. A new version gets a new
// version byte, and its reader keeps the older ones.
const (
	magic   = "SW"
	version = 1
	// maxPayload bounds what a decoder unpacks; 4,096 full nodes need less.
	maxPayload = 64 << 20
)

var (
	packer = sync.OnceValues(func() (*zstd.Encoder, error) {
		return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(2), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(true))
	})
	unpacker = sync.OnceValues(func() (*zstd.Decoder, error) {
		return zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(maxPayload), zstd.WithDecoderLowmem(true))
	})
)

// MarshalBinary encodes the state. Equal states have equal bytes.
func (s *Shape) MarshalBinary() ([]byte, error) {
	zip, err := packer()
	if err != nil {
		return nil, fmt.Errorf("encode shape: %w", err)
	}
	return zip.EncodeAll(s.payload(), []byte{magic[0], magic[1], version}), nil
}

func (s *Shape) payload() []byte {
	w := &writer{}
	l := s.limits
	for _, v := range []int{l.Nodes, l.Depth, l.Keys, l.KeyBytes} {
		w.uint(uint64(v))
	}
	w.uint(uint64(l.Body))
	w.uint(s.probes)
	w.node(s.root, &node{})
	return w.out
}

// UnmarshalBinary replaces the shape by what MarshalBinary wrote. Any other
// input is an error.
func (s *Shape) UnmarshalBinary(encoded []byte) error {
	if len(encoded) < 3 || string(encoded[:2]) != magic {
		return errors.New("decode shape: not an encoded shape")
	}
	if encoded[2] != version {
		return fmt.Errorf("decode shape: version %d is newer than this program", encoded[2])
	}
	zip, err := unpacker()
	if err != nil {
		return fmt.Errorf("decode shape: %w", err)
	}
	payload, err := zip.DecodeAll(encoded[3:], nil)
	if err != nil {
		return fmt.Errorf("decode shape: %w", err)
	}
	t, err := fromPayload(payload)
	if err != nil {
		return fmt.Errorf("decode shape: %w", err)
	}
	*s = *t
	return nil
}

var errDamaged = errors.New("damaged content")

func fromPayload(payload []byte) (*Shape, error) {
	r := &reader{in: payload}
	s := New(Limits{Nodes: r.size(1 << 20), Depth: r.size(250), Keys: r.size(1 << 30), KeyBytes: r.size(1 << 20), Body: int64(r.size(1 << 40))})
	s.probes = r.uint()
	r.shape, r.left = s, 4*s.limits.Nodes+1024
	r.node(s.root, &node{})
	if r.failed || len(r.in) > 0 {
		return nil, errDamaged
	}
	return s, nil
}

// scalars are the plain counters of a node in the order of the encoding:
// append only.
func (n *node) scalars() [17]*uint64 {
	return [...]*uint64{
		&n.kinds[Null], &n.kinds[Bool], &n.kinds[Int], &n.kinds[Frac], &n.kinds[String], &n.kinds[Object], &n.kinds[Array],
		&n.trues, &n.duplicates, &n.all, &n.some, &n.with, &n.emptyText, &n.emptyList, &n.emptyObject,
		new(uint64), new(uint64),
	}
}

type writer struct{ out []byte }

func (w *writer) uint(v uint64) { w.out = binary.AppendUvarint(w.out, v) }
func (w *writer) int(v int64)   { w.out = binary.AppendVarint(w.out, v) }
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

const (
	hasText = 1 << iota
	hasNumbers
	hasList
	hasObject
)

func (w *writer) node(n, parent *node) {
	values := make([]uint64, 0, 17)
	for _, v := range n.scalars() {
		values = append(values, *v)
	}
	w.sparse(values)
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
		w.flag(o.rest.count > 0)
		if o.rest.count > 0 {
			w.node(o.rest, n)
		}
		return
	}
	kids := o.sorted()
	w.uint(uint64(len(kids)))
	for _, k := range kids {
		w.bytes(k.name)
		w.node(k, n)
	}
	w.sketch(&o.sets)
	w.variants(&o.tags)
}

// sorted lists the live kids by name.
func (o *object) sorted() []*node {
	kids := make([]*node, 0, o.live)
	for _, k := range o.kids {
		if k.count > 0 {
			kids = append(kids, k)
		}
	}
	slices.SortFunc(kids, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	return kids
}

func (w *writer) variants(v *variants) {
	w.flag(v.dead)
	w.uint(uint64(len(v.tags)))
	for _, t := range v.tags {
		w.uint(t.name)
		w.flag(t.dead)
		w.uint(uint64(len(t.values)))
		for i := range t.values {
			w.uint(uint64(t.values[i].hash))
			w.bytes(t.values[i].text)
			w.uint(t.values[i].count)
			w.tally(&t.values[i].paths)
		}
	}
}

func (w *writer) tally(t *tally) {
	cells := t.sorted()
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

func (w *writer) sketch(s *sketch) {
	order := make([]int, len(s.hashes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(s.hashes[a], s.hashes[b]) })
	w.flag(s.over)
	w.uint(uint64(len(order)))
	last := uint32(0)
	for _, i := range order {
		w.uint(uint64(s.hashes[i] - last))
		w.uint(s.counts[i])
		if !s.over {
			w.bytes(string(s.textOf(i)))
		}
		last = s.hashes[i]
	}
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

// A reader decodes; after a mistake it yields zeros until it is asked.
type reader struct {
	in     []byte
	shape  *Shape
	left   int // nodes that may still come
	failed bool
}

func (r *reader) fail() { r.failed, r.in = true, nil }

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.in)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.in = r.in[n:]
	return v
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.in)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.in = r.in[n:]
	return v
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

func (r *reader) bytes(limit int) []byte {
	n := r.size(min(limit, len(r.in)))
	if r.failed || n > len(r.in) {
		r.fail()
		return nil
	}
	b := r.in[:n]
	r.in = r.in[n:]
	return b
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
		r.tally(&n.texts().formats)
		r.span(&n.texts().lengths)
	}
	if parts&hasNumbers != 0 {
		r.numbers(n.numbers())
	}
	if parts&hasList != 0 {
		r.span(&n.lists().lengths)
		if r.flag() {
			n.list.items = newItem(n)
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
	o := n.objects()
	if r.flag() {
		o.rest = newRest(n)
		o.entries = r.uint()
		r.sketch(&o.names)
		r.tally(&o.forms)
		if r.flag() {
			r.node(o.rest, n)
		}
		return
	}
	last := ""
	for i := r.size(recordKeys); i > 0 && !r.failed; i-- {
		name := string(r.bytes(r.shape.limits.KeyBytes))
		if name <= last && len(o.kids) > 0 {
			r.fail()
			return
		}
		last = name
		k := newKid(n, name, xxh3.HashString(name))
		r.node(k, n)
		if k.count == 0 || o.kid(k.hash) != nil {
			r.fail()
			return
		}
		o.addKid(k)
		o.live++
	}
	r.sketch(&o.sets)
	r.variants(&o.tags)
}

func (r *reader) variants(v *variants) {
	v.dead = r.flag()
	v.tags = make([]tagField, r.size(maxTags))
	for i := range v.tags {
		t := &v.tags[i]
		t.name, t.dead = r.uint(), r.flag()
		if i > 0 && t.name <= v.tags[i-1].name {
			r.fail()
		}
		t.values = make([]variant, r.size(maxVariants))
		for j := range t.values {
			value := &t.values[j]
			value.hash, value.text, value.count = uint32(r.uint()), string(r.bytes(keptText)), r.uint()
			r.tally(&value.paths)
			if j > 0 && value.hash <= t.values[j-1].hash {
				r.fail()
			}
		}
	}
}

func (r *reader) tally(t *tally) {
	key := uint64(0)
	for i := range r.size(2 * variantPaths) {
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

func (r *reader) sketch(s *sketch) {
	s.over = r.flag()
	limit := keptExact
	if s.over {
		limit = s.room()
	}
	hash := uint64(0)
	n := r.size(limit)
	if s.over && n != s.room() {
		r.fail()
		return
	}
	over := s.over
	s.over = false
	for i := range n {
		step, count := r.uint(), r.uint()
		var text []byte
		if !over {
			text = r.bytes(keptText)
		}
		if hash += step; hash > 1<<32-1 || step > 1<<32-1 || i > 0 && step == 0 || count == 0 {
			r.fail()
			return
		}
		s.insert(uint32(hash), count, text)
	}
	if over {
		s.overflow()
	}
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
