package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/webhooks"
)

const source = "shop/webhooks"

// keptWeight is how many bytes of headers and body each of the events below has.
const keptWeight = uint64(len("X-Id: e1\r\n\r\n") + len(`{"n":1}`))

// kept keeps n events that are to be handed on, from a time, a second apart.
func kept(t *testing.T, s Store, n int, from time.Time) {
	t.Helper()
	for i := range n {
		at := from.Add(time.Duration(i) * time.Second)
		id := fmt.Sprint("e", i+1)
		_, err := s.KeepArrival(t.Context(), source, webhooks.Arrival{ID: id, Type: "paid", At: at, Body: []byte(`{}`), Onward: &webhooks.Forward{
			ID: id, Type: "paid", At: at, Head: []byte("X-Id: " + id + "\r\n\r\n"), Body: []byte(`{"n":1}`),
		}})
		must(t, err)
	}
}

func takeForwards(t *testing.T, s Store, now time.Time, max int, inOrder bool) []webhooks.Forward {
	t.Helper()
	taken, _, err := s.TakeForwards(t.Context(), source, now, lease, max, inOrder)
	must(t, err)
	return taken
}

func eventIDs(rows []webhooks.Forward) (ids []string) {
	for _, f := range rows {
		ids = append(ids, f.ID)
	}
	return ids
}

// ruling is an act on events of the source.
func ruling(kind alerting.ActKind, at time.Time) alerting.Act {
	return alerting.Act{Kind: kind, Source: "webhooks", Actor: "ada", Through: "command", At: at}
}

