package monitor

import (
	"sync"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// A shelf keeps baselines decoded within a number of bytes, so that a monitor
// with little to do does not decode each time. It is never the truth: a
// baseline from it counts only while the store still has the very edition that
// it stands for.
//
// When the shelf is full, any book goes. Probes come round one after the
// other, and whoever drops the one that was used longest ago drops just the
// one that comes next.
type shelf struct {
	room int64

	mu    sync.Mutex
	size  int64
	books map[string]book // by probe
}

type book struct {
	edition  alerting.Edition
	size     int64
	baseline *contracts.Baseline
}

func newShelf(room int64) *shelf { return &shelf{room: room, books: map[string]book{}} }

// take removes and returns what is remembered of a probe; the caller owns it.
// The zero book when there is none.
func (s *shelf) take(probe string) book {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.books[probe]
	if ok {
		s.drop(probe)
	}
	return b
}

// put gives a baseline back, with the edition that is now in the store.
func (s *shelf) put(probe string, edition alerting.Edition, baseline *contracts.Baseline) {
	b := book{edition, baseline.Weight(), baseline}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(probe)
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

func (s *shelf) drop(probe string) {
	s.size -= s.books[probe].size
	delete(s.books, probe)
}
