package shape

// A decoded shape is some thousand small things that live and die together. So
// they are cut out of few large allocations, which the collector has to find,
// mark and sweep once each instead of one by one.

// A slab cuts pieces out of larger allocations.
type slab[T any] struct{ free []T }

// take returns n zero values, without room to grow. When there are too few
// left, about as many as are expected from here on are made, this one included.
func (s *slab[T]) take(n, expected, most int) []T {
	if n > len(s.free) {
		s.free = make([]T, max(n, min(expected, most)))
	}
	out := s.free[:n:n]
	s.free = s.free[n:]
	return out
}

// slabs are those of a reader. What is expected is told from the bytes that are
// left to read: as they get fewer the slabs get smaller, and little is wasted.
type slabs struct {
	nodes   slab[node]
	kids    slab[*node]
	texts   slab[texts]
	numbers slab[numbers]
	lists   slab[list]
	objects slab[object]
	cells   slab[cell]
	hashes  slab[uint32]
	counts  slab[uint64]
	ends    slab[uint16]
	bytes   slab[byte]
	rows    slab[row]
	pairs   slab[pair]
}

// Bytes of an encoded shape for each thing of a kind, as measured on typical
// ones.
const (
	perNode  = 60
	perPart  = 120 // texts, numbers
	perRare  = 900 // lists, objects
	perValue = 16
	perCell  = 12
	perRow   = 200
	perPair  = 8
	perByte  = 12
)

func (r *reader) newNode() *node       { return &r.slabs.nodes.take(1, 1+r.rest()/perNode, 32)[0] }
func (r *reader) newTexts() *texts     { return &r.slabs.texts.take(1, 1+r.rest()/perPart, 64)[0] }
func (r *reader) newNumbers() *numbers { return &r.slabs.numbers.take(1, 1+r.rest()/perPart, 64)[0] }
func (r *reader) newList() *list       { return &r.slabs.lists.take(1, 1+r.rest()/perRare, 64)[0] }
func (r *reader) newObject() *object   { return &r.slabs.objects.take(1, 1+r.rest()/perRare, 32)[0] }
