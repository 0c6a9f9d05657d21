package heartbeats_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/heartbeats"
)

func TestStints_PairStartsAndEnds(t *testing.T) {
	a, b, failed := beat(0, heartbeats.Start), beat(1, heartbeats.Start), beat(3, heartbeats.Failure)
	a.Run, b.Run, failed.Run, failed.Error, failed.Attempt = "a", "b", "a", "disk full", 2
	alone := beat(9, heartbeats.Success)
	alone.Items = 12
	got := heartbeats.Stints([]heartbeats.Beat{a, b, beat(2, heartbeats.Log), failed, alone})
	want := []heartbeats.Stint{
		{Run: "a", Began: at(0), Ended: at(3), Kind: heartbeats.Failure, Attempt: 2, Items: -1, Error: "disk full"},
		{Run: "b", Began: at(1), Kind: heartbeats.Start, Items: -1},
		{Ended: at(9), Kind: heartbeats.Success, Items: 12},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	if got[0].Took() != 3*time.Minute || got[1].Took() != 0 || got[2].Took() != 0 {
		t.Errorf("took %v, %v, %v", got[0].Took(), got[1].Took(), got[2].Took())
	}
}

// TestStints_BeginningAgainIsNoEnd has a run start twice under one name.
func TestStints_BeginningAgainIsNoEnd(t *testing.T) {
	got := heartbeats.Stints([]heartbeats.Beat{beat(0, heartbeats.Start), beat(5, heartbeats.Start), beat(7, heartbeats.Success)})
	want := []heartbeats.Stint{
		{Began: at(0), Kind: heartbeats.Failure, Items: -1, Error: "never told how it ended"},
		{Began: at(5), Ended: at(7), Kind: heartbeats.Success, Items: -1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}
