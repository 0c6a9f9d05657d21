package contracts

import (
	"slices"
)

// secondOpinion asks what is held, while a confirmed change that nobody has
// accepted keeps the baseline from learning: a new suspicion counts only if it
// also departs from how the API has answered since. So all that has nothing to
// do with the change goes on being learned, in what is held.
func (c *Comparison) secondOpinion(detectors []Detector) {
	if c.Baseline.heldAnswers() < settledProbes || !c.Baseline.frozen() || !slices.ContainsFunc(c.Found, c.doubtful) {
		return
	}
	held := c.Baseline.allHeld()
	other := Comparison{
		Contract: c.Contract, Observation: c.Observation, Policy: c.Policy,
		Baseline: &Baseline{Shape: held.Shape, Habits: held.Habits},
	}
	other.run(detectors)
	shared := map[string]bool{}
	for _, f := range other.Found {
		shared[f.Fingerprint()] = true
	}
	c.Found = slices.DeleteFunc(c.Found, func(f Finding) bool { return c.doubtful(f) && !shared[f.Fingerprint()] })
}

// doubtful reports whether a finding is a suspicion that content may cause and
// that has no past.
func (c *Comparison) doubtful(f Finding) bool {
	r := f.Evidence.Rule
	return !r.Agreed && !r.Votes && !f.Evidence.Told && c.Fresh(f)
}

// frozen reports whether a confirmed change keeps answers from being learned.
func (b *Baseline) frozen() bool {
	return slices.ContainsFunc(b.ledger, func(s *stream) bool { return s.Confirmed && s.holds() })
}
