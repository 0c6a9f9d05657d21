package detectors

import (
	"fmt"

	"shapewatch/contracts"
)

func mixedShapes() contracts.Detector {
	return contracts.Detector{
		Name:     "mixed-shapes",
		Severity: contracts.Warning,
		Rule:     contracts.Rule{Votes: true, Aside: true, Beyond: true},
		Detect:   findMixed,
		Doc: `Two shapes take turns

**What it means for you.** Some answers have changed and others between them have not: a canary, an experiment, a region, one server that is ahead or behind. Your code meets both, and a test that passes proves nothing.

**A real one.** Hyundai's server answered with another body by region (nudl, issue 8); Instagram's varied account by account (goinsta, issue 176).

**How it decides.** A change that is confirmed has shown three times or more and not shown three times or more since it began. What shows in one answer of twenty is confirmed for coming back: something that content cannot make, because the very things that had it are as they were in the next answer (or because content never makes it: a status, a media type, a limit), is counted over all checks until a hundred to one that it was an accident. It is told as a warning, under its own name and here, and becomes what it is when most answers have it. It says in what share of the answers, with the interval in which that share lies at 95 %, and which header separates them, if one does: who served it, from which region, out of which cache.

**Tuning.** ` + "`ignore: [{kind: mixed-shapes}]`" + `; what changed is told in any case.`,
	}
}

func findMixed(c *contracts.Comparison) []contracts.Finding {
	mixes := c.Mixed()
	if len(mixes) == 0 {
		return nil
	}
	m := mixes[0]
	now := fmt.Sprintf("%s in %s of the answers (%s to %s)", m.Finding.Kind, percent(m.Share), percent(m.Low), percent(m.High))
	if m.Where != "" {
		now += ", " + m.Where
	}
	if len(mixes) > 1 {
		now += fmt.Sprintf("; and %s more like it", plural(uint64(len(mixes)-1), "change"))
	}
	return []contracts.Finding{{Path: m.Finding.Path, Was: "one shape", Now: now, Evidence: whole(c)}}
}
