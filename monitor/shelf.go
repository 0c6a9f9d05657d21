package monitor

import (
	"container/list"
	"hash/maphash"
	"sync"

	"shapewatch/contracts"
)

// A shelf keeps baselines decoded, those used last, within a number of encoded
// bytes, so that a monitor with little to do does not decode each time. It is
// never the truth: a baseline is only taken from it when the store still holds
// the very bytes that it stands for.
type shelf struct {
	room int64
	seed maphash.Seed

	mu     sync.Mutex
	size   int64
	books  map[string]*list.Element // by probe
	recent *list.List               // of *book, latest first
}

type book struct {
	probe    string
	sum      uint64
	size     int64
	baseline *contracts.Baseline
}

func newShelf(room int64) *shelf {
	return &shelf{room: room, seed: maphash.MakeSeed(), books: map[string]*list.Element{}, recent: list.New()}
}

// take removes and returns the baseline that these bytes stand for; the caller
// owns it. It decodes them when the shelf does not have it.
func (s *shelf) take(probe string, encoded []byte) (*contracts.Baseline, error) {
	if b := s.remove(probe); b != nil && b.sum == maphash.Bytes(s.seed, encoded) {
		return b.baseline, nil
	}
	b := contracts.NewBaseline()
	if encoded == nil {
		return b, nil
	}
	return b, b.UnmarshalBinary(encoded)
}

// put gives a baseline back, with the bytes that now stand for it.
func (s *shelf) put(probe string, encoded []byte, baseline *contracts.Baseline) {
	b := &book{probe, maphash.Bytes(s.seed, encoded), int64(len(encoded)), baseline}
	s.remove(probe)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.books[probe] = s.recent.PushFront(b)
	s.size += b.size
	for s.size > s.room && s.recent.Len() > 0 {
		s.drop(s.recent.Back())
	}
}

func (s *shelf) remove(probe string) *book {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.books[probe]; ok {
		return s.drop(at)
	}
	return nil
}

func (s *shelf) drop(at *list.Element) *book {
	b := s.recent.Remove(at).(*book)
	delete(s.books, b.probe)
	s.size -= b.size
	return b
}
