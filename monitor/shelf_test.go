package monitor

import (
	"fmt"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
)

// These tests are inside the package: the shelf has no door of its own.

func learnedOf(t *testing.T, body string) (*contracts.Baseline, alerting.Memory) {
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
	return b, alerting.Memory{Baseline: encoded}
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
	if _, err := s.take("p", alerting.Memory{Baseline: []byte("damaged")}); err == nil {
		t.Error("damaged bytes are no baseline")
	}
}

func TestShelf_DecodesWhenALessonCameFromElsewhere(t *testing.T) {
	s := newShelf(1 << 20)
	b, memory := learnedOf(t, `{"id":1}`)
	s.put("p", memory, b)
	memory.Lessons = [][]byte{[]byte("L1 no lesson")}
	if got, err := s.take("p", memory); err == nil || got == b {
		t.Errorf("got %p, %v; want an error about the lesson", got, err)
	}
}

func TestShelf_KeepsWithinItsRoom(t *testing.T) {
	b, encoded := learnedOf(t, `{"id":1}`)
	s := newShelf(3 * b.Weight())
	for i := range 10 {
		s.put(fmt.Sprint(i), encoded, b)
	}
	if len(s.books) != 3 || s.size != 3*b.Weight() {
		t.Errorf("%d books of %d bytes, want 3 of %d", len(s.books), s.size, 3*b.Weight())
	}
	if _, ok := s.books["9"]; !ok {
		t.Error("the last one used is not there")
	}
}
