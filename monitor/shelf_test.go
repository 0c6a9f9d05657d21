package monitor

import (
	"fmt"
	"testing"
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// These tests are inside the package: the shelf has no door of its own.

func learnedOf(t *testing.T, body string) (*contracts.Baseline, []byte) {
	t.Helper()
	b := contracts.NewBaseline()
	o := contracts.Observe(probes.Sample{
		At: time.Unix(1e9, 0), Class: probes.Valid, Status: 200, MediaType: "application/json", Body: []byte(body),
	}, nil)
	b.Learn(&o, contracts.Verdict{Learned: true})
	encoded, err := b.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return b, encoded
}

func TestShelf_GivesBackWhatStandsForTheStoredBytes(t *testing.T) {
	s := newShelf(1 << 20)
	b, encoded := learnedOf(t, `{"id":1}`)
	s.put("p", encoded, b)
	if got, err := s.take("p", encoded); err != nil || got != b {
		t.Errorf("got %p, %v; want the very baseline %p", got, err, b)
	}
	if got, err := s.take("p", encoded); err != nil || got == b || got.Answers() != 1 {
		t.Errorf("taken twice: %p, %v; the second has to be decoded", got, err)
	}
}

func TestShelf_DecodesWhenTheStoreKnowsBetter(t *testing.T) {
	s := newShelf(1 << 20)
	b, encoded := learnedOf(t, `{"id":1}`)
	s.put("p", encoded, b)
	_, other := learnedOf(t, `{"id":"one"}`)
	if got, err := s.take("p", other); err != nil || got == b {
		t.Errorf("got the stale baseline, %v", err)
	}
	if _, err := s.take("p", []byte("damaged")); err == nil {
		t.Error("damaged bytes are no baseline")
	}
}

func TestShelf_KeepsWithinItsRoom(t *testing.T) {
	b, encoded := learnedOf(t, `{"id":1}`)
	s := newShelf(int64(3 * len(encoded)))
	for i := range 10 {
		s.put(fmt.Sprint(i), encoded, b)
	}
	for i := range 10 {
		if kept := s.books[fmt.Sprint(i)] != nil; kept != (i >= 7) {
			t.Errorf("probe %d kept: %v; want the last three", i, kept)
		}
	}
	if s.size != int64(3*len(encoded)) {
		t.Errorf("size %d, want %d", s.size, 3*len(encoded))
	}
}
