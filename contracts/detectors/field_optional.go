package detectors

import "shapewatch/contracts"

func fieldOptional() contracts.Detector {
	return contracts.Detector{
		Name:     "field-optional",
		Severity: contracts.Breaking,
		Rule:     contracts.Rule{Trial: contracts.EveryParent, Prior: 50, Varies: true, Returns: contracts.Things},
		Detect:   findOptional,
		Doc: `A field that was always there is missing in places

**What it means for you.** Some items of a list lack a field that every item had. Code that takes it for granted breaks on those items only, which is found late.

**A real one.** UPS marked as optional in its API documentation what clients had been reading from every answer (UPS-API/api-documentation, pull request 21).

**How it decides.** The field was in every place of every answer; now at least one place lacks it while others have it. One odd item among many counts for little, because it may be that item; three or more count as one answer that deviates. A field that was optional before is not reported.

**Tuning.** ` + "`ignore`" + ` the path; ` + "`severity: {field-optional: warning}`" + ` if your code copes.`,
	}
}

func findOptional(c *contracts.Comparison) (found []contracts.Finding) {
	before := c.Before()
	for i := range before {
		f := &before[i]
		required, probes := f.Required()
		if !required || !judgeable(c, f) {
			continue
		}
		now, ok := c.NowAt(f.Path)
		if !ok || now.Probes.Some == 0 {
			continue
		}
		found = append(found, contracts.Finding{
			Path:     f.Path,
			Was:      "always there, " + inAnswers(probes, probes),
			Now:      "missing in places",
			Evidence: contracts.Evidence{WasSeen: probes, WasOf: probes, NowSeen: now.Count, NowOf: now.Parents},
		})
	}
	return addMissing(c, found, false)
}
