package storetest

import (
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/heartbeats"
	"shapewatch/webhooks"
	"shapewatch/workflows"
)

var retention = map[string]func(*testing.T, Store){
	"Sweep_ForgetsOldChecksThenHours":           sweepChecks,
	"Sweep_ForgetsAProbeThatIsGone":             sweepGone,
	"Sweep_ForgetsResolvedIncidentsNotOpenOnes": sweepIncidents,
	"Sweep_KeepsWhatIsStillToBeTold":            sweepWaiting,
	"Sweep_ForgetsDeadDeliveries":               sweepDead,
}

func sweepChecks(t *testing.T, s Store) {
	at := start()
	checkOften(t, s, at, 10)
	must(t, s.Sweep(t.Context(), at.Add(Keep.Checks+5*time.Second)))
	checks, err := s.Checks(t.Context(), "a/1", time.Time{}, 99)
	must(t, err)
	same(t, 5, len(checks))
	must(t, s.Sweep(t.Context(), at.Add(Keep.Hours)))
	hours, err := s.Hours(t.Context(), "a/1", time.Time{})
	must(t, err)
	same(t, 1, len(hours))
	must(t, s.Sweep(t.Context(), at.Add(Keep.Hours+1)))
	hours, err = s.Hours(t.Context(), "a/1", time.Time{})
	must(t, err)
	same(t, 0, len(hours))
	latest, err := s.Latest(t.Context())
	must(t, err)
	same(t, 1, len(latest))
}

func sweepGone(t *testing.T, s Store) {
	at := start()
	checked(t, s, at, func(o *alerting.Outcome) { o.Baseline = []byte("b") })
	must(t, s.KeepBeat(t.Context(), "a/1", heartbeats.Beat{At: at, Kind: heartbeats.Success, Items: -1}))
	_, err := s.KeepArrival(t.Context(), "a/1", webhooks.Arrival{ID: "e1", Type: "t", At: at, Body: []byte("{}")})
	must(t, err)
	must(t, s.KeepRun(t.Context(), workflows.Trace{ID: "run_1", Probe: "a/1"}))
	must(t, s.Register(t.Context(), nil))
	has := func() (baseline, checks int) {
		memory, err := s.Recall(t.Context(), "a", "a/1")
		must(t, err)
		kept, err := s.Checks(t.Context(), "a/1", time.Time{}, 9)
		must(t, err)
		return len(memory.Baseline), len(kept)
	}
	must(t, s.Sweep(t.Context(), time.Now().Add(time.Hour)))
	if baseline, checks := has(); baseline != 1 || checks != 1 {
		t.Errorf("a probe that has just gone lost its history: %d, %d", baseline, checks)
	}
	must(t, s.Sweep(t.Context(), time.Now().Add(Keep.Hours+time.Hour)))
	if baseline, checks := has(); baseline != 0 || checks != 0 {
		t.Errorf("a probe long gone was kept: %d, %d", baseline, checks)
	}
	beats, err := s.Beats(t.Context(), "a/1")
	must(t, err)
	arrived, err := s.Arrivals(t.Context(), "a/1", 9)
	must(t, err)
	rhythms, err := s.Rhythms(t.Context(), "a/1")
	must(t, err)
	same(t, 0, len(beats)+len(arrived)+len(rhythms)+len(left(t, s, "a/1")))
	fresh, err := s.KeepArrival(t.Context(), "a/1", webhooks.Arrival{ID: "e1", Type: "t", At: at, Body: []byte("{}")})
	must(t, err)
	same(t, true, fresh)
}

func sweepIncidents(t *testing.T, s Store) {
	at := start()
	checked(t, s, at, func(o *alerting.Outcome) {
		o.Incidents = []alerting.Incident{
			incident("inc_open", "a", at), closed(incident("inc_old", "a", at), at), closed(incident("inc_new", "a", at), at.Add(time.Hour)),
		}
	})
	must(t, s.Sweep(t.Context(), at.Add(Keep.Incidents+time.Minute)))
	got, err := s.Incidents(t.Context(), "", 9)
	must(t, err)
	same(t, []string{"inc_open", "inc_new"}, incidentIDs(got))
}

func sweepWaiting(t *testing.T, s Store) {
	at := start()
	checked(t, s, at, func(o *alerting.Outcome) {
		o.Incidents = []alerting.Incident{closed(incident("inc_1", "a", at), at)}
		o.Deliveries = []alerting.Delivery{delivery("slack", "inc_1", at)}
	})
	late := at.Add(Keep.Incidents + time.Minute)
	must(t, s.Sweep(t.Context(), late))
	d := take(t, s, late, 1)[0]
	_, err := s.Notice(t.Context(), d)
	must(t, err)
	must(t, s.SettleDelivery(t.Context(), d, alerting.Receipt{Ref: "1"}))
	must(t, s.Sweep(t.Context(), late))
	_, err = s.Notice(t.Context(), d)
	same(t, alerting.ErrNotFound, err)
}

func sweepDead(t *testing.T, s Store) {
	at := start()
	told(t, s, at, [2]string{"slack", "inc_1"})
	d := take(t, s, at, 1)[0]
	d.Dead = true
	must(t, s.PostponeDelivery(t.Context(), d))
	must(t, s.Sweep(t.Context(), at.Add(Keep.Incidents+time.Minute)))
	health, err := s.OutboxHealth(t.Context())
	must(t, err)
	same(t, alerting.OutboxHealth{}, health)
}
