// Package storetest says what a store promises, as tests. Every store passes
// [Run]; a store that does not is not a store.
package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/forwarding"
	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/store"
	"shapewatch/web"
	"shapewatch/webhooks"
)

// A Store is all that the program asks of one.
type Store interface {
	monitor.Store
	web.Source
	alerting.Outbox
	forwarding.Queue
	RuleForwards(ctx context.Context, source string, chosen webhooks.Chosen, act alerting.Act) (n int, err error)
	Sweep(ctx context.Context, now time.Time) error
	Size(ctx context.Context) (used, limit int64, err error)
	Excerpts(ctx context.Context) (map[string][]byte, error)
	KeepExcerpts(ctx context.Context, all map[string][]byte) error
	Close() error
}

// Keep is the retention with which open must open a store.
var Keep = store.Retention{Checks: 24 * time.Hour, Hours: 48 * time.Hour, Incidents: 72 * time.Hour}

// Run runs the suite; open returns an empty store and closes it at the end of
// the test.
func Run(t *testing.T, open func(testing.TB) Store) {
	for _, group := range []map[string]func(*testing.T, Store){schedule, outcomes, baselines, runs, ledgers, publications, excerpts, beats, arrivals, books, forwards, readings, outbox, rulings, retention, deafness} {
		for name, test := range group {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, open(t))
			})
		}
	}
}

const lease = time.Minute

// start is a full hour in the recent past: recent enough to be recalled.
func start() time.Time { return time.Now().UTC().Truncate(time.Hour).Add(-2 * time.Hour) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateErrors()); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// register makes probes due, each at its time, with an interval of a minute.
func register(t *testing.T, s Store, due time.Time, ids ...string) {
	t.Helper()
	var plans []probes.Plan
	for _, id := range ids {
		plans = append(plans, probes.Plan{Probe: id, Due: due, Every: time.Minute})
	}
	must(t, s.Register(t.Context(), plans))
}

func claim(t *testing.T, s Store, now time.Time, max int) ([]probes.Claim, time.Time) {
	t.Helper()
	claims, next, err := s.Claim(t.Context(), now, max, lease)
	must(t, err)
	return claims, next
}

func claimOne(t *testing.T, s Store, now time.Time) probes.Claim {
	t.Helper()
	claims, _ := claim(t, s, now, 1)
	if len(claims) != 1 {
		t.Fatalf("nothing is due at %v", now)
	}
	return claims[0]
}

func names(claims []probes.Claim) (out []string) {
	for _, c := range claims {
		out = append(out, c.Probe)
	}
	return out
}

// outcome is what a good check of a claim decides.
func outcome(c probes.Claim, at time.Time) alerting.Outcome {
	return alerting.Outcome{
		Claim: c,
		Next:  at.Add(time.Minute),
		Check: contracts.Check{Probe: c.Probe, At: at, Class: probes.Valid, Status: 200, Latency: time.Millisecond, Bytes: 99, Items: 3},
	}
}

// checked registers one probe and commits an outcome with what edit adds.
func checked(t *testing.T, s Store, at time.Time, edit func(*alerting.Outcome)) {
	t.Helper()
	register(t, s, at, "a/1")
	o := outcome(claimOne(t, s, at), at)
	edit(&o)
	must(t, s.Commit(t.Context(), o))
}

func incident(id, api string, opened time.Time) alerting.Incident {
	return alerting.Incident{
		ID: id, API: api, Title: "`a` is gone", Severity: contracts.Breaking,
		Condition: alerting.Firing, Handling: alerting.New, Opened: opened, Changed: opened, Version: 1,
		Entries: []alerting.Entry{{Probe: api + "/1", Since: opened, Finding: contracts.Finding{
			API: api, Operation: "GET /", Path: "/a", Kind: "field-removed", Was: "in all of 9", Now: "in none of 3",
		}}},
		Timeline: []alerting.Event{{At: opened, Kind: alerting.Opened, Actor: "shapewatch", Text: "opened"}},
	}
}

func closed(i alerting.Incident, at time.Time) alerting.Incident {
	i.Condition, i.Resolved = alerting.Resolved, at
	return i
}

func delivery(channel, incident string, at time.Time) alerting.Delivery {
	return alerting.Delivery{
		Channel: channel, Incident: incident, Severity: contracts.Breaking, Created: at,
		Transition: alerting.Transition{Incident: incident, Kind: alerting.Opened, Version: 1, At: at, Reason: "it broke"},
	}
}

func ids(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("api%d/probe", i))
	}
	return out
}
