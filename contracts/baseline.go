package contracts

import (
	"slices"
	"time"

	"shapewatch/contracts/shape"
	"shapewatch/probes"
)

// A Baseline is what was learned of one probe: the merged shapes and signals
// of the observations that deserved it, and the running evidence about those
// that did not. It is not safe for concurrent use.
type Baseline struct {
	Shape    *shape.Shape
	Habits   Habits     // what the signals usually are
	Known    []Mismatch // where the contract was wrong from the first day on; told at Info
	Since    time.Time  // first answer learned
	Last     time.Time  // latest answer learned
	Refusals Refusals   // how the API says no
	History  []Move     // what people took out of it or let into it, oldest first

	ledger   []*stream
	held     []*batch // observations under suspicion, kept apart until judged, oldest first
	spoilt   []string // fingerprints for which nothing that was held is worth learning
	why      []string // fingerprints for which the observation weighed last is held
	passed   []string // fingerprints that were accepted and are not learned yet
	attended string   // what the observation weighed last says of each of Known
	marks    []mark   // how many answers had been learned when
	stride   uint64   // answers between two marks, at least

	pulses  []pulse
	buckets buckets
	keeping keeping
	pins    shape.View // the user's word on what is a map
	maps    []string   // paths that were read as maps, and stay it
	seen    view       // of Shape, as it was when seenAt answers were learned
	seenAt  uint64     // meaningless without seen
}

// A memory is what one or more observations teach.
type memory struct {
	Shape  *shape.Shape
	Habits Habits
}

func newMemory() *memory { return &memory{Shape: shape.New(shape.Limits{})} }

func (m *memory) add(o *Observation) {
	if o.Shape != nil {
		m.Shape.Merge(o.Shape)
	}
	m.Habits.add(o)
}

func (m *memory) merge(n *memory) {
	m.Shape.Merge(n.Shape)
	m.Habits.merge(n.Habits)
}

// NewBaseline returns a baseline that has learned nothing.
func NewBaseline() *Baseline { return &Baseline{Shape: shape.New(shape.Limits{})} }

// Answers is how many valid answers were learned.
func (b *Baseline) Answers() uint64 { return b.Habits.Answers }

// Learn lets an observation teach the baseline. Only a valid one may; one that
// deviates is held apart and learned later, when the suspicion has died or the
// change was accepted, or never, when it was confirmed and went away. Additive
// findings are learned once confirmed.
func (b *Baseline) Learn(o *Observation, v Verdict) {
	b.keeping.lesson = &lesson{observation: o, learned: v.Learned, why: b.why, spoilt: b.spoilt}
	if o.Class != probes.Valid {
		b.Refusals.add(o)
		return
	}
	b.beat(o)
	b.advance(o)
	b.pool(o)
	b.buckets.turn(o.At)
	b.release()
	if !v.Learned {
		b.hold(o, b.why)
		return
	}
	if len(b.held) == 0 {
		b.passed = nil
	}
	b.mark(o.At)
	one := memory{o.Shape, Habits{}}
	one.Habits.add(o)
	b.absorb(&one)
	if b.Since.IsZero() {
		b.Since = o.At
	}
	b.Last = o.At
}

// absorb adds to what is learned, and to the hour in which it is learned.
func (b *Baseline) absorb(m *memory) {
	if m.Shape != nil {
		b.Shape.Merge(m.Shape)
	}
	b.Habits.merge(m.Habits)
	b.buckets.add(m)
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

// alert reports whether anything is suspected or confirmed now.
func (b *Baseline) alert() bool {
	return slices.ContainsFunc(b.ledger, func(s *stream) bool { return !s.Asleep })
}

// track opens a stream; nil when the ledger is full.
func (b *Baseline) track(fp string, f Finding, at time.Time) *stream {
	if len(b.ledger) >= maxStreams {
		b.rouse()
	}
	if len(b.ledger) >= maxStreams || f.Evidence.Rule.Additive && b.additive() >= maxAdditive {
		return nil
	}
	s := newStream(fp, f, at)
	s.Finding.Evidence.WasSince = b.Since
	b.ledger = append(b.ledger, s)
	return s
}

// rouse makes room for one suspicion more: the oldest that sleeps goes.
func (b *Baseline) rouse() {
	if i := slices.IndexFunc(b.ledger, func(s *stream) bool { return s.Asleep }); i >= 0 {
		b.ledger = slices.Delete(b.ledger, i, i+1)
	}
}

func (b *Baseline) additive() (n int) {
	for _, s := range b.ledger {
		if s.Rule.Additive {
			n++
		}
	}
	return n
}

// Weight is about how many bytes the baseline takes in memory.
func (b *Baseline) Weight() int64 {
	const ofNode, ofField, least = 900, 900, 4 << 10
	nodes := b.Shape.Weight()
	for _, h := range b.held {
		nodes += h.Shape.Weight()
	}
	if b.buckets.hour != nil {
		nodes += b.buckets.hour.Shape.Weight()
	}
	return int64(least + ofNode*nodes + ofField*len(b.seen.fields))
}
