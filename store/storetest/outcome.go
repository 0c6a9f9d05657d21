package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

var outcomes = map[string]func(*testing.T, Store){
	"Commit_KeepsTheWholeOutcome":               commitWhole,
	"Commit_RefusesAClaimThatWasSpent":          commitTwice,
	"Commit_RefusesAnUnknownClaim":              commitUnknown,
	"Commit_WritesNothingWhenAnIncidentIsStale": commitStaleIncident,
	"Commit_MayBeTriedAgainAfterAStaleIncident": commitRetry,
	"Commit_WritesNothingWhenTheCallerIsGone":   commitCancelled,
	"Commit_OneConflictFailsNoOther":            commitConcurrently,
	"Commit_LeavesTheBaselineWhenThereIsNone":   commitNoBaseline,
	"Commit_SharesNothingWithTheCaller":         commitCopies,
	"Commit_RefusesNamesThatNoKeyCanHold":       commitNames,
}

func commitWhole(t *testing.T, s Store) {
	at := start()
	inc := incident("inc_1", "a", at)
	checked(t, s, at, func(o *alerting.Outcome) {
		o.Baseline = []byte("base")
		o.Incidents = []alerting.Incident{inc}
		o.Deliveries = []alerting.Delivery{delivery("slack", "inc_1", at), delivery("mail", "inc_1", at)}
		o.Check.Confirmed, o.Check.Worst = 1, contracts.Breaking
	})
	memory, err := s.Recall(t.Context(), "a", "a/1")
	must(t, err)
	same(t, alerting.Memory{Edition: alerting.Edition{Checks: 1}, Baseline: []byte("base"), Incidents: []alerting.Incident{inc}}, memory)
	latest, err := s.Latest(t.Context())
	must(t, err)
	checks, err := s.Checks(t.Context(), "a/1", at, 9)
	must(t, err)
	same(t, latest, checks)
	want := contracts.Hour{}
	want.Add(checks[0])
	hours, err := s.Hours(t.Context(), "a/1", at)
	must(t, err)
	same(t, []contracts.Hour{want}, hours)
	deliveries, err := s.TakeDeliveries(t.Context(), at, 9, lease)
	must(t, err)
	same(t, []uint64{1, 2}, []uint64{deliveries[0].ID, deliveries[1].ID})
	_, next := claim(t, s, at, 1)
	same(t, at.Add(time.Minute), next)
}

func commitTwice(t *testing.T, s Store) {
	at := start()
	register(t, s, at, "a/1")
	o := outcome(claimOne(t, s, at), at)
	must(t, s.Commit(t.Context(), o))
	same(t, alerting.ErrConflict, s.Commit(t.Context(), o))
	checks, err := s.Checks(t.Context(), "a/1", at, 9)
	must(t, err)
	same(t, 1, len(checks))
}

func commitUnknown(t *testing.T, s Store) {
	at := start()
	register(t, s, at, "a/1")
	c := claimOne(t, s, at)
	c.Epoch++
	same(t, alerting.ErrConflict, s.Commit(t.Context(), outcome(c, at)))
	c.Probe = "a/2"
	same(t, alerting.ErrConflict, s.Commit(t.Context(), outcome(c, at)))
}

// staleCommit tries to open an incident that is already open.
func staleCommit(t *testing.T, s Store) (o alerting.Outcome, at time.Time) {
	t.Helper()
	at = start()
	checked(t, s, at, func(o *alerting.Outcome) { o.Incidents = []alerting.Incident{incident("inc_1", "a", at)} })
	at = at.Add(time.Minute)
	o = outcome(claimOne(t, s, at), at)
	o.Baseline = []byte("new")
	o.Incidents = []alerting.Incident{incident("inc_2", "a", at), incident("inc_1", "a", at)}
	o.Deliveries = []alerting.Delivery{delivery("slack", "inc_2", at)}
	same(t, alerting.ErrConflict, s.Commit(t.Context(), o))
	return o, at
}

