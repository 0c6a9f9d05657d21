package detectors

import "shapewatch/contracts"

func versionChanged() contracts.Detector {
	return contracts.Detector{
		Name:     "version-changed",
		Severity: contracts.Info,
		Rule:     contracts.Rule{Prior: 20, Additive: true},
		Detect:   findVersion,
		Doc: `Another version of the API answers

**What it means for you.** Nothing by itself. Next to other changes it says why they came, and when.

**A real one.** Stripe, Shopify and GitHub name in a header which version answered; when an account's pinned version expires, it moves.

**How it decides.** A version header that said the same in nine of ten answers or more says something never heard before. Told once and learned. A header that changes all the time is never reported.`,
	}
}

func findVersion(c *contracts.Comparison) []contracts.Finding {
	usual, seen, of := contracts.Usual(c.Baseline.Habits.Versions)
	now := c.Observation.Signals.Version
	if now == "" || of < c.Least() || float64(seen) < usuallyThere*float64(of) || contracts.Count(c.Baseline.Habits.Versions, now) > 0 {
		return nil
	}
	return []contracts.Finding{{
		Path: "header:version", Was: usual + " " + inAnswers(seen, of), Now: now,
		Evidence: contracts.Evidence{WasSeen: of - seen, WasOf: of, NowSeen: 1, NowOf: 1},
	}}
}
