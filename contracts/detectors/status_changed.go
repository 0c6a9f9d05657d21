package detectors

import (
	"fmt"
	"net/http"

	"shapewatch/contracts"
	"shapewatch/probes"
)

func statusChanged() contracts.Detector {
	return contracts.Detector{
		Name:     "status-changed",
		Severity: contracts.Breaking,
		Always:   true,
		Rule:     contracts.Rule{Votes: true, Returns: contracts.Always},
		Detect:   findStatus,
		Doc: `The status is another one

**What it means for you.** 401 or 403: your credential ran out or its rights changed. 404 or 410: the endpoint is gone. 5xx: the vendor is in trouble. 202 instead of 200: what you ask for now comes later.

**A real one.** Endpoints that are removed without notice answer 404 from one minute to the next; one API in four removes operations that way.

**How it decides.** Three of the last five checks got a status that was not expected, or a success status never seen before. Server errors and refusals by rate limit are warnings, because they tend to pass; the rest is breaking.

**Tuning.** ` + "`expect`" + ` lists the statuses that are right.`,
	}
}

func findStatus(c *contracts.Comparison) []contracts.Finding {
	o, h := c.Observation, c.Baseline.Habits
	other := o.Class == probes.Valid && h.Answers >= c.Least() && contracts.Count(h.Statuses, o.Signals.Status) == 0
	if o.Class != probes.Status && !other {
		return nil
	}
	was := "not seen before"
	if usual, seen, of := contracts.Usual(h.Statuses); of > 0 {
		was = fmt.Sprintf("%s %s", named(usual), inAnswers(seen, of))
	}
	f := contracts.Finding{Severity: gravity(o.Signals.Status), Was: was, Now: named(o.Signals.Status), Evidence: whole(c)}
	f.Evidence.Passes = passes(o.Signals.Status)
	return []contracts.Finding{f}
}

// passes reports whether a status tells of a trouble that comes and goes.
func passes(status int) bool { return status >= 500 || status == http.StatusTooManyRequests }

// gravity says what a status does to you: what passes by itself is a warning.
func gravity(status int) contracts.Severity {
	if passes(status) || status/100 == 2 {
		return contracts.Warning
	}
	return contracts.Breaking
}

func named(status int) string {
	if text := http.StatusText(status); text != "" {
		return fmt.Sprintf("status %d (%s)", status, text)
	}
	return fmt.Sprintf("status %d", status)
}
