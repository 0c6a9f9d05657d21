package storetest

import (
	"fmt"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/webhooks"
)

// arrivals are the promises to webhooks.
var arrivals = map[string]func(*testing.T, Store){
	"an arrival waits until an outcome accounts for it, and comes once": func(t *testing.T, s Store) {
		first := start()
		register(t, s, first.Add(time.Hour), "shop/webhooks")
		arrive := func(id, kind string, after time.Duration) bool {
			fresh, err := s.KeepArrival(t.Context(), "shop/webhooks", webhooks.Arrival{ID: id, Type: kind, At: first.Add(after), Body: []byte(`{"id":"` + id + `"}`)})
			must(t, err)
			return fresh
		}
		same(t, []bool{true, true, false, true, true}, []bool{
			arrive("e1", "order.created", 0), arrive("e2", "order.paid", time.Second), arrive("e1", "order.created", 2*time.Second),
			arrive("", "order.paid", 3*time.Second), arrive("", "order.paid", 4*time.Second),
		})
		waiting, err := s.Arrivals(t.Context(), "shop/webhooks", 3)
		must(t, err)
		if len(waiting) != 3 || waiting[0].ID != "e1" || string(waiting[1].Body) != `{"id":"e2"}` || waiting[2].ID != "" {
			t.Fatalf("waiting: %+v", waiting)
		}
		claims, _ := claim(t, s, first, 9)
		if len(claims) != 1 {
			t.Fatalf("due at once: %v", claims)
		}
		must(t, s.Commit(t.Context(), alerting.Outcome{Claim: claims[0], Next: first.Add(time.Hour), Arrivals: []uint64{waiting[0].Number, waiting[1].Number}}))
		left, err := s.Arrivals(t.Context(), "shop/webhooks", 9)
		must(t, err)
		if len(left) != 2 || left[0].Number != waiting[2].Number {
			t.Errorf("left: %+v", left)
		}
		if arrive("e2", "order.paid", 5*time.Second) {
			t.Error("an event that was learned from comes again as new")
		}
		rhythms, err := s.Rhythms(t.Context(), "shop/webhooks")
		must(t, err)
		if len(rhythms) != 2 || rhythms[0].Type != "order.created" || rhythms[0].Count != 1 || rhythms[0].Retries != 1 || rhythms[1].Count != 3 {
			t.Errorf("rhythms: %+v", rhythms)
		}
		other, err := s.Arrivals(t.Context(), "shop/web", 9)
		must(t, err)
		same(t, 0, len(other))
	},
	"the calendar of a type moves with the hours and is read beside its rhythm": func(t *testing.T, s Store) {
		var want webhooks.Calendar
		for hour := range 30 {
			at := start().Add(time.Duration(hour) * time.Hour)
			for _, kind := range []string{"order", "order.created"} {
				_, err := s.KeepArrival(t.Context(), "shop/webhooks", webhooks.Arrival{Type: kind, At: at, Body: []byte("{}")})
				must(t, err)
			}
			if hour < 29 { // the last is under way
				want.Add(at)
			}
		}
		rhythms, err := s.Rhythms(t.Context(), "shop/webhooks")
		must(t, err)
		same(t, 2, len(rhythms))
		for _, r := range rhythms {
			same(t, calendarText(t, want), calendarText(t, r.Calendar))
			same(t, uint64(1), r.InHour)
		}
	},
	"a source tells a bounded number of types apart": func(t *testing.T, s Store) {
		for i := range webhooks.MaxTypes + 20 {
			_, err := s.KeepArrival(t.Context(), "shop/webhooks", webhooks.Arrival{Type: fmt.Sprint("t", i), At: start(), Body: []byte("{}")})
			must(t, err)
		}
		rhythms, err := s.Rhythms(t.Context(), "shop/webhooks")
		must(t, err)
		if len(rhythms) != webhooks.MaxTypes+1 || rhythms[0].Type != webhooks.OtherType || rhythms[0].Count != 20 {
			t.Errorf("%d types, first %+v", len(rhythms), rhythms[0])
		}
	},
}

func calendarText(t *testing.T, c webhooks.Calendar) string {
	t.Helper()
	text, err := c.MarshalText()
	must(t, err)
	return string(text)
}
