package contracts

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"shapewatch/contracts/shape"
)

// An Acceptance says who moved a baseline, through what, when and why.
type Acceptance struct {
	By      string    `json:"by"`      // "ada", "token ci"
	Through string    `json:"through"` // "page", "slack", "command", "api"
	At      time.Time `json:"at"`
	Why     string    `json:"why,omitempty"`
}

// A Move is one time that somebody moved a baseline: accepted changes as how
// the API answers from now on, or had a time un-learned.
type Move struct {
	Acceptance
	Findings []string  `json:"findings,omitempty"` // what was accepted: "field-removed /name"
	Dropped  []string  `json:"dropped,omitempty"`  // paths of which nothing from before counts any more
	Whole    bool      `json:"whole,omitempty"`    // nothing from before counts any more
	From     time.Time `json:"from,omitzero"`      // what was forgotten, widened to whole parts
	To       time.Time `json:"to,omitzero"`        // exclusive
	Answers  uint64    `json:"answers,omitempty"`  // so many were forgotten
}

// maxHistory bounds the moves that are remembered, and maxPassed what is
// accepted and not yet learned.
const (
	maxHistory = 64
	maxPassed  = 256
)

// replaced are the kinds of change after which what was known of a path is not
// true any more; of all others the old stays true beside the new.
var replaced = map[string]bool{
	"field-removed": true, "kind-changed": true, "scale-shift": true, "format-changed": true, "id-changed": true,
	"value-gutted": true, "value-frozen": true, "nesting-moved": true, "id-headroom": true, "schema-changed": true,
}

// Accept takes the findings of these fingerprints as how the API answers from
// now on: they are over, what contradicts them is no longer part of what was
// learned, and what was held back because of them is learned. It returns what
// it accepted; a fingerprint that is not on the ledger is none.
func (b *Baseline) Accept(a Acceptance, fingerprints ...string) (accepted []Finding) {
	kept := b.ledger[:0]
	for _, s := range b.ledger {
		if slices.Contains(fingerprints, s.fingerprint) {
			accepted = append(accepted, s.told(Policy{Sensitivity: Alert}))
		} else {
			kept = append(kept, s)
		}
	}
	clear(b.ledger[len(kept):])
	if b.ledger = kept; len(accepted) == 0 {
		return nil
	}
	m := Move{Acceptance: a}
	for _, f := range accepted {
		m.Findings = append(m.Findings, f.Kind+" "+f.Path)
		b.pass(f, &m)
	}
	held := len(b.held) > 0
	b.forgetBefore(m)
	if held && len(b.held) == 0 {
		b.judgeAgain(accepted)
	}
	b.record(m)
	return accepted
}

// judgeAgain ends the letting be of what has been learned in the place of what
// was before: the same finding, from now on, is that the old returns.
func (b *Baseline) judgeAgain(accepted []Finding) {
	for _, f := range accepted {
		if !replaced[f.Kind] && f.Kind != "degraded-response" {
			continue
		}
		came := f
		came.Kind = kindNew
		b.passed = slices.DeleteFunc(b.passed, func(fp string) bool { return fp == f.Fingerprint() || fp == came.Fingerprint() })
	}
}

// followsWithin is how long after a change was accepted the contract may still
// object to it: that is the same news.
const followsWithin = 7 * 24 * time.Hour

// accepts reports whether a change at a path was accepted lately.
func (b *Baseline) accepts(path string, at time.Time) bool {
	return slices.ContainsFunc(b.History, func(m Move) bool {
		return at.Sub(m.At) < followsWithin && slices.ContainsFunc(m.Findings, func(f string) bool {
			_, accepted, _ := strings.Cut(f, " ")
			return accepted == path && path != ""
		})
	})
}

// pass lets a finding be: nobody is told of it again before it is learned.
func (b *Baseline) pass(f Finding, m *Move) {
	came := f
	came.Kind = kindNew
	b.passed = append(b.passed, f.Fingerprint(), came.Fingerprint())
	b.passed = b.passed[max(0, len(b.passed)-maxPassed):]
	switch {
	case f.Kind == kindMismatch && b.unlisted() < maxKnown:
		f.Severity = Info
		b.Known = append(b.Known, Mismatch{Finding: f})
	case f.Kind == "degraded-response":
		m.Whole = true
	case replaced[f.Kind]:
		m.Dropped = append(m.Dropped, f.Path)
	}
}

