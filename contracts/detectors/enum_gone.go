package detectors

import (
	"fmt"
	"math"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

func enumGone() contracts.Detector {
	return contracts.Detector{
		Name:     "enum-gone",
		Severity: contracts.Info,
		Rule:     contracts.Rule{Trial: contracts.EveryValue, Prior: 50, Aside: true, Varies: true},
		Detect:   findGone,
		Doc: `A value of a closed set does not come any more

**What it means for you.** A branch of your code is dead, or a state was split or renamed: look for a new value beside it.

**A real one.** Stripe's ` + "`requires_source`" + ` became ` + "`requires_payment_method`" + `: one value came, another never again.

**How it decides.** The strings at a path are a settled set of words, and one of them, common enough to be in ninety-nine of a hundred answers by chance alone, is in none of many answers in a row, after a hundred or more. It is a digest line: content may change its mind.

**Tuning.** ` + "`severity: {enum-gone: warning}`" + ` where you count on a value.`,
	}
}

// manyAnswers is how many must have shown a set before a gap in it means
// anything: lists hold the same things for a while.
const manyAnswers = 100

// commonly is the chance to be in an answer from which absence is remarkable.
const commonly = 0.99

func findGone(c *contracts.Comparison) (found []contracts.Finding) {
	if c.Policy.Sensitivity == contracts.Snapshot {
		return nil // what is not in one of three answers is not gone
	}
	for _, p := range c.Both() {
		old, f := p.Before, p.Now
		n := f.Kinds[shape.String]
		if n == 0 || had(old) < manyAnswers || !closed(old) {
			continue
		}
		here := map[uint64]bool{}
		for _, v := range f.Values.List {
			here[v.Hash] = true
		}
		for _, v := range old.Values.List {
			if here[v.Hash] || v.Text == "" {
				continue
			}
			absent := math.Pow(1-float64(v.Count)/float64(old.Kinds[shape.String]), float64(n))
			if absent > 1-commonly {
				continue
			}
			found = append(found, contracts.Finding{
				Path: f.Path, Was: fmt.Sprintf("%s in %s of the values", v.Text, percent(float64(v.Count)/float64(old.Kinds[shape.String]))), Now: "no " + v.Text,
				Evidence: contracts.Evidence{WasSeen: uint64(absent*float64(had(old)) + 0.5), WasOf: had(old), NowSeen: 1, NowOf: 1},
			})
			break // one finding a path
		}
	}
	return found
}
