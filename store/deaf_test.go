package store_test

import (
	"testing"
	"time"

	"shapewatch/heartbeats"
	"shapewatch/probes"
	"shapewatch/store"
)

// TestBolt_EveryTransactionNotesThatWeListen leaves a store without a word, once
// it has noted that we listen and once after a beat: since then we are deaf.
func TestBolt_EveryTransactionNotesThatWeListen(t *testing.T) {
	path := t.TempDir() + "/a.db"
	with := func(do func(*store.Bolt) error) (deaf []probes.Deaf) {
		t.Helper()
		s, err := store.OpenBolt(store.Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		if err := do(s); err != nil {
			t.Fatal(err)
		}
		if deaf, err = s.Deaf(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return deaf
	}
	now := time.Now().UTC()
	listened := func(at time.Time) func(*store.Bolt) error {
		return func(s *store.Bolt) error { return s.Listened(t.Context(), at) }
	}
	beaten := func(s *store.Bolt) error {
		if err := s.Listened(t.Context(), now.Add(-time.Hour)); err != nil {
			return err
		}
		return s.KeepBeat(t.Context(), "jobs/export", heartbeats.Beat{At: now, Kind: heartbeats.Success})
	}
	if deaf := with(listened(now.Add(-3 * time.Hour))); len(deaf) != 0 {
		t.Errorf("deaf before anybody listened: %v", deaf)
	}
	if deaf := with(listened(now.Add(-2 * time.Hour))); len(deaf) != 1 || !deaf[0].From.Equal(now.Add(-3*time.Hour)) || !deaf[0].Until.Equal(now.Add(-2*time.Hour)) {
		t.Errorf("an hour between: %v", deaf)
	}
	with(beaten)
	if deaf := with(listened(now.Add(24 * time.Hour))); deaf[len(deaf)-1].From.Before(now) {
		t.Errorf("a beat was heard and is part of %v", deaf[len(deaf)-1])
	}
}
