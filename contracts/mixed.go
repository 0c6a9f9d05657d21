package contracts

import (
	"math"
	"strings"
)

// A side is how often answers that deviated, and answers that did not, were
// served by somebody.
type side struct {
	Who       string `json:"w"` // "x-served-by: edge-7"
	Odd, Even int    `json:",omitempty"`
}

// maxSides bounds who is told apart for one fact.
const maxSides = 16

// served counts who served an answer that deviates, or one that does not.
func (s *stream) served(o *Observation, odd bool) {
	for _, who := range o.Signals.Served {
		i := 0
		for i < len(s.Sides) && s.Sides[i].Who != who {
			i++
		}
		if i == len(s.Sides) {
			if i >= maxSides {
				continue
			}
			s.Sides = append(s.Sides, side{Who: who})
		}
		if odd {
			s.Sides[i].Odd++
		} else {
			s.Sides[i].Even++
		}
	}
}

// A Mix is a confirmed change that shows in some answers and not in others
// between them: a canary, an experiment, one server of many.
type Mix struct {
	Finding   Finding
	Share     float64 // of the answers since it began
	Low, High float64 // its 95 % interval (Wilson)
	Where     string  // "only when x-served-by is edge-7", or "" when nothing separates them
}

// How often a change must have shown, and not shown, to be a mix.
const mixSights = 3

// structural are the kinds of change that a build of a server makes, and its
// content does not.
var structural = map[string]bool{
	"field-removed": true, "field-optional": true, "kind-changed": true, "null-new": true, "format-changed": true, "nesting-moved": true, "id-changed": true,
}

// Mixed returns the confirmed changes that come and go, the oldest first.
func (c *Comparison) Mixed() (mixes []Mix) {
	for _, s := range c.Baseline.ledger {
		e := s.told(c.Policy).Evidence
		if !s.Confirmed || !structural[s.Finding.Kind] || e.Checks < mixSights || e.Of-e.Checks < mixSights {
			continue
		}
		low, high := wilson(e.Checks, e.Of)
		mixes = append(mixes, Mix{s.Finding, float64(e.Checks) / float64(e.Of), low, high, s.where()})
	}
	return mixes
}

// where is what tells the answers that deviate from those that do not: who
// serves most of the ones and hardly any of the others.
func (s *stream) where() string {
	odds, evens := map[string]int{}, map[string]int{}
	for _, d := range s.Sides {
		header, _, _ := strings.Cut(d.Who, ": ")
		odds[header] += d.Odd
		evens[header] += d.Even
	}
	best, gain := "", 0.5
	for _, d := range s.Sides {
		header, value, _ := strings.Cut(d.Who, ": ")
		if odds[header] < mixSights || evens[header] < mixSights {
			continue
		}
		g := float64(d.Odd)/float64(odds[header]) - float64(d.Even)/float64(evens[header])
		if g > gain {
			best, gain = "when "+header+" is "+value, g
			if d.Even == 0 && d.Odd == odds[header] {
				best = "only " + best
			}
		}
	}
	return best
}

// wilson is the 95 % interval of a share.
func wilson(seen, of int) (low, high float64) {
	const z = 1.96
	n, p := float64(of), float64(seen)/float64(of)
	mid, half := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return (mid - half) / (1 + z*z/n), (mid + half) / (1 + z*z/n)
}
