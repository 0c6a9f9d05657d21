package pullrequest_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"shapewatch/alerting/pullrequest"
	"shapewatch/contracts"
)

const stripe = "shapewatch/stripe"

// wishOf is a wish for the contract of stripe: text is what it would hold, from
// what the base holds now.
func wishOf(f *fakeForge, text string, prints ...string) pullrequest.Wish {
	w := pullrequest.Wish{Branch: stripe, Prints: prints, Over: "The API answers as before."}
	before := f.base["contracts/stripe.yaml"]
	if text == "" || text == before {
		return w
	}
	w.Before = []pullrequest.File{{Path: "contracts/stripe.yaml", Content: []byte(before)}}
	w.Files = []pullrequest.File{{Path: "contracts/stripe.yaml", Content: []byte(text)}}
	w.Title, w.Body = "fix(contract): stripe: "+text, "It says "+text+" now.\n\n- [ ] Rebuild this branch\n"
	w.Message, w.Labels = w.Title, []string{"api-drift"}
	return w
}

// reconcile runs once and fails on an error.
func reconcile(t *testing.T, f *fakeForge, wishes ...pullrequest.Wish) []pullrequest.Outcome {
	t.Helper()
	f.calls = nil
	all, err := pullrequest.Reconcile(t.Context(), f, wishes, pullrequest.Options{Prefix: "shapewatch/", Now: func() time.Time { return f.now }})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// want fails unless the one wish came to this, by these calls.
func want(t *testing.T, f *fakeForge, got []pullrequest.Outcome, did pullrequest.Did, calls ...string) {
	t.Helper()
	if len(got) != 1 || got[0].Did != did {
		t.Errorf("became %+v, want %s", got, did)
	}
	if !slices.Equal(f.calls, calls) {
		t.Errorf("calls %v, want %v", f.calls, calls)
	}
}

func TestReconcile_OpensUpdatesAndThenLeavesAlone(t *testing.T) {
	f := newFakeForge()
	want(t, f, reconcile(t, f, wishOf(f, "v2", "a")), pullrequest.Opened, "commit", "open")
	want(t, f, reconcile(t, f, wishOf(f, "v2", "a")), pullrequest.Kept)
	want(t, f, reconcile(t, f, wishOf(f, "v3", "a", "b")), pullrequest.Updated, "commit", "edit")
	want(t, f, reconcile(t, f, wishOf(f, "v3", "a", "b")), pullrequest.Kept)
	r := f.requests[0]
	if len(f.requests) != 1 || r.Title != "fix(contract): stripe: v3" || f.commits[r.Tip].person || f.commits[f.branches[stripe]].files["contracts/stripe.yaml"] != "v3" {
		t.Errorf("%+v", r)
	}
	w := wishOf(f, "v3", "a", "b")
	w.Body = "Other words.\n\n- [ ] Rebuild this branch\n"
	want(t, f, reconcile(t, f, w), pullrequest.Updated, "edit")
	f.base["contracts/stripe.yaml"] = "v1.1" // the base moves under it
	w = wishOf(f, "v3", "a", "b")
	w.Body = "Other words.\n\n- [ ] Rebuild this branch\n"
	want(t, f, reconcile(t, f, w), pullrequest.Updated, "commit", "edit")
}

func TestReconcile_NeverWritesOverAPersonsCommits(t *testing.T) {
	f := newFakeForge()
	reconcile(t, f, wishOf(f, "v2", "a"))
	theirs := f.personCommits(stripe, "mine")
	want(t, f, reconcile(t, f, wishOf(f, "v3", "a")), pullrequest.Manual, "edit", "comment")
	want(t, f, reconcile(t, f, wishOf(f, "v4", "a")), pullrequest.Manual)
	if !f.holds(stripe, theirs) || len(f.remarks["1"]) != 1 || !slices.Contains(f.requests[0].Labels, pullrequest.ManualLabel) {
		t.Fatalf("%v %v %+v", f.branches, f.remarks, f.requests[0])
	}
	f.requests[0].Body = strings.Replace(f.requests[0].Body, "- [ ] Rebuild", "- [x] Rebuild", 1)
	more := f.personCommits(stripe, "mine too") // after the tick: it cannot have been meant
	want(t, f, reconcile(t, f, wishOf(f, "v4", "a")), pullrequest.Manual, "edit", "comment")
	if !f.holds(stripe, more) || strings.Contains(f.requests[0].Body, "[x]") {
		t.Fatalf("%v %+v", f.branches, f.requests[0])
	}
	f.requests[0].Body = strings.Replace(f.requests[0].Body, "- [ ] Rebuild", "- [x] Rebuild", 1)
	want(t, f, reconcile(t, f, wishOf(f, "v4", "a")), pullrequest.Updated, "commit", "edit")
	want(t, f, reconcile(t, f, wishOf(f, "v4", "a")), pullrequest.Kept)
	if f.holds(stripe, theirs) || slices.Contains(f.requests[0].Labels, pullrequest.ManualLabel) || strings.Contains(f.requests[0].Body, "[x]") {
		t.Errorf("%+v", f.requests[0])
	}
}

func TestReconcile_AmendedCommitIsAPersons(t *testing.T) {
	f := newFakeForge()
	reconcile(t, f, wishOf(f, "v2", "a"))
	at := f.commits[f.branches[stripe]]
	f.put(stripe, "", at.message, map[string]string{"contracts/stripe.yaml": "v2 and mine"}, true)
	want(t, f, reconcile(t, f, wishOf(f, "v3", "a")), pullrequest.Manual, "edit", "comment")
}

func TestReconcile_ClosesWhatIsRevertedAndReopensWithinSevenDays(t *testing.T) {
	f := newFakeForge()
	reconcile(t, f, wishOf(f, "v2", "a"))
	want(t, f, reconcile(t, f, wishOf(f, "", "a")), pullrequest.Ended, "edit", "comment", "close", "delete")
	want(t, f, reconcile(t, f, wishOf(f, "", "a")), pullrequest.Done)
	r := f.requests[0]
	if r.Title != "fix(contract): stripe: v2 - resolved" || f.remarks["1"][0] != "The API answers as before." || len(f.branches) != 0 {
		t.Errorf("%+v %v %v", r, f.remarks, f.branches)
	}
	f.now = f.now.Add(6 * 24 * time.Hour)
	want(t, f, reconcile(t, f, wishOf(f, "v3", "a")), pullrequest.Reopened, "reopen", "commit", "edit")
	if len(f.requests) != 1 || r.Title != "fix(contract): stripe: v3" || r.State != pullrequest.Standing {
		t.Errorf("%+v", r)
	}
	reconcile(t, f, wishOf(f, "", "a"))
	want(t, f, reconcile(t, f, wishOf(f, "v3", "a")), pullrequest.Reopened, "reopen", "edit") // with the very words it had
	if r.Title != "fix(contract): stripe: v3" {
		t.Errorf("%+v", r)
	}
	reconcile(t, f, wishOf(f, "", "a"))
	f.now = f.now.Add(8 * 24 * time.Hour)
	want(t, f, reconcile(t, f, wishOf(f, "v3", "a")), pullrequest.Opened, "commit", "open")
}

func TestReconcile_LeavesOpenWhatAPersonHasChangedWhenItIsReverted(t *testing.T) {
	f := newFakeForge()
	reconcile(t, f, wishOf(f, "v2", "a"))
	theirs := f.personCommits(stripe, "mine")
	want(t, f, reconcile(t, f, wishOf(f, "", "a")), pullrequest.Manual, "edit", "comment")
	want(t, f, reconcile(t, f, wishOf(f, "", "a")), pullrequest.Manual)
	if r := f.requests[0]; !strings.HasSuffix(r.Title, " - abandoned") || r.State != pullrequest.Standing || !f.holds(stripe, theirs) {
		t.Errorf("%+v", r)
	}
	want(t, f, reconcile(t, f, wishOf(f, "v2", "a")), pullrequest.Manual, "edit", "comment")
	if r := f.requests[0]; r.Title != "fix(contract): stripe: v2" {
		t.Errorf("%+v", r)
	}
}

func TestReconcile_TakesAPersonsNo(t *testing.T) {
	f := newFakeForge()
	reconcile(t, f, wishOf(f, "v2", "a", "b"))
	f.endAs(f.requests[0], pullrequest.Closed)
	f.now = f.now.Add(30 * 24 * time.Hour)
	want(t, f, reconcile(t, f, wishOf(f, "v2", "a", "b")), pullrequest.Refused)
	want(t, f, reconcile(t, f, wishOf(f, "v3", "b")), pullrequest.Refused) // some of them
	want(t, f, reconcile(t, f, wishOf(f, "", "b")), pullrequest.Done)
	want(t, f, reconcile(t, f, wishOf(f, "v3", "b", "c")), pullrequest.Opened, "commit", "open")
	if len(f.requests) != 2 {
		t.Errorf("%d requests", len(f.requests))
	}
}

func TestReconcile_IsDoneWhenMerged(t *testing.T) {
	f := newFakeForge()
	reconcile(t, f, wishOf(f, "v2", "a"))
	f.merge(stripe)
	got := reconcile(t, f, wishOf(f, "v2", "a"))
	want(t, f, got, pullrequest.Done)
	if got[0].Request.State != pullrequest.Merged {
		t.Errorf("%+v", got)
	}
	f.base["contracts/stripe.yaml"] = "v1" // somebody takes the merge back
	want(t, f, reconcile(t, f, wishOf(f, "v2", "a")), pullrequest.Refused)
	f.base["contracts/stripe.yaml"] = "v2"
	want(t, f, reconcile(t, f, wishOf(f, "v3", "a")), pullrequest.Opened, "commit", "open") // the same fact moved on
}

func TestReconcile_KeepsLimitsAndOpensTheWorstFirst(t *testing.T) {
	f := newFakeForge()
	var wishes []pullrequest.Wish
	for i := range 8 {
		w := wishOf(f, "v2", fmt.Sprint(i))
		w.Branch, w.Severity = fmt.Sprintf("shapewatch/api%d", i), contracts.Severity(i%3)
		wishes = append(wishes, w)
	}
	opened := func() (branches []string) {
		for _, outcome := range reconcile(t, f, wishes...) {
			if outcome.Did == pullrequest.Opened {
				branches = append(branches, outcome.Branch)
			}
		}
		return branches
	}
	if got := opened(); !slices.Equal(got, []string{"shapewatch/api2", "shapewatch/api5"}) {
		t.Errorf("at first %v", got)
	}
	f.now = f.now.Add(59 * time.Minute)
	if got := opened(); len(got) > 0 {
		t.Errorf("within the hour %v", got)
	}
	f.now = f.now.Add(time.Minute)
	if got := opened(); len(got) != 2 {
		t.Errorf("after an hour %v", got)
	}
	f.now = f.now.Add(time.Hour)
	if got := opened(); len(got) != 1 {
		t.Errorf("more than 5 stand: %v", got)
	}
	wishes[2].Files = nil // one ends: another has room, an hour later
	f.now = f.now.Add(time.Hour)
	if got := opened(); len(got) != 1 {
		t.Errorf("after one ended %v", got)
	}
}

func TestReconcile_WritesABranchWhereThereAreNoRequests(t *testing.T) {
	f := newFakeForge()
	f.traits = pullrequest.Traits{}
	want(t, f, reconcile(t, f, wishOf(f, "v2", "a")), pullrequest.Opened, "commit")
	want(t, f, reconcile(t, f, wishOf(f, "v2", "a")), pullrequest.Kept)
	want(t, f, reconcile(t, f, wishOf(f, "v3", "a")), pullrequest.Updated, "commit")
	theirs := f.personCommits(stripe, "mine")
	want(t, f, reconcile(t, f, wishOf(f, "v4", "a")), pullrequest.Manual)
	want(t, f, reconcile(t, f, wishOf(f, "", "a")), pullrequest.Done)
	if !f.holds(stripe, theirs) {
		t.Error("a person's commit is gone")
	}
	delete(f.branches, stripe)
	reconcile(t, f, wishOf(f, "v4", "a"))
	want(t, f, reconcile(t, f, wishOf(f, "", "a")), pullrequest.Ended, "delete")
}

func TestReconcile_ChangesNothingWhenItIsNotKnownWhatIsWanted(t *testing.T) {
	f := newFakeForge()
	reconcile(t, f, wishOf(f, "v2", "a"))
	f.calls = nil
	w := wishOf(f, "", "a")
	w.Unknown = errDropped
	if _, err := pullrequest.Reconcile(t.Context(), f, []pullrequest.Wish{w}, pullrequest.Options{}); err == nil || len(f.calls) > 0 {
		t.Errorf("%v, calls %v", err, f.calls)
	}
}

// faults draws what goes wrong with a call: a connection that breaks before or
// after the effect, a conflict, an answer that is none.
func faults(random *rand.Rand, share float64) func(string) (error, error) {
	return func(call string) (before, after error) {
		if random.Float64() >= share {
			return nil, nil
		}
		refusal := func(status int, permanent bool) error {
			return &pullrequest.Refusal{Forge: "fake", Doing: call, Status: status, Text: "no", Permanent: permanent}
		}
		switch random.IntN(6) {
		case 0, 1:
			return nil, errDropped
		case 2:
			return errDropped, nil
		case 3:
			return refusal(502, false), nil
		case 4:
			return refusal(409, false), nil
		}
		return refusal(422, false), nil
	}
}

// TestReconcile_ConvergesToOneRequest is the chaos test: over 1,000 schedules
// of what may go wrong, what is wished comes to stand as one request, and what
// is not wished any more comes to an end.
func TestReconcile_ConvergesToOneRequest(t *testing.T) {
	for seed := range uint64(1000) {
		random := rand.New(rand.NewPCG(seed, 5))
		f := newFakeForge()
		options := pullrequest.Options{Prefix: "shapewatch/", Now: func() time.Time { return f.now }}
		run := func(text string, rounds int, share float64) {
			f.fault = faults(random, share)
			for range rounds {
				f.now = f.now.Add(time.Minute)
				_, _ = pullrequest.Reconcile(t.Context(), f, []pullrequest.Wish{wishOf(f, text, "a")}, options)
			}
		}
		for range 1 + random.IntN(4) { // the drift comes, moves, goes and comes again
			run([]string{"v2", "v3", ""}[random.IntN(3)], 1+random.IntN(6), 0.4)
		}
		run("v4", 3, 0.4)
		f.now = f.now.Add(2 * time.Hour)
		run("v4", 3, 0)
		r := f.standing(stripe)
		if len(f.requests) != 1 || r == nil || r.Title != "fix(contract): stripe: v4" || f.commits[f.branches[stripe]].files["contracts/stripe.yaml"] != "v4" || slices.Contains(r.Labels, pullrequest.ManualLabel) {
			t.Fatalf("seed %d: %d requests: %+v, branches %v", seed, len(f.requests), f.requests[0], f.branches)
		}
		f.calls = nil
		run("v4", 1, 0)
		if len(f.calls) > 0 {
			t.Fatalf("seed %d: it does not come to rest: %v", seed, f.calls)
		}
		run("", 4, 0.4)
		run("", 3, 0)
		if f.standing(stripe) != nil || len(f.branches) > 0 || len(f.requests) != 1 {
			t.Fatalf("seed %d: not ended: %+v, branches %v", seed, f.requests[0], f.branches)
		}
	}
}

func TestReconcile_LeavesReadyWhatAPersonHasMadeReady(t *testing.T) {
	f := newFakeForge()
	w := wishOf(f, "v2", "a")
	w.Draft = true
	reconcile(t, f, w)
	f.requests[0].Draft = false
	w = wishOf(f, "v3", "a")
	w.Draft = true
	want(t, f, reconcile(t, f, w), pullrequest.Updated, "commit", "edit")
	if f.requests[0].Draft {
		t.Error("it is a draft again")
	}
}
