package detectors

import (
	"fmt"
	"strings"

	"shapewatch/contracts"
)

func retryAfterChanged() contracts.Detector {
	return contracts.Detector{
		Name:     "retry-after-changed",
		Severity: contracts.Warning,
		Always:   true,
		Rule:     contracts.Rule{Trial: contracts.EveryRefusal, Votes: true, Aside: true},
		Detect:   findRetryAfter,
		Doc: `Retry-After comes in another form, or not at all

**What it means for you.** A client that reads seconds makes nothing of a date, and retries at once: the surest way to be banned.

**A real one.** RFC 9110 allows both forms, and vendors change from one to the other with their gateway.

**How it decides.** Refusals with status 429 or 503 carried Retry-After in one form (seconds, a date, or not at all) five times or more; three of the last five come with another.

**Tuning.** ` + "`ignore: [{kind: retry-after-changed}]`" + ` if your client reads every form.`,
	}
}

func findRetryAfter(c *contracts.Comparison) []contracts.Finding {
	s := c.Observation.Signals
	now := contracts.RefusalRetry(s)
	if now == "" {
		return nil
	}
	usual, seen, of := contracts.Usual(sameStatus(c.Baseline.Refusals.RetryAfter, s.Status))
	if of < fewErrors || float64(seen) < usuallyThere*float64(of) || usual == now {
		return nil
	}
	return []contracts.Finding{{
		Path: "header:retry-after", Was: fmt.Sprintf("%s in %d of %d refusals", retryForm(usual), seen, of), Now: retryForm(now),
		Evidence: came(of, 1, 1),
	}}
}

func sameStatus(all []contracts.Tally[string], status int) (some []contracts.Tally[string]) {
	for _, t := range all {
		if strings.HasPrefix(t.Value, fmt.Sprint(status)) {
			some = append(some, t)
		}
	}
	return some
}

func retryForm(key string) string {
	_, form, _ := strings.Cut(key, " ")
	switch form {
	case "seconds":
		return "in seconds"
	case "date":
		return "as a date"
	case "none":
		return "not stated"
	}
	return "in words"
}
