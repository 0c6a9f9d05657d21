package storetest

import (
	"strings"
	"sync"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/probes"
)

var schedule = map[string]func(*testing.T, Store){
	"Claim_TakesWhatIsDueEarliestFirst":          claimOrder,
	"Claim_SaysWhenToAskAgain":                   claimNext,
	"Claim_NeverGivesAProbeTwiceAtATime":         claimOnce,
	"Claim_GivesAgainWhenALeaseEnds":             claimAgain,
	"Claim_GivesEachProbeToOneOfManyAskers":      claimConcurrently,
	"Register_KeepsTheDueTimeOfKnownProbes":      registerKeeps,
	"Register_MovesUpAProbeThatIsAskedMoreOften": registerMovesUp,
	"Register_RetiresWhatItNoLongerHearsOf":      registerRetires,
	"Register_TakesARetiredProbeBackAsPlanned":   registerReturns,
	"Register_SpreadsWhatIsOverdue":              registerSpreads,
	"Register_LeavesWhatIsBarelyLate":            registerBarelyLate,
	"Register_RefusesBadNames":                   registerRefuses,
	"Defer_GivesBackUntilLater":                  deferred,
	"Defer_RefusesAStaleClaim":                   deferStale,
}

func claimOrder(t *testing.T, s Store) {
	at := start()
	must(t, s.Register(t.Context(), []probes.Plan{
		{Probe: "late", Due: at.Add(2 * time.Second), Every: time.Minute},
		{Probe: "b", Due: at, Every: time.Minute},
		{Probe: "a", Due: at, Every: time.Minute},
		{Probe: "first", Due: at.Add(-time.Second), Every: time.Minute},
	}))
	claims, _ := claim(t, s, at.Add(time.Second), 9)
	same(t, []string{"first", "a", "b"}, names(claims))
	same(t, at.Add(-time.Second), claims[0].Due)
	claims, _ = claim(t, s, at.Add(2*time.Second), 0)
	same(t, []string(nil), names(claims))
	claims, _ = claim(t, s, at.Add(2*time.Second), 1)
	same(t, []string{"late"}, names(claims))
}

func claimNext(t *testing.T, s Store) {
	at := start()
	if _, next := claim(t, s, at, 1); !next.IsZero() {
		t.Errorf("next of an empty store: %v", next)
	}
	must(t, s.Register(t.Context(), []probes.Plan{
		{Probe: "soon", Due: at.Add(time.Second), Every: time.Minute},
		{Probe: "later", Due: at.Add(time.Hour), Every: time.Minute},
	}))
	_, next := claim(t, s, at, 1)
	same(t, at.Add(time.Second), next)
	_, next = claim(t, s, at.Add(2*time.Second), 1)
	same(t, at.Add(2*time.Second+lease), next)
}

func claimOnce(t *testing.T, s Store) {
	at := start()
	register(t, s, at, "a/1", "a/2")
	claim(t, s, at, 1)
	claims, _ := claim(t, s, at.Add(lease/2), 9)
	same(t, []string{"a/2"}, names(claims))
	claims, _ = claim(t, s, at.Add(lease/2), 9)
	same(t, []string(nil), names(claims))
}

func claimAgain(t *testing.T, s Store) {
	at := start()
	register(t, s, at, "a/1")
	first := claimOne(t, s, at)
	second := claimOne(t, s, at.Add(lease))
	if second.Epoch <= first.Epoch {
		t.Errorf("epoch %d after %d: a later claim must have a higher one", second.Epoch, first.Epoch)
	}
	same(t, first.Due, second.Due)
	same(t, alerting.ErrConflict, s.Commit(t.Context(), outcome(first, at)))
	must(t, s.Commit(t.Context(), outcome(second, at)))
}

func claimConcurrently(t *testing.T, s Store) {
	at := start()
	register(t, s, at, ids(100)...)
	var mu sync.Mutex
	given := map[string]int{}
	var askers sync.WaitGroup
	for range 8 {
		askers.Go(func() {
			for range 10 {
				claims, _, err := s.Claim(t.Context(), at, 3, lease)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				for _, c := range claims {
					given[c.Probe]++
				}
				mu.Unlock()
			}
		})
	}
	askers.Wait()
	for _, id := range ids(100) {
		if given[id] != 1 {
			t.Errorf("probe %s was given %d times", id, given[id])
		}
	}
}

