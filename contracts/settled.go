package contracts

import "fmt"

// unsettledMass is the chance of an answer that brings a field never seen, up
// to which a baseline counts as settled.
const unsettledMass = 0.01

// Settled reports whether the baseline has seen enough, and if not, what it
// waits for, in words. Until then what is merely new is only good to know.
func (b *Baseline) Settled() (bool, string) {
	n := b.Answers()
	if n < settledProbes {
		return false, fmt.Sprintf("learning: %d of %d answers seen", n, settledProbes)
	}
	if mass := b.Unseen(); mass > unsettledMass {
		return false, fmt.Sprintf("learning: about one in %.0f answers still brings a field never seen before", 1/mass)
	}
	return true, ""
}

// Unseen is the probability that the next answer brings a field that none had
// before (Good–Turing: the fields seen in one answer only, by the answers), 0
// to 1. Keys of maps are data and do not count; of a new branch its top does.
func (b *Baseline) Unseen() float64 {
	if b.Answers() == 0 {
		return 1
	}
	v, once := b.view(), 0
	for i := range v.fields {
		f := &v.fields[i]
		if f.InMap || f.Depth == 0 || f.Name == "[]" || f.Probes.All+f.Probes.Some != 1 {
			continue
		}
		if parent, ok := v.at(f.Parent); ok && parent.Probes.All+parent.Probes.Some > 1 {
			once++
		}
	}
	return min(1, float64(once)/float64(b.Answers()))
}

// view reads the learned fields, anew when they may have moved by a sixteenth
// since they were read last.
func (b *Baseline) view() *view {
	if b.seen.byPath == nil || b.Answers() < b.seenAt || (b.Answers()-b.seenAt)*refresh > b.seenAt {
		b.refresh()
	}
	return &b.seen
}

// refresh is how many times the answers since the fields were read must go
// into those before for that reading to do: what was learned of four hundred
// answers is as good a judge as what was learned of four hundred and twenty.
// Whatever it finds fault with is judged again by all that was learned.
const refresh = 16

// renew reads the fields anew unless nothing was learned since.
func (b *Baseline) renew() {
	if b.seen.byPath == nil || b.seenAt != b.Answers() {
		b.refresh()
	}
}

func (b *Baseline) refresh() { b.seen, b.seenAt = b.read(), b.Answers() }

// What is watched besides fields, and how many facts of each field: whether it
// is there, of which kind, null or not.
const (
	factsOfAnswer = 24
	factsOfField  = 3
)

// Facts is about how many facts are watched, any of which may be mistaken.
func (b *Baseline) Facts() int { return factsOfAnswer + factsOfField*len(b.view().fields) }
