package detectors

import (
	"fmt"

	"shapewatch/contracts"
)

func errorBodyNew() contracts.Detector {
	return contracts.Detector{
		Name:     "error-body-new",
		Severity: contracts.Warning,
		Always:   true,
		Rule:     contracts.Rule{Trial: contracts.EveryRefusal, Votes: true, Aside: true},
		Detect:   findErrorBody,
		Doc: `Errors look different

**What it means for you.** The code that reads an error finds nothing to read, and your log says "unknown error" when you need it most.

**A real one.** Move after move from homemade errors to ` + "`application/problem+json`" + ` (RFC 9457): ` + "`error.message`" + ` became ` + "`detail`" + `.

**How it decides.** Errors of a status had the same keys, two levels of them, five times or more; three of the last five refusals have keys never seen with that status. Only refusals count, however far apart.

**Tuning.** ` + "`ignore: [{kind: error-body-new}]`" + ` if you read only the status.`,
	}
}

// fewErrors is how many errors make a habit.
const fewErrors = 5

func findErrorBody(c *contracts.Comparison) []contracts.Finding {
	s := c.Observation.Signals
	now := contracts.RefusalBody(s)
	if now == "" || contracts.Count(c.Baseline.Refusals.Bodies, now) > 0 {
		return nil
	}
	usual, seen, of := "", uint64(0), uint64(0)
	prefix := fmt.Sprintf("%d ", s.Status)
	for _, t := range c.Baseline.Refusals.Bodies {
		if len(t.Value) < len(prefix) || t.Value[:len(prefix)] != prefix {
			continue
		}
		if of += t.Count; t.Count > seen {
			usual, seen = t.Value[len(prefix):], t.Count
		}
	}
	if of < fewErrors || float64(seen) < usuallyThere*float64(of) {
		return nil
	}
	return []contracts.Finding{{
		Path: "error:" + prefix[:len(prefix)-1],
		Was:  fmt.Sprintf("`%s` in %d of %d errors", usual, seen, of), Now: fmt.Sprintf("`%s`", now[len(prefix):]),
		Evidence: came(of, 1, 1),
	}}
}