func registerKeeps(t *testing.T, s Store) {
	at := time.Now().UTC().Add(time.Hour)
	register(t, s, at, "a/1")
	register(t, s, at.Add(-time.Minute), "a/1", "a/2")
	claims, _ := claim(t, s, at, 9)
	same(t, []string{"a/2", "a/1"}, names(claims))
	same(t, at, claims[1].Due)
}

func registerMovesUp(t *testing.T, s Store) {
	at := time.Now().UTC()
	must(t, s.Register(t.Context(), []probes.Plan{{Probe: "a/1", Due: at.Add(time.Hour), Every: 24 * time.Hour}}))
	must(t, s.Register(t.Context(), []probes.Plan{{Probe: "a/1", Due: at.Add(time.Second), Every: time.Minute}}))
	same(t, at.Add(time.Second), claimOne(t, s, at.Add(time.Minute)).Due)
}

func registerRetires(t *testing.T, s Store) {
	at := start()
	register(t, s, at, "a/1", "a/2")
	stale := claimOne(t, s, at)
	register(t, s, at, "a/2")
	same(t, alerting.ErrConflict, s.Commit(t.Context(), outcome(stale, at)))
	claims, _ := claim(t, s, time.Now().Add(time.Hour), 9)
	same(t, []string{"a/2"}, names(claims))
}

func registerReturns(t *testing.T, s Store) {
	at := start()
	checked(t, s, at, func(o *alerting.Outcome) { o.Baseline = []byte("learned") })
	register(t, s, at, "a/2")
	latest, err := s.Latest(t.Context())
	must(t, err)
	same(t, 0, len(latest))
	register(t, s, at.Add(time.Second), "a/1")
	same(t, at.Add(time.Second), claimOne(t, s, at.Add(time.Second)).Due)
	memory, err := s.Recall(t.Context(), "a", "a/1")
	must(t, err)
	same(t, "learned", string(memory.Baseline))
}

func registerSpreads(t *testing.T, s Store) {
	long := time.Now().Add(-time.Hour)
	register(t, s, long, ids(200)...)
	before := time.Now()
	register(t, s, long, ids(200)...)
	after := time.Now()
	claims, _ := claim(t, s, after.Add(time.Minute), 999)
	early := 0
	for _, c := range claims {
		if c.Due.Before(before) || c.Due.After(after.Add(time.Minute)) {
			t.Errorf("probe %s is due %v after registration", c.Probe, c.Due.Sub(before))
		}
		if c.Due.Before(before.Add(30 * time.Second)) {
			early++
		}
	}
	if len(claims) != 200 || early < 70 || early > 130 {
		t.Errorf("%d of %d probes are due in the first half of the interval", early, len(claims))
	}
}

func registerBarelyLate(t *testing.T, s Store) {
	at := time.Now()
	register(t, s, at, "a/1")
	register(t, s, at, "a/1")
	if moved := claimOne(t, s, at.Add(time.Minute)).Due.Sub(at); moved > 2*time.Since(at) {
		t.Errorf("a probe that is hardly late was moved by %v", moved)
	}
}

func registerRefuses(t *testing.T, s Store) {
	for _, name := range []string{"", "a\x00b", strings.Repeat("x", 5000)} {
		if err := s.Register(t.Context(), []probes.Plan{{Probe: "good"}, {Probe: name}}); err == nil {
			t.Errorf("%.9q was registered", name)
		}
	}
	if err := s.Register(t.Context(), []probes.Plan{{Probe: "a"}, {Probe: "a"}}); err == nil {
		t.Error("a probe was registered twice")
	}
	claims, _ := claim(t, s, time.Now(), 9)
	same(t, 0, len(claims))
}

func deferred(t *testing.T, s Store) {
	at := start()
	register(t, s, at, "a/1")
	must(t, s.Defer(t.Context(), claimOne(t, s, at), at.Add(time.Second)))
	claims, next := claim(t, s, at, 1)
	same(t, 0, len(claims))
	same(t, at.Add(time.Second), next)
	same(t, at.Add(time.Second), claimOne(t, s, at.Add(time.Second)).Due)
}

func deferStale(t *testing.T, s Store) {
	at := start()
	register(t, s, at, "a/1")
	stale := claimOne(t, s, at)
	claimOne(t, s, at.Add(lease))
	same(t, alerting.ErrConflict, s.Defer(t.Context(), stale, at))
	same(t, alerting.ErrConflict, s.Defer(t.Context(), probes.Claim{Probe: "nobody", Epoch: 1}, at))
}
