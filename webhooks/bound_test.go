package webhooks_test

import (
	"testing"
	"time"

	"shapewatch/webhooks"
)

func TestOnward_SaysWhenItIsFull(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	hour := now.Add(-time.Hour)
	for name, c := range map[string]struct {
		onward webhooks.Onward
		most   webhooks.Bound
		part   float64
		by     time.Time
		full   bool
	}{
		"nothing waits":              {webhooks.Onward{}, webhooks.Bound{Events: 10, Bytes: 1}, 0, time.Time{}, false},
		"no bound":                   {webhooks.Onward{Waiting: 9, Bytes: 90, Oldest: hour}, webhooks.Bound{}, 0, time.Time{}, false},
		"by events":                  {webhooks.Onward{Waiting: 20, Bytes: 100, Oldest: hour}, webhooks.Bound{Events: 100, Bytes: 1000}, 0.2, now.Add(4 * time.Hour), false},
		"by bytes":                   {webhooks.Onward{Waiting: 20, Bytes: 500, Oldest: hour}, webhooks.Bound{Events: 100, Bytes: 1000}, 0.5, now.Add(time.Hour), false},
		"what is dead takes no more": {webhooks.Onward{Waiting: 20, Dead: 40, Oldest: hour}, webhooks.Bound{Events: 100}, 0.6, now.Add(2 * time.Hour), false},
		"only dead":                  {webhooks.Onward{Dead: 50}, webhooks.Bound{Events: 100}, 0.5, time.Time{}, false},
		"not within a year":          {webhooks.Onward{Waiting: 1, Oldest: hour}, webhooks.Bound{Events: 100_000}, 0.00001, time.Time{}, false},
		"full":                       {webhooks.Onward{Waiting: 60, Dead: 40, Oldest: hour}, webhooks.Bound{Events: 100}, 1, now, true},
		"the next is too large":      {webhooks.Onward{Waiting: 4, Bytes: 400, Oldest: hour}, webhooks.Bound{Bytes: 499}, 400. / 499, now.Add(time.Duration(99. / 400 * float64(time.Hour))), true},
	} {
		o := c.onward
		if part, by, full := o.Fill(c.most), o.FullBy(c.most, now), o.Full(c.most, 100); part != c.part || !by.Equal(c.by) || full != c.full {
			t.Errorf("%s: %v, by %v, full %v", name, part, by, full)
		}
	}
}

func TestRhythm_HearsWhatIsTurnedAway(t *testing.T) {
	r := webhooks.Rhythm{Type: "paid"}
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	r.Take(at, time.Time{}, true)
	heard := 0
	for minute := range 60 {
		if r.TurnAway(at.Add(time.Duration(minute) * time.Minute)) {
			heard++
		}
	}
	if heard != 11 || r.Count != 12 || !r.Last.Equal(at.Add(55*time.Minute)) {
		t.Errorf("heard %d of 60, counted %d, last %v", heard, r.Count, r.Last)
	}
}
