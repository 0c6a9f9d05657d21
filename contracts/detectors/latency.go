package detectors

import (
	"fmt"
	"time"

	"shapewatch/contracts"
)

func latency() contracts.Detector {
	return contracts.Detector{
		Name:     "latency",
		Severity: contracts.Info,
		Rule:     contracts.Rule{Prior: 50, Beyond: true, Aside: true},
		Detect:   findSlow,
		Doc: `Answers take much longer than they used to

**What it means for you.** Requests pile up, timeouts that were generous are not. It is slow, not down, and no status says so.

**A real one.** Rate-limited tenants are often not refused but put in a slow lane.

**How it decides.** Longer than ever before, three times the usual time, half a second more, and six robust deviations on a logarithmic scale, in answer after answer. It is a digest line; ten times the usual time and two seconds or more is a warning. Of a workflow each step has its own usual time; for a step that waits it is the time until what it waits for was there.

**Tuning.** ` + "`severity: {latency: warning}`" + ` to hear of it at once.`,
	}
}

const (
	slowRatio = 3.0
	crawling  = 10.0
	slower    = 500 * time.Millisecond
	slowest   = 2 * time.Second
)

func findSlow(c *contracts.Comparison) (found []contracts.Finding) {
	run := c.Observation.Run
	if run == nil {
		return slow(found, "", c.Baseline.Habits.Latency, c.Observation.Signals.Latency)
	}
	for _, taken := range run.Steps {
		if usual := c.Baseline.Habits.Step(taken.Name); usual != nil && taken.Problem == "" {
			found = slow(found, "/"+taken.Name, usual.Took, taken.Took)
		}
	}
	return found
}

// slow adds a finding when something took much longer than it usually does.
func slow(found []contracts.Finding, path string, usual contracts.Scale, took time.Duration) []contracts.Finding {
	now := took.Milliseconds()
	if usual.Count < often || now <= usual.Max || usual.Distance(now) < deviations {
		return found
	}
	median := max(usual.Median(), 1)
	ratio, more := float64(now)/median, time.Duration(float64(now)-median)*time.Millisecond
	if ratio < slowRatio || more < slower {
		return found
	}
	f := contracts.Finding{
		Path:     path,
		Was:      fmt.Sprintf("about %d ms (at most %d) %s", int64(median), usual.Max, inAnswers(usual.Count, usual.Count)),
		Now:      fmt.Sprintf("%d ms", now),
		Evidence: came(usual.Count, 1, 1),
	}
	if ratio >= crawling && more >= slowest {
		f.Severity = contracts.Warning
	}
	return append(found, f)
}
