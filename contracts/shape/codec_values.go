package shape

import (
	"slices"
	"strconv"

	"github.com/zeebo/xxh3"
)

// The values of a sketch are written by hash, their counts after them. A value
// whose text is kept is written as its text alone where the hash follows from
// it, which is nearly always: hashes are what a compressor cannot make smaller.

// How a hash follows from a text.
const (
	byItself  = iota // it does not: the hash is written
	asString         // of the text
	asInteger        // of the number, when it fits in 64 bits
	asInt            // of the literal and its kind
	asFrac
	numOrigins
	originBits = 3
)

// hashOf is the hash of a text of an origin.
func hashOf(origin int, text []byte) (hash uint32, ok bool) {
	switch origin {
	case asString:
		return uint32(xxh3.Hash(text) >> 32), true
	case asInteger:
		if last := text[len(text)-1]; !isDigit(last) { // spares an error made to be thrown away
			return 0, false
		}
		i, err := strconv.ParseInt(string(text), 10, 64)
		return mix(uint64(i) + 1), err == nil
	case asInt:
		return uint32(xxh3.HashSeed(text, uint64(Int)) >> 32), true
	case asFrac:
		return uint32(xxh3.HashSeed(text, uint64(Frac)) >> 32), true
	}
	return 0, false
}

// originOf tells how a hash follows from a text.
func originOf(hash uint32, text []byte) int {
	if len(text) == 0 {
		return byItself
	}
	for origin := asString; origin < numOrigins; origin++ {
		if h, ok := hashOf(origin, text); ok && h == hash {
			return origin
		}
	}
	return byItself
}

func (w *writer) sketch(s *sketch) {
	order := w.order[:0]
	for i, h := range s.hashes {
		order = append(order, uint64(h)<<32|uint64(i))
	}
	slices.Sort(order)
	w.order = order
	w.flag(s.over)
	w.uint(uint64(len(order)))
	last := uint32(0)
	for _, o := range order {
		i := int(uint32(o))
		hash, text, origin := s.hashes[i], s.textOf(i), byItself
		if !s.over {
			origin = originOf(hash, text)
			w.uint(uint64(len(text))<<originBits | uint64(origin))
		}
		if origin == byItself {
			w.hash(hash - last)
			last = hash
		}
		if !s.over {
			w.out = append(w.out, text...)
		}
	}
	for _, o := range order {
		w.uint(s.counts[uint32(o)])
	}
}

// sketch reads what the writer wrote; version 1 wrote every hash.
func (r *reader) sketch(s *sketch) {
	over := r.flag()
	limit := keptExact
	if s.over = over; over {
		limit = s.room()
	}
	n := r.size(limit)
	if over && n != s.room() {
		r.fail()
		return
	}
	s.hashes, s.counts = r.slabs.hashes.take(n, r.rest()/perValue, 2048), r.slabs.counts.take(n, r.rest()/perValue, 1024)
	if !over {
		s.ends = r.slabs.ends.take(n, r.rest()/perValue, 2048)
	}
	r.text = r.text[:0]
	if r.version < 2 {
		r.oldValues(s, over)
	} else {
		r.values(s, over)
	}
	for i := range s.hashes {
		if i > 0 && s.hashes[i] <= s.hashes[i-1] || s.counts[i] == 0 {
			r.fail()
			return
		}
	}
	switch {
	case r.failed:
	case over:
		s.worst = s.hashes[n-1]
	default:
		s.text = r.slabs.bytes.take(len(r.text), r.rest()/perByte, 2048)
		copy(s.text, r.text)
	}
}

func (r *reader) values(s *sketch, over bool) {
	last := uint64(0)
	for i := range s.hashes {
		length, origin := 0, byItself
		if !over {
			code := r.size(keptText<<originBits | numOrigins - 1)
			length, origin = code>>originBits, code&(1<<originBits-1)
		}
		if origin == byItself {
			step := r.hash()
			if last += step; step > 1<<32-1 || last > 1<<32-1 {
				r.fail()
				return
			}
		}
		hash, text := uint32(last), r.take(length)
		if origin != byItself {
			ok := false
			if len(text) > 0 {
				hash, ok = hashOf(origin, text)
			}
			if !ok {
				r.fail()
				return
			}
		}
		r.value(s, i, hash, text)
	}
	for i := range s.counts {
		s.counts[i] = r.uint()
	}
}

// value keeps a value at its place.
func (r *reader) value(s *sketch, i int, hash uint32, text []byte) {
	s.hashes[i] = hash
	if !s.over {
		r.text = append(r.text, text...)
		s.ends[i] = uint16(len(r.text))
	}
}

func (r *reader) oldValues(s *sketch, over bool) {
	hash := uint64(0)
	for i := range s.hashes {
		step, count := r.uint(), r.uint()
		var text []byte
		if !over {
			text = r.bytes(keptText)
		}
		if hash += step; hash > 1<<32-1 || step > 1<<32-1 {
			r.fail()
			return
		}
		s.counts[i] = count
		r.value(s, i, uint32(hash), text)
	}
}
