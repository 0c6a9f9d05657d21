package detectors

import (
	"fmt"

	"shapewatch/contracts"
)

func rateLimitStill() contracts.Detector {
	return contracts.Detector{
		Name:     "rate-limit-still",
		Severity: contracts.Warning,
		Rule:     contracts.Rule{Prior: 50, Aside: true, Beyond: true},
		Detect:   findStillBudget,
		Doc: `What remains of the rate limit does not move any more

**What it means for you.** The header is decoration: you pace yourself by a number that is not counted. The refusal will come as a surprise.

**A real one.** Gateways that cache an answer cache its rate-limit headers with it.

**How it decides.** What remains moved twenty times or more, and now says the same in more answers in a row, and for longer, than three times the most ever seen, and at least in twenty.

**Tuning.** ` + "`ignore: [{kind: rate-limit-still}]`" + ` where you never come near the limit.`,
	}
}

func findStillBudget(c *contracts.Comparison) (found []contracts.Finding) {
	for _, l := range c.Observation.Signals.RateLimit {
		s, ok := c.Still("remaining:" + l.Name)
		if !ok || s.Answers < max(often, stillTimes*s.MostInRow) || s.For < stillTimes*s.Longest {
			continue
		}
		found = append(found, contracts.Finding{
			Path: remainingOf(l),
			Was:  fmt.Sprintf("moved %s, after %s at the latest", plural(s.Changes, "time"), plural(s.MostInRow, "answer")),
			Now:  fmt.Sprintf("%s remaining in %s in a row", count(l.Remaining), plural(s.Answers, "answer")), Evidence: came(s.Changes, 1, 1),
		})
	}
	return found
}

func remainingOf(l contracts.RateLimit) string {
	if l.Name == "" {
		return "header:ratelimit-remaining"
	}
	return "header:ratelimit-remaining-" + l.Name
}
