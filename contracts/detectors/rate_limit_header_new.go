package detectors

import "shapewatch/contracts"

func rateLimitHeaderNew() contracts.Detector {
	return contracts.Detector{
		Name:     "rate-limit-header-new",
		Severity: contracts.Info,
		Rule:     contracts.Rule{Prior: 20, Additive: true},
		Detect:   findLimitHeaders,
		Doc: `A new header speaks of the rate limit

**What it means for you.** Nothing breaks. The vendor begins to say more about its budgets: how much is used, which resource is counted. It often comes before the limits themselves change.

**A real one.** GitHub added x-ratelimit-used in 2020 and x-ratelimit-resource in 2021 beside the three headers it had always sent.

**How it decides.** A header whose name is of the rate-limit family was in no answer before. Other new headers are never reported: most are the business of a proxy. Told once and learned.`,
	}
}

func findLimitHeaders(c *contracts.Comparison) (found []contracts.Finding) {
	of := c.Baseline.Habits.Answers
	if of < c.Least() {
		return nil
	}
	for _, name := range c.Observation.Signals.LimitHeaders {
		if contracts.Count(c.Baseline.Habits.LimitHeaders, name) > 0 {
			continue
		}
		found = append(found, contracts.Finding{
			Path: "header:" + name, Was: "not there, " + inAnswers(of, of), Now: "sent",
			Evidence: whole(c),
		})
	}
	return found
}