// forgetBefore takes out what an accepted change made untrue, and learns what
// was held when nothing else is suspected.
func (b *Baseline) forgetBefore(m Move) {
	held := len(b.held) > 0
	if m.Whole && held {
		b.Shape, b.Habits, b.marks, b.stride = shape.New(shape.Limits{}), Habits{}, nil, 0
		if b.buckets.hour != nil {
			b.buckets.hour = newMemory()
		}
		for _, h := range b.held {
			h.Why = nil // all of it is how the API answers now
		}
	}
	for _, path := range m.Dropped {
		b.Shape.Drop(path)
		if b.buckets.hour != nil {
			b.buckets.hour.Shape.Drop(path)
		}
	}
	if headed(m) && held {
		answers := b.Habits.Answers
		b.Habits = Habits{Answers: answers} // what the headers said before is over
	}
	b.release()
	b.seen = view{}
}

// headed reports whether something beside the body was accepted.
func headed(m Move) bool {
	return slices.ContainsFunc(m.Findings, func(f string) bool {
		kind, path := f, ""
		for i := range f {
			if f[i] == ' ' {
				kind, path = f[:i], f[i+1:]
				break
			}
		}
		return path == "" && kind != "degraded-response" || len(path) > 0 && path[0] != '/' || kind == "volume"
	})
}

func (b *Baseline) record(m Move) {
	b.History = append(b.History, m)
	b.History = b.History[max(0, len(b.History)-maxHistory):]
	b.keeping.moved = true
}

// ErrNothingLearned means that nothing was learned in the time that was to be
// forgotten.
var ErrNothingLearned = errors.New("nothing was learned in that time")

// Forget un-learns what was learned from one time to another, to the hour
// where hours are still told apart, else to the day or week. Parts are all
// that the store has of this baseline; those that are gone are returned with
// nil bytes. What is under suspicion is judged anew.
func (b *Baseline) Forget(parts []Part, from, to time.Time, a Acceptance) (gone []Part, m Move, err error) {
	m = Move{Acceptance: a}
	fresh := NewBaseline()
	var learned []piece
	for _, p := range parts {
		part, err := decodePart(p)
		if err != nil {
			return nil, m, err
		}
		learned = append(learned, part)
	}
	learned = append(learned, b.buckets.closed...)
	hour := hourOf(b.buckets.at)
	if b.buckets.hour != nil {
		hour.memory = *b.buckets.hour
		learned = append(learned, hour)
	}
	slices.SortFunc(learned, func(x, y piece) int { return x.from.Compare(y.from) })
	for _, part := range learned {
		if part.Habits.Answers > 0 && part.from.Before(to) && from.Before(part.to) {
			m.widen(part)
			if part.key != hour.key {
				gone = append(gone, Part{Key: part.key})
			}
			continue
		}
		fresh.take(part, b.History)
	}
	if m.Answers == 0 {
		return nil, m, fmt.Errorf("%w: %s to %s", ErrNothingLearned, from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339))
	}
	b.restart(fresh, m)
	return gone, m, nil
}

// take learns a part, without what was accepted to be over since.
func (b *Baseline) take(part piece, history []Move) {
	for _, m := range history {
		if !part.from.Before(m.At) || len(m.Findings) == 0 {
			continue
		}
		if m.Whole && !part.to.After(m.At) {
			return
		}
		for _, path := range m.Dropped {
			part.Shape.Drop(path)
		}
	}
	if b.Since.IsZero() && part.Habits.Answers > 0 {
		b.Since = part.from
	}
	b.mark(part.from)
	b.Shape.Merge(part.Shape)
	b.Habits.merge(part.Habits)
}

// restart puts what is still learned in the place of what was, and begins to
// weigh anew.
func (b *Baseline) restart(fresh *Baseline, m Move) {
	k := &b.buckets
	if hour := hourOf(k.at); k.hour != nil && hour.from.Before(m.To) && m.From.Before(hour.to) {
		k.hour = newMemory()
	}
	k.closed = slices.DeleteFunc(k.closed, func(c piece) bool { return c.from.Before(m.To) && m.From.Before(c.to) })
	b.Shape, b.Habits, b.Since, b.marks, b.stride = fresh.Shape, fresh.Habits, fresh.Since, fresh.marks, fresh.stride
	b.ledger = slices.DeleteFunc(b.ledger, func(s *stream) bool { return !s.Confirmed })
	b.held = slices.DeleteFunc(b.held, func(h *batch) bool { return !b.suspected(h) })
	b.seen = view{}
	b.record(m)
}

func (m *Move) widen(part piece) {
	if m.Answers += part.Habits.Answers; m.From.IsZero() {
		m.From = part.from
	}
	m.From, m.To = earliest(m.From, part.from), latest(m.To, part.to)
}
