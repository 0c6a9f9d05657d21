package pullrequest_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"shapewatch/alerting/pullrequest"
)

// A history is the life of one contract's request under random events: the
// vendor drifts and takes it back, people commit, close, merge and tick, the
// forge has faults. It knows what a person did and must not be undone.
type history struct {
	*fakeForge
	text    string     // what the contract should say; "" for as it is
	prints  []string   // why
	theirs  string     // a person's last commit on the branch, while it must be there
	yielded string     // of it, what they let us write over
	noes    [][]string // what a person said no to, with the last request closed

	seed   *rapid.T          // draws
	random func() *rand.Rand // draws faults
}

func (h *history) options() pullrequest.Options {
	return pullrequest.Options{Prefix: "shapewatch/", Now: func() time.Time { return h.now }}
}

func (h *history) wish() pullrequest.Wish { return wishOf(h.fakeForge, h.text, h.prints...) }

func (h *history) run(share float64) {
	before := len(h.requests)
	h.fault = faults(h.random(), share)
	h.now = h.now.Add(31 * time.Minute)
	_, err := pullrequest.Reconcile(h.seed.Context(), h.fakeForge, []pullrequest.Wish{h.wish()}, h.options())
	h.fault = nil
	if share == 0 && err != nil {
		h.seed.Fatalf("without a fault: %v", err)
	}
	for _, r := range h.requests[before:] {
		for _, no := range h.noes {
			if !slices.ContainsFunc(h.prints, func(p string) bool { return !slices.Contains(no, p) }) {
				h.seed.Fatalf("request %s is for %v, after a no to %v", r.ID, h.prints, no)
			}
		}
		h.noes = nil // a no holds until another set was asked for
	}
}

// drift makes the contract differ, more, otherwise or not at all.
func (h *history) drift(*rapid.T) {
	h.prints = rapid.SampledFrom([][]string{{"a"}, {"a", "b"}, {"b"}, {"c"}}).Draw(h.seed, "prints")
	h.text = rapid.SampledFrom([]string{"", "v2", "v3", "v4"}).Draw(h.seed, "text")
}

func (h *history) commit(*rapid.T) {
	if h.branches[stripe] == "" || h.standing(stripe) == nil {
		h.seed.Skip("no branch")
	}
	h.theirs = h.personCommits(stripe, fmt.Sprint("by hand ", len(h.commits)))
}

func (h *history) tick(*rapid.T) {
	r := h.standing(stripe)
	if r == nil {
		h.seed.Skip("no request")
	}
	r.Body = strings.Replace(r.Body, "- [ ] Rebuild", "- [x] Rebuild", 1)
	if h.theirs != "" {
		h.yielded = h.theirs
	}
}

func (h *history) end(*rapid.T) {
	r := h.standing(stripe)
	if r == nil || strings.HasSuffix(r.Title, " - resolved") {
		h.seed.Skip("none, or we are about to end it")
	}
	if rapid.Bool().Draw(h.seed, "merge") {
		h.merge(stripe)
		h.theirs, h.yielded = "", ""
		return
	}
	h.endAs(r, pullrequest.Closed)
	h.noes = append(h.noes, printsIn(h.seed, r.Body))
}

// check holds what must hold at any time.
func (h *history) check(*rapid.T) {
	stand := 0
	for _, r := range h.requests {
		if r.State == pullrequest.Standing {
			stand++
		}
	}
	if stand > 1 {
		h.seed.Fatalf("%d requests stand", stand)
	}
	if h.theirs != h.yielded && !h.holds(stripe, h.theirs) {
		h.seed.Fatalf("a person's commit is gone: %v", h.calls)
	}
	for id, remarks := range h.remarks {
		if slices.Sort(remarks); len(slices.Compact(slices.Clone(remarks)))+8 < len(remarks) {
			h.seed.Fatalf("request %s is talked to death: %q", id, remarks)
		}
	}
}

// rest runs without faults until nothing is left to do, which must be soon.
func (h *history) rest(*rapid.T) {
	for range 4 {
		h.run(0)
	}
	h.calls = nil
	h.run(0)
	if len(h.calls) > 0 {
		h.seed.Fatalf("it does not come to rest: %v", h.calls)
	}
	r, w := h.standing(stripe), h.wish()
	if r == nil || h.theirs != "" {
		return
	}
	at := h.commits[h.branches[stripe]]
	if len(w.Files) == 0 || !at.person && at.files["contracts/stripe.yaml"] != h.text {
		h.seed.Fatalf("stands with %q, wanted %q", at.files, h.text)
	}
}

// TestReconcile_RespectsPeopleInAnyHistory is the model: whatever people, the
// vendor and the forge do, a person's commits stay, a no stays a no, one
// request stands at most, and without faults it comes to rest.
func TestReconcile_RespectsPeopleInAnyHistory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := &history{fakeForge: newFakeForge(), seed: rt}
		h.random = func() *rand.Rand { return rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "faults"), 1)) }
		rt.Repeat(map[string]func(*rapid.T){
			"drift": h.drift, "commit": h.commit, "tick": h.tick, "end": h.end, "rest": h.rest, "": h.check,
			"run":    func(*rapid.T) { h.run(0) },
			"faulty": func(*rapid.T) { h.run(0.4) },
			"later":  func(*rapid.T) { h.now = h.now.Add(9 * 24 * time.Hour) },
		})
	})
}

func printsIn(t *rapid.T, body string) []string {
	prints, ok := pullrequest.PrintsIn(body)
	if !ok {
		t.Fatalf("no mark in %q", body)
	}
	return prints
}
