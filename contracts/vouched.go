package contracts

import "slices"

// vouched reports whether somebody said of a place, by accepting a change
// there, that this is how the API answers now. His word stands for the answers
// that were not seen yet.
func (b *Baseline) vouched(path string) bool {
	return path != "" && path[0] == '/' && slices.ContainsFunc(b.History, func(m Move) bool {
		return m.Whole && b.Answers() < settledProbes ||
			slices.ContainsFunc(m.Dropped, func(dropped string) bool { return below(path, dropped) })
	})
}

// LeastAt is Least for facts that content hardly ever makes, such as a type: a
// place that a person vouched for is judged from its first answer on. Else what
// returns soon after it was accepted to be over would be learned as both.
func (c *Comparison) LeastAt(path string) uint64 {
	if c.Baseline.vouched(path) {
		return 1
	}
	return c.Least()
}

// Vouched are the pairs that Both leaves out because few answers had them, of
// which a person said that this is how the API answers now.
func (c *Comparison) Vouched() (pairs []Pair) {
	if len(c.Baseline.History) == 0 {
		return nil
	}
	learned, now := c.learned(), c.Observation.view()
	for i := range now.fields {
		f := &now.fields[i]
		old, ok := learned.at(f.Path)
		if !ok || f.InMap || old.InMap {
			continue
		}
		if n := old.Probes.All + old.Probes.Some; n < c.Least() && n >= c.LeastAt(f.Path) {
			pairs = append(pairs, Pair{f.Path, old, f})
		}
	}
	return pairs
}