func commitStaleIncident(t *testing.T, s Store) {
	_, at := staleCommit(t, s)
	memory, err := s.Recall(t.Context(), "a", "a/1")
	must(t, err)
	same(t, 0, len(memory.Baseline))
	same(t, 1, len(memory.Incidents))
	checks, err := s.Checks(t.Context(), "a/1", time.Time{}, 9)
	must(t, err)
	same(t, 1, len(checks))
	deliveries, err := s.TakeDeliveries(t.Context(), at, 9, lease)
	must(t, err)
	same(t, 0, len(deliveries))
	_, err = s.Incident(t.Context(), "inc_2")
	same(t, alerting.ErrNotFound, err)
	same(t, at, claimOne(t, s, at.Add(lease)).Due)
}

func commitRetry(t *testing.T, s Store) {
	o, at := staleCommit(t, s)
	o.Incidents[1].Version++
	must(t, s.Commit(t.Context(), o))
	deliveries, err := s.TakeDeliveries(t.Context(), at, 9, lease)
	must(t, err)
	same(t, 1, len(deliveries))
}

func commitCancelled(t *testing.T, s Store) {
	at := start()
	register(t, s, at, "a/1")
	o := outcome(claimOne(t, s, at), at)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	same(t, context.Canceled, s.Commit(gone, o))
	latest, err := s.Latest(t.Context())
	must(t, err)
	same(t, 0, len(latest))
	must(t, s.Commit(t.Context(), o))
}

// commitConcurrently lets every third outcome be stale.
func commitConcurrently(t *testing.T, s Store) {
	at := start()
	register(t, s, at, ids(60)...)
	claims, _ := claim(t, s, at, 99)
	var callers sync.WaitGroup
	for i, c := range claims {
		o := outcome(c, at)
		if i%3 == 0 {
			o.Claim.Epoch += 1000
		}
		callers.Go(func() {
			if err := s.Commit(t.Context(), o); errors.Is(err, alerting.ErrConflict) != (i%3 == 0) {
				t.Errorf("probe %s: %v", o.Claim.Probe, err)
			}
		})
	}
	callers.Wait()
	latest, err := s.Latest(t.Context())
	must(t, err)
	same(t, 40, len(latest))
}

func commitNoBaseline(t *testing.T, s Store) {
	at := start()
	checked(t, s, at, func(o *alerting.Outcome) { o.Baseline = []byte("kept") })
	at = at.Add(time.Minute)
	must(t, s.Commit(t.Context(), outcome(claimOne(t, s, at), at)))
	memory, err := s.Recall(t.Context(), "a", "a/1")
	must(t, err)
	same(t, "kept", string(memory.Baseline))
}

func commitCopies(t *testing.T, s Store) {
	at := start()
	base, inc := []byte("mine"), incident("inc_1", "a", at)
	checked(t, s, at, func(o *alerting.Outcome) { o.Baseline, o.Incidents = base, []alerting.Incident{inc} })
	base[0], inc.Entries[0].Finding.Path = 'X', "/changed"
	for range 2 {
		memory, err := s.Recall(t.Context(), "a", "a/1")
		must(t, err)
		same(t, "mine", string(memory.Baseline))
		same(t, "/a", memory.Incidents[0].Entries[0].Finding.Path)
		memory.Baseline[0], memory.Incidents[0].Entries[0].Finding.Path = 'Y', "/changed"
	}
}

func commitNames(t *testing.T, s Store) {
	at := start()
	register(t, s, at, "a/1")
	c := claimOne(t, s, at)
	for _, edit := range []func(*alerting.Outcome){
		func(o *alerting.Outcome) { o.Incidents = []alerting.Incident{incident("", "a", at)} },
		func(o *alerting.Outcome) { o.Incidents = []alerting.Incident{incident("inc", "a\x00", at)} },
		func(o *alerting.Outcome) { o.Deliveries = []alerting.Delivery{delivery("", "inc", at)} },
	} {
		o := outcome(c, at)
		edit(&o)
		if err := s.Commit(t.Context(), o); err == nil || errors.Is(err, alerting.ErrConflict) {
			t.Errorf("got %v", err)
		}
	}
	must(t, s.Commit(t.Context(), outcome(c, at)))
}
