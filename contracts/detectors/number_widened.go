package detectors

import (
	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

func numberWidened() contracts.Detector {
	return contracts.Detector{
		Name:     "number-widened",
		Severity: contracts.Info,
		Rule:     contracts.Rule{Trial: contracts.EveryValue, Prior: 20, Additive: true},
		Detect:   findWidened,
		Doc: `Whole numbers gained a fraction

**What it means for you.** A field that held whole numbers holds fractions now. Where you decode into an integer, that fails; everywhere else it is likely just content: prices are whole for weeks.

**A real one.** A coin price that was sent as 38000 on the hour and 38012.5 a minute later.

**How it decides.** Only integers in twenty answers or more, now a literal with a fraction or an exponent. It is told once, in the digest, and learned.

**Tuning.** ` + "`severity: {number-widened: breaking}`" + ` if you decode into integers.`,
	}
}

func findWidened(c *contracts.Comparison) (found []contracts.Finding) {
	for _, p := range c.Both() {
		old, f := p.Before, p.Now
		if f.Kinds[shape.Frac] == 0 || had(old) < often || old.Has(shape.Frac) || !old.Has(shape.Int) {
			continue
		}
		found = append(found, contracts.Finding{
			Path:     f.Path,
			Was:      kinds(old) + " " + inAnswers(had(old), had(old)),
			Now:      kinds(f),
			Evidence: came(had(old), f.Kinds[shape.Frac], f.Kinds[shape.Frac]+f.Kinds[shape.Int]),
		})
	}
	return found
}
