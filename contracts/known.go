package contracts

import (
	"bytes"
	"math"
	"slices"
)

// A Mismatch is where a contract was wrong from the first day on: known, and
// no news. Answers that could show it are counted, so that one that is over can
// be told.
type Mismatch struct {
	Finding
	Listed bool   `json:"listed,omitempty"` // the file beside the contract has it
	Shown  uint64 `json:"shown,omitempty"`  // answers that showed it …
	Of     uint64 `json:"of,omitempty"`     // … of those that could have
	Quiet  uint64 `json:"quiet,omitempty"`  // of these, the last ones in a row that did not
}

// What it takes to call a mismatch over.
const (
	quietAtLeast  = 20
	chanceOfRest  = 0.01 // that it only rests, at the rate it had
	rateUncounted = 0.01 // of one that was never counted: known before answers were, or accepted while it rested
)

// Over reports whether answers have kept the contract for so long that the
// mismatch does not hold any more.
func (m Mismatch) Over() bool {
	rate := (float64(m.Shown) + 0.5) / float64(m.Of-m.Quiet+1)
	if m.Shown == 0 {
		rate = rateUncounted
	}
	return m.Quiet >= quietAtLeast && float64(m.Quiet)*math.Log1p(-rate) < math.Log(chanceOfRest)
}

// Same reports whether a finding is what is known: the same fact at the same
// place.
func (m Mismatch) Same(f Finding) bool { return m.Path == f.Path && m.Now == f.Now }

// lists reports whether people wrote down that a mismatch is known.
func (p Policy) lists(f Finding) bool {
	return slices.ContainsFunc(p.Known, func(k Finding) bool { return Mismatch{Finding: k}.Same(f) })
}

// review holds what is known against what people wrote down. What they took out
// again is news when it shows next; what they never had before them stays.
func (b *Baseline) review(p Policy) {
	if p.Known == nil {
		return
	}
	kept := b.Known[:0]
	for _, k := range b.Known {
		listed := p.lists(k.Finding)
		if moved := listed != k.Listed; moved {
			b.keeping.moved = true
		}
		if k.Listed && !listed {
			continue
		}
		k.Listed = listed
		kept = append(kept, k)
	}
	clear(b.Known[len(kept):])
	b.Known = kept
}

// unlisted is how many mismatches are known that nobody wrote down.
func (b *Baseline) unlisted() (n int) {
	for _, k := range b.Known {
		if !k.Listed {
			n++
		}
	}
	return n
}

// What an observation says of a mismatch that is known.
const (
	saysNothing = '.'
	saysKept    = 'q' // it could have shown it and did not
	saysBroken  = 's'
)

// attend says for each mismatch that is known what this observation says of it.
func (w *weighing) attend() {
	b := w.baseline
	said := bytes.Repeat([]byte{saysNothing}, len(b.Known))
	for i, k := range b.Known {
		switch v := w.observation; {
		case slices.ContainsFunc(w.known, k.Same):
			said[i] = saysBroken
		case v.Shape != nil && (v.view().holds(ParentOf(k.Path)) || v.view().holdsKey(k.Path)):
			said[i] = saysKept
		}
	}
	b.attended = string(bytes.TrimRight(said, string(rune(saysNothing))))
	b.count(b.attended)
}

// count adds what an observation said of what is known.
func (b *Baseline) count(said string) {
	for i := range min(len(said), len(b.Known)) {
		switch k := &b.Known[i]; said[i] {
		case saysBroken:
			k.Shown, k.Of, k.Quiet = k.Shown+1, k.Of+1, 0
		case saysKept:
			k.Of, k.Quiet = k.Of+1, k.Quiet+1
		}
	}
}
