package contracts

import (
	"fmt"
	"time"

	"shapewatch/contracts/shape"
	"shapewatch/probes"
)

// A Baseline is what was learned of one probe: the merged shapes and signals
// of the observations that deserved it, and the running evidence about those
// that did not. It is not safe for concurrent use.
type Baseline struct {
	Shape  *shape.Shape
	Habits Habits    // what the signals usually are
	Known  []Finding // where the contract was wrong from the first day on; told at Info
	Since  time.Time // first answer learned
	Last   time.Time // latest answer learned

	ledger []*stream
	held   *memory // observations under suspicion, kept apart until judged
	spoil  bool    // drop what is held at the next lesson
	marks  []mark  // how many answers had been learned when
	stride uint64  // answers between two marks, at least
}

// A memory is what one or more observations teach.
type memory struct {
	Shape  *shape.Shape
	Habits Habits
}

// NewBaseline returns a baseline that has learned nothing.
func NewBaseline() *Baseline { return &Baseline{Shape: shape.New(shape.Limits{})} }

// Answers is how many valid answers were learned.
func (b *Baseline) Answers() uint64 { return b.Habits.Answers }

// Settled reports whether the baseline has seen enough to call anything new,
// and if not, what it waits for, in words.
func (b *Baseline) Settled() (bool, string) {
	n := b.Answers()
	if n < settledProbes {
		return false, fmt.Sprintf("learning: %d of %d answers seen", n, settledProbes)
	}
	return true, ""
}

// Learn lets an observation teach the baseline. Only a valid one may; one that
// deviates is held apart and learned later, when the suspicion has died, or
// never, when it was confirmed. Additive findings are learned once confirmed.
func (b *Baseline) Learn(o *Observation, v Verdict) {
	if o.Class != probes.Valid {
		return
	}
	if b.spoil {
		b.held, b.spoil = nil, false
	}
	if !v.Learned {
		if b.held == nil {
			b.held = &memory{Shape: shape.New(shape.Limits{})}
		}
		b.held.add(o)
		return
	}
	if b.held != nil && !b.suspicious() {
		b.Shape.Merge(b.held.Shape)
		b.Habits.merge(b.held.Habits)
		b.held = nil
	}
	b.mark(o.At)
	if o.Shape != nil {
		b.Shape.Merge(o.Shape)
	}
	b.Habits.add(o)
	if b.Since.IsZero() {
		b.Since = o.At
	}
	b.Last = o.At
}

func (m *memory) add(o *Observation) {
	if o.Shape != nil {
		m.Shape.Merge(o.Shape)
	}
	m.Habits.add(o)
}

// suspicious reports whether something on the ledger still keeps the held
// observations from being learned.
func (b *Baseline) suspicious() bool {
	for _, s := range b.ledger {
		if s.holds() {
			return true
		}
	}
	return false
}

// Accept takes the findings of these fingerprints as how the API answers from
// now on: what was held back because of them replaces what was learned, and
// they are over.
func (b *Baseline) Accept(fingerprints ...string) {
	accepted := map[string]bool{}
	for _, fp := range fingerprints {
		accepted[fp] = true
	}
	kept := b.ledger[:0]
	for _, s := range b.ledger {
		if !accepted[s.fingerprint] {
			kept = append(kept, s)
		}
	}
	b.ledger = kept
	if b.held != nil && !b.suspicious() {
		b.Shape, b.Habits, b.held = b.held.Shape, b.held.Habits, nil
		b.marks, b.stride = nil, 0 // they count answers that are forgotten now
	}
}

// tracked finds the stream of a fingerprint; nil when there is none.
func (b *Baseline) tracked(fp string) *stream {
	for _, s := range b.ledger {
		if s.fingerprint == fp {
			return s
		}
	}
	return nil
}

// track opens a stream; nil when the ledger is full.
func (b *Baseline) track(fp string, f Finding, at time.Time) *stream {
	if len(b.ledger) >= maxStreams || f.Evidence.Rule.Additive && b.additive() >= maxAdditive {
		return nil
	}
	s := newStream(fp, f, at)
	b.ledger = append(b.ledger, s)
	return s
}

func (b *Baseline) additive() (n int) {
	for _, s := range b.ledger {
		if s.Rule.Additive {
			n++
		}
	}
	return n
}
