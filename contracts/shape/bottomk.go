package shape

import (
	"math"
	"slices"
)

const (
	keptExact = 64 // distinct values kept while they are all kept
	keptOver  = 16 // values kept of a larger set, as a uniform sample of its distinct values
	keptIDs   = 64 // the same for ids: a larger sample tells entities of two answers apart
	keptText  = 64 // bytes; longer values are kept as hashes
)

// A sketch keeps the values with the smallest hashes, each with its exact
// count. A value among the smallest of the whole was among the smallest of
// every part in which it occurred, so it was never dropped and its count is
// exact: merging is exactly commutative and associative under the cap,
// without a random number.
//
// One structure gives the exact value set while it is small, the number of
// distinct values, the share of values seen once (hence the probability of a
// new one) and a sample of a large set that is the same on every machine.
type sketch struct {
	hashes []uint32
	counts []uint64
	text   []byte      // the kept texts, one after the other; empty once over
	ends   []uint16    // where each text ends
	index  *[128]uint8 // position+1 by hash, open addressing; nil until it was needed
	listed bool        // the index is of use: there are that many values, and all are kept
	reused bool        // was reset: what is not needed now may be in the next answer
	ids    bool        // keeps keptIDs of a large set
	over   bool        // more than keptExact distinct values were seen
	worst  uint32      // the largest kept hash, once over
}

// room is the number of values kept once over.
func (s *sketch) room() int {
	if s.ids {
		return keptIDs
	}
	return keptOver
}

const indexed = 12 // values from which a table beats a linear scan

// add counts a value; its text may be empty.
func (s *sketch) add(hash uint32, count uint64, text []byte) {
	if s.over && hash > s.worst {
		return
	}
	if i := s.seek(hash); i >= 0 {
		s.counts[i] += count
		return
	}
	s.insert(hash, count, text)
}

// seek is find for a sketch that may be changed: a decoded one has no table
// until somebody looks for many of its values.
func (s *sketch) seek(hash uint32) int {
	if !s.listed && len(s.hashes) >= indexed && !s.over {
		s.tabulate()
	}
	return s.find(hash)
}

func (s *sketch) tabulate() {
	if s.listed = true; s.index == nil {
		s.index = new([128]uint8)
	}
	clear(s.index[:])
	for i := range s.hashes {
		s.enter(i)
	}
}

// find looks for a value and changes nothing.
func (s *sketch) find(hash uint32) int {
	if !s.listed {
		for i, h := range s.hashes {
			if h == hash {
				return i
			}
		}
		return -1
	}
	for slot := hash % 128; s.index[slot] != 0; slot = (slot + 1) % 128 {
		if i := int(s.index[slot]) - 1; s.hashes[i] == hash {
			return i
		}
	}
	return -1
}

func (s *sketch) insert(hash uint32, count uint64, text []byte) {
	if s.over {
		i := s.largest()
		s.hashes[i], s.counts[i] = hash, count
		s.worst = s.hashes[s.largest()]
		return
	}
	s.hashes, s.counts, s.ends = roomier(s.hashes), roomier(s.counts), roomier(s.ends)
	s.hashes, s.counts = append(s.hashes, hash), append(s.counts, count)
	if len(text) <= keptText {
		s.text = append(s.text, text...)
	}
	s.ends = append(s.ends, uint16(len(s.text)))
	switch n := len(s.hashes); {
	case n > keptExact:
		s.overflow()
	case s.listed:
		s.enter(n - 1)
	case n >= indexed:
		s.tabulate()
	}
}

// roomier has room for one more, and then at once for 4, 16 or 64: the values of
// a list come one by one, and to double each time would take twice as many
// allocations.
func roomier[T any](s []T) []T {
	if n := len(s); n == cap(s) && n < keptExact {
		return slices.Grow(s, max(4, min(3*n, keptExact-n)))
	}
	return s
}

func (s *sketch) enter(i int) {
	slot := s.hashes[i] % 128
	for s.index[slot] != 0 {
		slot = (slot + 1) % 128
	}
	s.index[slot] = uint8(i + 1)
}

// overflow leaves the smallest hashes.
func (s *sketch) overflow() {
	s.forget()
	for room := s.room(); len(s.hashes) > room; {
		i, last := s.largest(), len(s.hashes)-1
		s.hashes[i], s.counts[i] = s.hashes[last], s.counts[last]
		s.hashes, s.counts = s.hashes[:last], s.counts[:last]
	}
	s.worst = s.hashes[s.largest()]
}

// forget is over what all values take, and gives up what only that needs.
func (s *sketch) forget() {
	if s.over, s.listed, s.text, s.ends = true, false, s.text[:0], s.ends[:0]; !s.reused {
		s.index, s.text, s.ends = nil, nil, nil
	}
}

func (s *sketch) largest() (at int) {
	for i, h := range s.hashes {
		if h > s.hashes[at] {
			at = i
		}
	}
	return at
}

// textOf is the kept text of value i, empty when it was not kept.
func (s *sketch) textOf(i int) []byte {
	if i >= len(s.ends) {
		return nil
	}
	start := uint16(0)
	if i > 0 {
		start = s.ends[i-1]
	}
	return s.text[start:s.ends[i]]
}

// merge adds the values of o, without their texts when they are private here.
func (s *sketch) merge(o *sketch, private bool) {
	if o.over && !s.over {
		s.forget()
		s.worst = math.MaxUint32
		if len(s.hashes) >= s.room() {
			s.overflow()
		}
	}
	for i, h := range o.hashes {
		var text []byte
		if !private {
			text = o.textOf(i)
		}
		s.mergeOne(h, o.counts[i], text)
	}
}

// mergeOne is add for a sketch that may be over with room left.
func (s *sketch) mergeOne(hash uint32, count uint64, text []byte) {
	if !s.over || len(s.hashes) == s.room() {
		s.add(hash, count, text)
		return
	}
	if i := s.find(hash); i >= 0 {
		s.counts[i] += count
		return
	}
	s.hashes, s.counts = append(s.hashes, hash), append(s.counts, count)
	if len(s.hashes) == s.room() {
		s.worst = s.hashes[s.largest()]
	}
}

func (s *sketch) reset() {
	s.hashes, s.counts, s.text, s.ends = s.hashes[:0], s.counts[:0], s.text[:0], s.ends[:0]
	s.listed, s.reused, s.over, s.worst = false, true, false, 0
}

// distinct is the number of distinct values: exact, or an estimate with a
// relative error of about 27 %, or 13 % for ids.
func (s *sketch) distinct() uint64 {
	if !s.over {
		return uint64(len(s.hashes))
	}
	share := (float64(s.worst) + 1) / (1 << 32)
	return max(keptExact+1, uint64(float64(s.room()-1)/share))
}

// mix spreads an integer over 32 bits (the finaliser of splitmix64).
func mix(v uint64) uint32 {
	v = (v ^ v>>30) * 0xBF58476D1CE4E5B9
	v = (v ^ v>>27) * 0x94D049BB133111EB
	return uint32((v ^ v>>31) >> 32)
}
