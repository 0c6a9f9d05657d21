package detectors

import (
	"strings"

	"shapewatch/contracts"
	"shapewatch/probes"
)

func halfDone() contracts.Detector {
	return contracts.Detector{
		Name:     "half-done",
		Severity: contracts.Breaking,
		Rule:     contracts.Rule{Trial: contracts.EveryReply, Sure: true},
		Always:   true,
		Detect:   findHalfDone,
		Doc: `A workflow began and was not followed through

**What it means for you.** Something was made in one system and never arrived in the next: an order without a parcel, a payment without an invoice. Every single call may have answered 200.

**A real one.** An order system accepts orders while the queue to its warehouse stands still: the shop looks healthy for hours.

**How it decides.** A run of a ` + "`workflow`" + ` made something and then a step failed, or did not show what it waits for in time. One run is enough: it is our own order, and it is half done. Runs that were cut off by the end of shapewatch itself count too, once they are cleaned up after. What the clean-up did is told with it.

**Tuning.** ` + "`wait: {within: …}`" + ` of the step, when the systems are slower than you thought; ` + "`severity: {half-done: warning}`" + `.`,
	}
}

func findHalfDone(c *contracts.Comparison) (found []contracts.Finding) {
	eachRun(c, func(run *probes.Run, earlier bool) {
		if !run.HalfDone() {
			return
		}
		path := "/" + run.Failed
		if earlier {
			path = "run:" + run.Name
		}
		found = append(found, contracts.Finding{Path: path, Was: soFar(c), Now: run.Story(), Evidence: whole(c)})
	})
	return found
}

func leftBehind() contracts.Detector {
	return contracts.Detector{
		Name:     "left-behind",
		Severity: contracts.Breaking,
		Rule:     contracts.Rule{Trial: contracts.EveryReply, Sure: true},
		Always:   true,
		Detect:   findLeftBehind,
		Doc: `A workflow left something behind

**What it means for you.** A test order, a test customer or a test payment is still there in a system that others work with. Remove it by hand: the finding names it.

**A real one.** A cancellation endpoint that answers 500 for orders younger than a minute.

**How it decides.** A step of ` + "`cleanup`" + ` failed three times. What is gone already (404, 410) counts as removed. Each run has its own finding, because each left something else.

**Tuning.** Give what a workflow makes the name ` + "`${run.name}`" + `, so that a clean-up can find it even when the answer that made it was lost.`,
	}
}

func findLeftBehind(c *contracts.Comparison) (found []contracts.Finding) {
	eachRun(c, func(run *probes.Run, _ bool) {
		if len(run.Left) > 0 {
			found = append(found, contracts.Finding{
				Path: "run:" + run.Name, Was: "cleaned up", Now: "left behind: " + strings.Join(run.Left, "; "), Evidence: whole(c),
			})
		}
	})
	return found
}

// eachRun offers the run of a workflow, and those of a process before ours
// that it accounts for.
func eachRun(c *contracts.Comparison, look func(run *probes.Run, earlier bool)) {
	if c.Observation.Run == nil {
		return
	}
	look(c.Observation.Run, false)
	for i := range c.Observation.Run.Recovered {
		look(&c.Observation.Run.Recovered[i], true)
	}
}
