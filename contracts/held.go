package contracts

import (
	"slices"

	"shapewatch/contracts/shape"
)

// A batch is some observations kept apart until all that they were suspected
// of is judged. There are several batches, because there is nearly always some
// suspicion: what waited for one that has died must not wait for the next.
type batch struct {
	memory
	Why []string `json:"w"` // fingerprints of what they were suspected of
}

// maxBatches bounds what is held; beyond it the two oldest batches become one.
const maxBatches = 12

// hold keeps an observation apart because of these suspicions, together with
// those that are held for the same.
func (b *Baseline) hold(o *Observation, why []string) {
	slices.Sort(why)
	i := slices.IndexFunc(b.held, func(h *batch) bool { return slices.Equal(h.Why, why) })
	if i < 0 {
		if len(b.held) >= maxBatches {
			b.held[0].merge(&b.held[1].memory)
			b.held[0].because(b.held[1].Why)
			b.held = slices.Delete(b.held, 1, 2)
		}
		b.held = append(b.held, &batch{*newMemory(), slices.Clone(why)})
		i = len(b.held) - 1
	}
	b.held[i].add(o)
}

func (h *batch) because(why []string) {
	for _, fp := range why {
		if !slices.Contains(h.Why, fp) {
			h.Why = append(h.Why, fp)
		}
	}
	slices.Sort(h.Why)
}

// suspected reports whether any of what the batch was held for is still on
// the ledger.
func (b *Baseline) suspected(h *batch) bool {
	return slices.ContainsFunc(h.Why, func(fp string) bool {
		s := b.tracked(fp)
		return s != nil && s.holds()
	})
}

// release learns the batches of which nothing is suspected any more, and drops
// those that were held while something was confirmed that is over.
func (b *Baseline) release() {
	kept := b.held[:0]
	for _, h := range b.held {
		switch {
		case slices.ContainsFunc(h.Why, func(fp string) bool { return slices.Contains(b.spoilt, fp) }):
		case b.suspected(h):
			kept = append(kept, h)
		default:
			b.absorb(&h.memory)
			b.seen = view{}
		}
	}
	clear(b.held[len(kept):])
	b.held, b.spoilt = kept, nil
}

// heldAnswers is how many observations are held.
func (b *Baseline) heldAnswers() (n uint64) {
	for _, h := range b.held {
		n += h.Habits.Answers
	}
	return n
}

// allHeld adds up what is held.
func (b *Baseline) allHeld() *memory {
	all := newMemory()
	for _, h := range b.held {
		all.merge(&h.memory)
	}
	return all
}

// Held is what was answered since a suspicion or an unaccepted change began,
// and in how many answers; nil when nothing is held.
func (b *Baseline) Held() (*shape.Shape, uint64) {
	if len(b.held) == 0 {
		return nil, 0
	}
	all := b.allHeld()
	return all.Shape, all.Habits.Answers
}