// forwards are the promises to what is handed on.
var forwards = map[string]func(*testing.T, Store){
	"a forward is kept with its arrival, taken in order, and once": func(t *testing.T, s Store) {
		first := start()
		kept(t, s, 3, first)
		kept(t, s, 1, first) // the vendor sends the first again
		taken := takeForwards(t, s, first.Add(time.Minute), 2, true)
		same(t, []string{"e1", "e2"}, eventIDs(taken))
		if taken[0].Attempts != 1 || string(taken[0].Body) != `{"n":1}` || string(taken[1].Head) != "X-Id: e2\r\n\r\n" || !taken[1].At.Equal(first.Add(time.Second)) {
			t.Errorf("taken: %+v", taken)
		}
		same(t, 0, len(takeForwards(t, s, first.Add(time.Minute), 9, true)))
		same(t, []string{"e3"}, eventIDs(takeForwards(t, s, first.Add(time.Minute), 9, false)))
		again := takeForwards(t, s, first.Add(time.Minute+2*lease), 1, true)
		if len(again) != 1 || again[0].ID != "e1" || again[0].Attempts != 2 || !again[0].MaybeTwice() {
			t.Errorf("after the lease: %+v", again)
		}
		o, err := s.Onward(t.Context(), source)
		must(t, err)
		same(t, webhooks.Onward{Waiting: 3, Bytes: 3 * keptWeight, Oldest: first}, o)
	},
	"what became of forwards is kept and counted": func(t *testing.T, s Store) {
		first := start()
		kept(t, s, 4, first)
		now := first.Add(time.Minute)
		taken := takeForwards(t, s, now, 9, true)
		later, dead := taken[1], taken[2]
		later.Answered, later.NotBefore, later.Error = 1, now.Add(time.Minute), "answered 503"
		dead.Answered, dead.Dead, dead.Error = 1, now, "answered 422"
		must(t, s.SettleForwards(t.Context(), source, now, []webhooks.Fated{
			{Forward: taken[0], Fate: webhooks.Delivered}, {Forward: later, Fate: webhooks.Later},
			{Forward: dead, Fate: webhooks.GivenUp}, {Forward: taken[3], Fate: webhooks.Untried},
		}))
		o, err := s.Onward(t.Context(), source)
		must(t, err)
		same(t, webhooks.Onward{Waiting: 2, Dead: 1, Bytes: 2 * keptWeight, DeadBytes: keptWeight, Sent: 1, Last: now, Error: "answered 422", Failing: now, Lost: "answered 422", Oldest: first.Add(time.Second)}, o)
		none, next, err := s.TakeForwards(t.Context(), source, now, lease, 9, true)
		must(t, err)
		if len(none) > 0 || !next.Equal(now.Add(time.Minute)) {
			t.Errorf("in order, nothing overtakes: %+v, next %v", none, next)
		}
		free := takeForwards(t, s, now, 9, false)
		if len(free) != 1 || free[0].ID != "e4" || free[0].Attempts != 1 {
			t.Errorf("without order: %+v", free)
		}
		rows, err := s.Forwards(t.Context(), source, true, 9)
		must(t, err)
		if len(rows) != 1 || rows[0].ID != "e3" || rows[0].Error != "answered 422" || rows[0].Size != len(`{"n":1}`) || rows[0].Head != nil || rows[0].Body != nil {
			t.Errorf("dead: %+v", rows)
		}
	},
	"what is dead is sent again or dropped": func(t *testing.T, s Store) {
		first := start()
		kept(t, s, 3, first)
		now := first.Add(time.Minute)
		var fated []webhooks.Fated
		for _, f := range takeForwards(t, s, now, 9, true) {
			f.Dead, f.Answered = now, 1
			fated = append(fated, webhooks.Fated{Forward: f, Fate: webhooks.GivenUp})
		}
		must(t, s.SettleForwards(t.Context(), source, now, fated))
		n, err := s.RuleForwards(t.Context(), source, webhooks.Chosen{Numbers: []uint64{fated[1].Number}}, ruling(alerting.SendAgain, now))
		must(t, err)
		same(t, 1, n)
		taken := takeForwards(t, s, now, 9, true)
		if len(taken) != 1 || taken[0].ID != "e2" || taken[0].Attempts != 2 || taken[0].MaybeTwice() || !taken[0].Since.Equal(now) || !taken[0].Dead.IsZero() {
			t.Errorf("again: %+v", taken)
		}
		if _, err := s.RuleForwards(t.Context(), source, webhooks.Chosen{Numbers: []uint64{fated[1].Number}}, ruling(alerting.SendAgain, now)); !errors.Is(err, alerting.ErrNotFound) {
			t.Errorf("twice: %v", err)
		}
		n, err = s.RuleForwards(t.Context(), source, webhooks.Chosen{}, ruling(alerting.Discard, now))
		must(t, err)
		same(t, 2, n)
		o, err := s.Onward(t.Context(), source)
		must(t, err)
		if o.Waiting != 1 || o.Dead != 0 {
			t.Errorf("%+v", o)
		}
		acts, err := s.Audit(t.Context(), "", 9)
		must(t, err)
		sent, dropped := ruling(alerting.SendAgain, now), ruling(alerting.Discard, now)
		sent.Events, dropped.Events = 1, 2
		same(t, []alerting.Act{dropped, sent}, acts) // what was not there is no act
	},
	"what is left of a source without a receiver goes to another's, or is dropped": func(t *testing.T, s Store) {
		first := start()
		kept(t, s, 3, first)
		now := first.Add(time.Minute)
		dead := takeForwards(t, s, now, 1, true)[0]
		dead.Dead = now
		must(t, s.SettleForwards(t.Context(), source, now, []webhooks.Fated{{Forward: dead, Fate: webhooks.GivenUp}}))
		holding, err := s.Holding(t.Context())
		must(t, err)
		same(t, []string{source}, holding)
		waiting, err := s.Forwards(t.Context(), source, false, 9)
		must(t, err)
		n, err := s.RuleForwards(t.Context(), source, webhooks.Chosen{Numbers: []uint64{waiting[0].Number, dead.Number}, Waiting: true, To: "shop/other"}, ruling(alerting.SendAgain, now))
		must(t, err)
		same(t, 2, n)
		o, err := s.Onward(t.Context(), "shop/other")
		must(t, err)
		same(t, webhooks.Onward{Waiting: 2, Bytes: 2 * keptWeight, Oldest: now}, o)
		taken, _, err := s.TakeForwards(t.Context(), "shop/other", now, lease, 9, true)
		must(t, err)
		same(t, []string{"e1", "e2"}, eventIDs(taken))
		same(t, `{"n":1}`, string(taken[1].Body))
		n, err = s.RuleForwards(t.Context(), source, webhooks.Chosen{Waiting: true}, ruling(alerting.Discard, now))
		must(t, err)
		same(t, 1, n)
		holding, err = s.Holding(t.Context())
		must(t, err)
		same(t, []string{"shop/other"}, holding)
		o, err = s.Onward(t.Context(), source)
		must(t, err)
		if o.Waiting != 0 || o.Dead != 0 || o.Bytes+o.DeadBytes != 0 || !o.Oldest.IsZero() {
			t.Errorf("%+v", o)
		}
	},
	"all that is dead is sent again, however large": func(t *testing.T, s Store) {
		first := start()
		body := bytes.Repeat([]byte("1"), 3<<20)
		for i := range 3 {
			id := fmt.Sprint("e", i+1)
			_, err := s.KeepArrival(t.Context(), source, webhooks.Arrival{ID: id, Type: "paid", At: first, Body: []byte(`{}`), Onward: &webhooks.Forward{ID: id, Type: "paid", At: first, Body: body}})
			must(t, err)
			f := takeForwards(t, s, first, 1, true)[0]
			f.Dead = first
			must(t, s.SettleForwards(t.Context(), source, first, []webhooks.Fated{{Forward: f, Fate: webhooks.GivenUp}}))
		}
		n, err := s.RuleForwards(t.Context(), source, webhooks.Chosen{}, ruling(alerting.SendAgain, first))
		must(t, err)
		same(t, 3, n)
		o, err := s.Onward(t.Context(), source)
		must(t, err)
		if o.Waiting != 3 || o.Dead != 0 {
			t.Errorf("%+v", o)
		}
	},
	"beyond its bound a source keeps nothing, and what is dead counts": func(t *testing.T, s Store) {
		first := start()
		kept(t, s, 2, first)
		keep := func(id string, at time.Time, most webhooks.Bound) (bool, error) {
			return s.KeepArrival(t.Context(), source, webhooks.Arrival{ID: id, Type: "paid", At: at, Body: []byte(`{}`), Most: most, Onward: &webhooks.Forward{
				ID: id, Type: "paid", At: at, Head: []byte("X-Id: " + id + "\r\n\r\n"), Body: []byte(`{"n":1}`),
			}})
		}
		late := first.Add(time.Hour)
		for name, most := range map[string]webhooks.Bound{"events": {Events: 2}, "bytes": {Events: 9, Bytes: 3*keptWeight - 1}} {
			if fresh, err := keep("e3", late, most); fresh || !errors.Is(err, webhooks.ErrBacklog) {
				t.Errorf("bound by %s: %v, %v", name, fresh, err)
			}
		}
		if fresh, err := keep("e1", late, webhooks.Bound{Events: 2}); fresh || err != nil {
			t.Errorf("what came before is known: %v, %v", fresh, err)
		}
		rhythms, err := s.Rhythms(t.Context(), source)
		must(t, err)
		if r := rhythms[0]; r.Count != 3 || !r.Last.Equal(late) || r.Retries != 1 {
			t.Errorf("what is turned away was heard, once in a while: %+v", r)
		}
		dead := takeForwards(t, s, late, 1, true)[0]
		dead.Dead = late
		must(t, s.SettleForwards(t.Context(), source, late, []webhooks.Fated{{Forward: dead, Fate: webhooks.GivenUp}}))
		if _, err := keep("e3", late, webhooks.Bound{Events: 2}); !errors.Is(err, webhooks.ErrBacklog) {
			t.Errorf("what is dead is held: %v", err)
		}
		_, err = s.RuleForwards(t.Context(), source, webhooks.Chosen{}, ruling(alerting.Discard, late))
		must(t, err)
		if fresh, err := keep("e3", late, webhooks.Bound{Events: 2}); !fresh || err != nil {
			t.Errorf("with room again: %v, %v", fresh, err)
		}
		o, err := s.Onward(t.Context(), source)
		must(t, err)
		if o.Waiting != 2 || o.Bytes != 2*keptWeight || o.DeadBytes != 0 {
			t.Errorf("%+v", o)
		}
		waiting, err := s.Arrivals(t.Context(), source, 9)
		must(t, err)
		same(t, 3, len(waiting))
	},
	"what was given up long ago is forgotten": func(t *testing.T, s Store) {
		first := start()
		register(t, s, first, source)
		kept(t, s, 2, first)
		taken := takeForwards(t, s, first, 1, true)
		taken[0].Dead = first
		must(t, s.SettleForwards(t.Context(), source, first, []webhooks.Fated{{Forward: taken[0], Fate: webhooks.GivenUp}}))
		must(t, s.Sweep(t.Context(), first.Add(31*24*time.Hour)))
		rows, err := s.Forwards(t.Context(), source, true, 9)
		must(t, err)
		o, err := s.Onward(t.Context(), source)
		must(t, err)
		if len(rows) != 0 || o.Dead+o.DeadBytes != 0 || o.Waiting != 1 || o.Bytes != keptWeight {
			t.Errorf("%+v, %+v", rows, o)
		}
	},
	"an outcome that leaves arrivals leaves their source due": func(t *testing.T, s Store) {
		first := start()
		register(t, s, first.Add(time.Hour), source)
		keep := func(id string, at time.Time) {
			_, err := s.KeepArrival(t.Context(), source, webhooks.Arrival{ID: id, Type: "paid", At: at, Body: []byte(`{}`)})
			must(t, err)
		}
		keep("e1", first)
		c := claimOne(t, s, first)
		waiting, err := s.Arrivals(t.Context(), source, 9)
		must(t, err)
		keep("e2", first.Add(time.Second)) // while the first is learned
		must(t, s.Commit(t.Context(), alerting.Outcome{Claim: c, Next: first.Add(time.Hour), Listens: true, Arrivals: []uint64{waiting[0].Number}}))
		if c = claimOne(t, s, first.Add(time.Second)); !c.Due.Equal(first.Add(time.Second)) {
			t.Errorf("due %v", c.Due)
		}
		must(t, s.Commit(t.Context(), alerting.Outcome{Claim: c, Next: first.Add(time.Hour)})) // it is no source any more
		if c = claimOne(t, s, first.Add(time.Hour)); !c.Due.Equal(first.Add(time.Hour)) {
			t.Errorf("what is no source is due %v", c.Due)
		}
	},
}
