package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
	"shapewatch/store"
)

var readings = map[string]func(*testing.T, Store){
	"Latest_IsTheLastCheckOfEachProbe":    latest,
	"Checks_AreTheLast500NewestFirst":     checksBounded,
	"Hours_SumUpTheChecks":                hours,
	"Recall_IsOfTheSameAPIOpenOrLately":   recall,
	"Incidents_OpenFirstThenNewest":       incidents,
	"Incident_FollowsItsChanges":          incidentChanges,
	"Nothing_IsNotFoundRatherThanAnError": nothing,
	"Close_EndsEverything":                closing,
}

func latest(t *testing.T, s Store) {
	at := start()
	must(t, s.Register(t.Context(), []probes.Plan{
		{Probe: "b/1", Due: at, Every: time.Minute},
		{Probe: "a/1", Due: at, Every: time.Minute},
		{Probe: "never/1", Due: at.Add(time.Hour), Every: time.Minute},
	}))
	for i := range 3 {
		now := at.Add(time.Duration(i) * time.Minute)
		for _, want := range []string{"a/1", "b/1"} {
			c := claimOne(t, s, now)
			same(t, want, c.Probe)
			must(t, s.Commit(t.Context(), outcome(c, now)))
		}
	}
	got, err := s.Latest(t.Context())
	must(t, err)
	last := at.Add(2 * time.Minute)
	same(t, []contracts.Check{
		outcome(probes.Claim{Probe: "a/1"}, last).Check,
		outcome(probes.Claim{Probe: "b/1"}, last).Check,
	}, got)
}

// checkOften checks one probe n times, a second apart.
func checkOften(t *testing.T, s Store, at time.Time, n int) {
	t.Helper()
	register(t, s, at, "a/1")
	for i := range n {
		now := at.Add(time.Duration(i) * time.Second)
		o := outcome(claimOne(t, s, now), now)
		o.Next, o.Check.Items = now.Add(time.Second), int64(i)
		must(t, s.Commit(t.Context(), o))
	}
}

func checksBounded(t *testing.T, s Store) {
	at := start()
	checkOften(t, s, at, 520)
	all, err := s.Checks(t.Context(), "a/1", time.Time{}, 9999)
	must(t, err)
	same(t, 500, len(all))
	same(t, []int64{519, 518, 20}, []int64{all[0].Items, all[1].Items, all[499].Items})
	some, err := s.Checks(t.Context(), "a/1", at.Add(517*time.Second), 2)
	must(t, err)
	same(t, all[:2], some)
	some, err = s.Checks(t.Context(), "a/1", at.Add(517*time.Second), 99)
	must(t, err)
	same(t, all[:3], some)
	some, err = s.Checks(t.Context(), "a/1", at, 0)
	must(t, err)
	same(t, 0, len(some))
}

func hours(t *testing.T, s Store) {
	at := start()
	register(t, s, at, "a/1")
	var want []contracts.Hour
	for i, class := range []probes.Class{probes.Valid, probes.Unreachable, probes.Valid} {
		now := at.Add(time.Duration(i) * 40 * time.Minute)
		o := outcome(claimOne(t, s, now), now)
		o.Check.Class, o.Check.Latency = class, time.Duration(i+1)*time.Millisecond
		must(t, s.Commit(t.Context(), o))
		if start := now.Truncate(time.Hour); len(want) == 0 || !want[len(want)-1].Start.Equal(start) {
			want = append(want, contracts.Hour{})
		}
		want[len(want)-1].Add(o.Check)
	}
	got, err := s.Hours(t.Context(), "a/1", at.Add(30*time.Minute))
	must(t, err)
	same(t, want, got)
	got, err = s.Hours(t.Context(), "a/1", at.Add(time.Hour))
	must(t, err)
	same(t, want[1:], got)
}

