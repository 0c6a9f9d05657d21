package monitor

import (
	"hash/maphash"
	"sync"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// A shelf keeps baselines decoded within a number of bytes, so that a monitor
// with little to do does not decode each time. It is never the truth: a
// baseline is only taken from it when the store still holds the very bytes
// that it stands for.
//
// When the shelf is full, any book goes. Probes come round one after the
// other, and whoever drops the one that was used longest ago drops just the
// one that comes next.
type shelf struct {
	room int64
	seed maphash.Seed

	mu    sync.Mutex
	size  int64
	books map[string]book // by probe
}

type book struct {
	sum      uint64
	size     int64
	baseline *contracts.Baseline
}

func newShelf(room int64) *shelf {
	return &shelf{room: room, seed: maphash.MakeSeed(), books: map[string]book{}}
}

// take removes and returns the baseline that is remembered; the caller owns
// it. It decodes it when the shelf does not have it.
func (s *shelf) take(probe string, memory alerting.Memory) (*contracts.Baseline, error) {
	if b, ok := s.remove(probe); ok && b.sum == s.sum(memory) {
		return b.baseline, nil
	}
	return contracts.Restore(memory.Baseline, memory.Lessons)
}

// sum tells one remembered baseline from another.
func (s *shelf) sum(memory alerting.Memory) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	h.Write(memory.Baseline)
	for _, lesson := range memory.Lessons {
		h.Write(lesson)
		h.WriteByte(byte(len(lesson)))
	}
	return h.Sum64()
}

// put gives a baseline back, with what now stands for it in the store.
func (s *shelf) put(probe string, memory alerting.Memory, baseline *contracts.Baseline) {
	b := book{s.sum(memory), baseline.Weight(), baseline}
	s.remove(probe)
	s.mu.Lock()
	defer s.mu.Unlock()
	for other := range s.books {
		if s.size+b.size <= s.room {
			break
		}
		s.drop(other)
	}
	if s.size+b.size <= s.room {
		s.books[probe], s.size = b, s.size+b.size
	}
}

func (s *shelf) remove(probe string) (book, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.books[probe]
	if ok {
		s.drop(probe)
	}
	return b, ok
}

func (s *shelf) drop(probe string) {
	s.size -= s.books[probe].size
	delete(s.books, probe)
}
