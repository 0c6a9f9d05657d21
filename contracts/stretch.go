package contracts

import (
	"slices"
	"time"

	"shapewatch/contracts/shape"
)

// A Stretch is what was answered in one stretch of time, as far as it is
// remembered: what a baseline learned in an hour, a day or a week, or what it
// holds under suspicion.
type Stretch struct {
	From, To time.Time // To is exclusive
	Answers  uint64
	Shape    *shape.Shape // shared: read only
	Held     bool         // not learned: what came since a suspicion or an unaccepted change began
}

// Stretches tell what was answered over time, oldest first: parts are all that
// the store has of this baseline. What is held comes last, as one stretch,
// because it was kept together. Stretches without an answer are left out.
func (b *Baseline) Stretches(parts []Part) (all []Stretch, err error) {
	pieces := slices.Clone(b.buckets.closed)
	for _, p := range parts {
		decoded, err := decodePart(p)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, decoded)
	}
	if b.buckets.hour != nil {
		hour := hourOf(b.buckets.at)
		hour.memory = *b.buckets.hour
		pieces = append(pieces, hour)
	}
	slices.SortFunc(pieces, func(x, y piece) int { return x.from.Compare(y.from) })
	for _, p := range pieces {
		if p.Habits.Answers > 0 {
			all = append(all, Stretch{From: p.from, To: p.to, Answers: p.Habits.Answers, Shape: p.Shape})
		}
	}
	return append(all, b.heldStretch()...), nil
}

// heldStretch is what is held, if anything is.
func (b *Baseline) heldStretch() []Stretch {
	held, answers := b.Held()
	if answers == 0 {
		return nil
	}
	s := Stretch{From: b.Last, To: b.Last, Answers: answers, Shape: held, Held: true}
	if fields := held.Fields(); len(fields) > 0 { // the whole answer comes first
		s.From, s.To = fields[0].First, fields[0].Last.Add(1)
	}
	return []Stretch{s}
}

// Touched are the uses that a change at a path touches: those at the path,
// above it and below it. A change of the whole answer touches all.
func (p Policy) Touched(path string) (uses []string) {
	for _, use := range p.Uses {
		if path == "" || below(path, use) || below(use, path) {
			uses = append(uses, use)
		}
	}
	return uses
}