func recall(t *testing.T, s Store) {
	at, now := start(), time.Now().UTC()
	checked(t, s, at, func(o *alerting.Outcome) {
		o.Incidents = []alerting.Incident{
			incident("inc_b", "a", at), closed(incident("inc_a", "a", at), now.Add(-6*24*time.Hour)),
			closed(incident("inc_old", "a", at), now.Add(-8*24*time.Hour)), incident("inc_other", "ab", at),
		}
	})
	memory, err := s.Recall(t.Context(), "a", "a/1")
	must(t, err)
	same(t, []string{"inc_a", "inc_b"}, incidentIDs(memory.Incidents))
}

func incidentIDs(incidents []alerting.Incident) (out []string) {
	for _, i := range incidents {
		out = append(out, i.ID)
	}
	return out
}

func incidents(t *testing.T, s Store) {
	at := start()
	checked(t, s, at, func(o *alerting.Outcome) {
		for i, api := range []string{"a", "b", "a", "b", "a"} {
			inc := incident(fmt.Sprintf("inc_%d", i), api, at.Add(time.Duration(i)*time.Minute))
			if i > 2 {
				inc = closed(inc, at.Add(time.Hour))
			}
			o.Incidents = append(o.Incidents, inc)
		}
	})
	for _, want := range []struct {
		api string
		max int
		ids []string
	}{
		{"", 9, []string{"inc_2", "inc_1", "inc_0", "inc_4", "inc_3"}},
		{"", 4, []string{"inc_2", "inc_1", "inc_0", "inc_4"}},
		{"a", 9, []string{"inc_2", "inc_0", "inc_4"}},
		{"c", 9, nil},
		{"", 0, nil},
	} {
		got, err := s.Incidents(t.Context(), want.api, want.max)
		must(t, err)
		same(t, want.ids, incidentIDs(got))
	}
}

func incidentChanges(t *testing.T, s Store) {
	at := start()
	inc := incident("inc_1", "a", at)
	for i, condition := range []alerting.Condition{alerting.Firing, alerting.Resolved, alerting.Firing} {
		inc.Version, inc.Condition, inc.Opened = uint64(i+1), condition, at.Add(time.Duration(i)*time.Second)
		inc.Resolved = time.Time{}
		if condition == alerting.Resolved {
			inc.Resolved = time.Now().UTC()
		}
		register(t, s, at.Add(-time.Duration(i)*time.Minute), fmt.Sprintf("a/%d", i))
		o := outcome(claimOne(t, s, at), at)
		o.Incidents = []alerting.Incident{inc}
		must(t, s.Commit(t.Context(), o))
		got, err := s.Incident(t.Context(), "inc_1")
		must(t, err)
		same(t, inc, got)
		all, err := s.Incidents(t.Context(), "", 9)
		must(t, err)
		same(t, []alerting.Incident{inc}, all)
	}
}

func nothing(t *testing.T, s Store) {
	for _, id := range []string{"", "inc_none"} {
		_, err := s.Incident(t.Context(), id)
		same(t, alerting.ErrNotFound, err)
	}
	memory, err := s.Recall(t.Context(), "a", "a/1")
	must(t, err)
	same(t, alerting.Memory{}, memory)
	checks, err := s.Checks(t.Context(), "a/1", time.Time{}, 9)
	must(t, err)
	same(t, 0, len(checks))
	health, err := s.OutboxHealth(t.Context())
	must(t, err)
	same(t, alerting.OutboxHealth{}, health)
	must(t, s.Sweep(t.Context(), time.Now()))
}

func closing(t *testing.T, s Store) {
	must(t, s.Close())
	must(t, s.Close())
	ctx, now := context.WithoutCancel(t.Context()), time.Now()
	_, _, err := s.Claim(ctx, now, 1, lease)
	same(t, store.ErrClosed, err)
	_, err = s.Latest(ctx)
	same(t, store.ErrClosed, err)
	_, _, err = s.Size(ctx)
	same(t, store.ErrClosed, err)
	same(t, store.ErrClosed, s.Register(ctx, nil))
	same(t, store.ErrClosed, s.Commit(ctx, outcome(probes.Claim{Probe: "a/1"}, now)))
	same(t, store.ErrClosed, s.Sweep(ctx, now))
	_, err = s.TakeDeliveries(ctx, now, 1, lease)
	same(t, store.ErrClosed, err)
}
