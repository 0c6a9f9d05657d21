package detectors

import (
	"shapewatch/contracts"
	"shapewatch/probes"
)

func partialData() contracts.Detector {
	return contracts.Detector{
		Name:     "partial-data",
		Severity: contracts.Breaking,
		Rule:     contracts.Rule{Trial: contracts.EveryReply, Votes: true},
		Always:   true,
		Detect:   findPartial,
		Doc: `A part of the answer is missing, and the answer says so

**What it means for you.** The status is 200, most of the data is there, and what failed is null. Clients that look at the status alone show half a page, or write the nulls down as the truth.

**A real one.** A GraphQL gateway in front of ten systems, one of which is down: every query that touches it has data and errors beside each other.

**How it decides.** Three of the last five checks got ` + "`data`" + ` with ` + "`errors`" + ` beside it (or a JSON-RPC batch in which some answers are errors). Each path that an error names is a finding, so that with ` + "`uses`" + ` only what you read is breaking. Such an answer teaches nothing: a null that stands for a failure is no null.

**Tuning.** ` + "`ignore: [{kind: partial-data, path: /data/beta}]`" + ` for a field that is known to fail.`,
	}
}

func findPartial(c *contracts.Comparison) (found []contracts.Finding) {
	if c.Observation.Class != probes.PartialData {
		return nil
	}
	lacks := c.Observation.Lacks
	if len(lacks) == 0 {
		lacks = []string{""}
	}
	for _, path := range lacks {
		found = append(found, contracts.Finding{Path: path, Was: soFar(c), Now: because("failed", c.Observation.Problem), Evidence: whole(c)})
	}
	return found
}
