package contracts_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// TestHour_MeasuresOnlyWhatAnswered keeps a timeout from looking like a slow
// vendor, and an error page from looking like an empty list.
func TestHour_MeasuresOnlyWhatAnswered(t *testing.T) {
	start := time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)
	check := func(class probes.Class, latency time.Duration, items int64) contracts.Check {
		return contracts.Check{Probe: "a/1", At: start.Add(time.Minute), Class: class, Latency: latency, Items: items}
	}
	var got contracts.Hour
	for _, c := range []contracts.Check{
		check(probes.Unreachable, 10*time.Second, -1),
		check(probes.Valid, 100*time.Millisecond, 40),
		check(probes.Status, 300*time.Millisecond, -1),
		check(probes.Valid, 200*time.Millisecond, 20),
	} {
		got.Add(c)
	}
	want := contracts.Hour{
		Probe: "a/1", Start: start, Checks: 4, Failed: 2, Answered: 3,
		Latency: 200 * time.Millisecond, Slowest: 300 * time.Millisecond, MinItems: 20, MaxItems: 40, Valid: 2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var none contracts.Hour
	none.Add(check(probes.Unreachable, 10*time.Second, -1))
	if none.MaxItems != -1 || none.MinItems != -1 || none.Slowest != 0 {
		t.Errorf("nothing answered: %+v", none)
	}
}

func TestHour_AFailedCheckHasNoItemsToCount(t *testing.T) {
	failed := contracts.Check{Class: probes.Unreachable, Items: -1}
	ten, twelve := contracts.Check{Class: probes.Valid, Items: 10}, contracts.Check{Class: probes.Valid, Items: 12}
	for _, checks := range [][]contracts.Check{{failed, ten, twelve}, {twelve, failed, ten}, {ten, twelve, failed}} {
		var h contracts.Hour
		for _, c := range checks {
			h.Add(c)
		}
		if h.MinItems != 10 || h.MaxItems != 12 {
			t.Errorf("%d to %d items, want 10 to 12", h.MinItems, h.MaxItems)
		}
	}
	var none contracts.Hour
	none.Add(failed)
	if none.MinItems != -1 || none.MaxItems != -1 {
		t.Errorf("%d to %d items of an hour without a list, want -1", none.MinItems, none.MaxItems)
	}
}
