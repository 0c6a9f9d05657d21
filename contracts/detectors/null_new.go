package detectors

import (
	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

func nullNew() contracts.Detector {
	return contracts.Detector{
		Name:     "null-new",
		Severity: contracts.Breaking,
		Rule:     contracts.Rule{Trial: contracts.EveryValue, Prior: 50, Varies: true, Returns: contracts.Things},
		Detect:   findNulls,
		Doc: `Null where none was

**What it means for you.** A field that always had a value is null: a typed decoder refuses it, everything else trips one line later.

**A real one.** Pipedrive's ` + "`order_nr`" + ` turned from 0 to null on 24 December 2022 (pipedrive-dotnet, issue 141).

**How it decides.** No null was ever seen at this path. One null among many values counts for little (it may be that item); three, or all there are, count as one answer that deviates. Where nulls were rare (one in twenty or fewer) and now every value is null, it is told as a warning.

**Tuning.** ` + "`ignore`" + ` the path; ` + "`severity: {null-new: warning}`" + ` if your code copes.`,
	}
}

// rareNulls is the share up to which a null was an exception.
const rareNulls = 0.05

func findNulls(c *contracts.Comparison) (found []contracts.Finding) {
	for _, p := range c.Both() {
		if p.Now.Kinds[shape.Null] == 0 || p.Before.Kinds[shape.Null] == p.Before.Count {
			continue
		}
		if f, ok := nullFinding(p.Before, p.Now); ok {
			found = append(found, f)
		}
	}
	return found
}

func nullFinding(old, now *shape.Field) (contracts.Finding, bool) {
	nulls, probes := now.Kinds[shape.Null], had(old)
	f := contracts.Finding{Path: now.Path, Now: "null", Evidence: came(probes, nulls, now.Count)}
	if old.Kinds[shape.Null] == 0 {
		f.Was = kinds(old) + ", never null " + inAnswers(probes, probes)
		return f, true
	}
	rate := float64(old.Kinds[shape.Null]) / float64(old.Count)
	if nulls < now.Count || rate > rareNulls || probes < often {
		return f, false
	}
	f.Severity = contracts.Warning
	f.Was = "null in " + percent(rate) + " of " + plural(old.Count, "value")
	f.Evidence.WasSeen = uint64(rate*float64(probes) + 0.5)
	return f, true
}

// often is how many answers a habit needs before a change of rate is judged.
const often = 20
