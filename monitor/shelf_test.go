package monitor

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
	"shapewatch/store"
)

// These tests are inside the package: the shelf has no door of its own.

func learnedOf(body string) *contracts.Baseline {
	b := contracts.NewBaseline()
	o := contracts.Observe(probes.Sample{
		At: time.Unix(1e9, 0), Class: probes.Valid, Status: 200, MediaType: "application/json", Body: []byte(body),
	}, nil)
	b.Learn(&o, contracts.Verdict{Learned: true})
	return b
}

func TestShelf_GivesBackOnceWhatWasPut(t *testing.T) {
	s, b, edition := newShelf(1<<20), learnedOf(`{"id":1}`), alerting.Edition{Checks: 3, Moves: 1}
	s.put("p", edition, b)
	if got := s.take("p"); got.baseline != b || got.edition != edition {
		t.Errorf("got %p of edition %v; want the very baseline %p", got.baseline, got.edition, b)
	}
	if got := s.take("p"); got.baseline != nil || got.edition != (alerting.Edition{}) {
		t.Errorf("taken twice: %p; it has one owner", got.baseline)
	}
}

func TestShelf_KeepsWithinItsRoom(t *testing.T) {
	b := learnedOf(`{"id":1}`)
	s := newShelf(3 * b.Weight())
	for i := range 10 {
		s.put(fmt.Sprint(i), alerting.Edition{Checks: 1}, b)
	}
	if len(s.books) != 3 || s.size != 3*b.Weight() {
		t.Errorf("%d books of %d bytes, want 3 of %d", len(s.books), s.size, 3*b.Weight())
	}
	if _, ok := s.books["9"]; !ok {
		t.Error("the last one used is not there")
	}
}

// A shelved world is a monitor with a store in which one probe has learned one
// answer, with its baseline on the shelf.
type shelved struct {
	*Monitor
	probe    probes.Probe
	baseline *contracts.Baseline
}

func newShelved(t *testing.T) shelved {
	t.Helper()
	state, err := store.OpenBolt(store.Options{Path: filepath.Join(t.TempDir(), "shelf.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { state.Close() })
	w := shelved{New(Options{Store: state}), probes.Probe{ID: "a/1", API: "a"}, learnedOf(`{"id":1}`)}
	if err := state.Register(t.Context(), []probes.Plan{{Probe: "a/1", Due: time.Now(), Every: time.Minute}}); err != nil {
		t.Fatal(err)
	}
	w.commit(t, w.baseline)
	w.baselines.put("a/1", alerting.Edition{Checks: 1}, w.baseline)
	return w
}

func (w shelved) commit(t *testing.T, b *contracts.Baseline) {
	t.Helper()
	kept, err := b.Whole()
	if err != nil {
		t.Fatal(err)
	}
	claims, _, err := w.Store.Claim(t.Context(), time.Now().Add(time.Hour), 1, time.Minute)
	if err != nil || len(claims) != 1 {
		t.Fatalf("%d claims, %v", len(claims), err)
	}
	if err := w.Store.Commit(t.Context(), alerting.Outcome{Claim: claims[0], Next: time.Now(), Baseline: kept.Whole}); err != nil {
		t.Fatal(err)
	}
}

func (w shelved) recalled(t *testing.T) *contracts.Baseline {
	t.Helper()
	_, b, err := w.recall(t.Context(), w.probe)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRecall_TakesTheBaselineFromTheShelfAndDecodesItTheNextTime(t *testing.T) {
	w := newShelved(t)
	if got := w.recalled(t); got != w.baseline {
		t.Error("it was decoded although it is on the shelf")
	}
	if got := w.recalled(t); got == w.baseline || got.Answers() != 1 {
		t.Errorf("taken twice, with %d answers: the second has to be decoded", got.Answers())
	}
}

func TestRecall_DecodesWhenTheStoreHasAnotherEdition(t *testing.T) {
	for name, change := range map[string]func(w shelved, b *contracts.Baseline) error{
		"an outcome": func(w shelved, b *contracts.Baseline) error { w.commit(t, b); return nil },
		"a move": func(w shelved, b *contracts.Baseline) error {
			kept, err := b.Whole()
			if err != nil {
				return err
			}
			return w.Store.MoveBaseline(t.Context(), "a/1", 0, kept.Whole, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, other := newShelved(t), learnedOf(`{"id":1}`)
			o := contracts.Observe(probes.Sample{At: time.Unix(1e9+60, 0), Class: probes.Valid, Status: 200, MediaType: "application/json", Body: []byte(`{"id":2}`)}, nil)
			other.Learn(&o, contracts.Verdict{Learned: true})
			if err := change(w, other); err != nil {
				t.Fatal(err)
			}
			if got := w.recalled(t); got == w.baseline || got.Answers() != 2 {
				t.Errorf("%d answers: the shelf gave what is out of date", got.Answers())
			}
		})
	}
}
