package detectors

import (
	"fmt"
	"strings"

	"shapewatch/contracts"
)

func degradedResponse() contracts.Detector {
	return contracts.Detector{
		Name:     "degraded-response",
		Severity: contracts.Breaking,
		Rule:     contracts.Rule{Votes: true, Returns: contracts.Always},
		Absorbs:  true,
		Detect:   findDegraded,
		Doc: `Much of the answer is different at once

**What it means for you.** Either the vendor has a bad moment and sends half an answer with a straight face, or a whole new version went live. Both are one message, not forty.

**A real one.** PyPI clients that moved to the simple API got an answer in which no field was where it had been.

**How it decides.** Five or more (and at least one in twenty) of the fields that were in every answer are gone or changed in one answer, none of which was under suspicion before. It counts when three of the last five answers were so, re-probes included. Nothing is learned from them meanwhile. Not used with ` + "`sensitivity: snapshot`" + `.`,
	}
}

// Mass is when single changes stop being worth a message each.
const (
	massFields = 5
	massShare  = 0.05
)

func findDegraded(c *contracts.Comparison) []contracts.Finding {
	if c.Policy.Sensitivity == contracts.Snapshot {
		return nil
	}
	var required int
	before := c.Before()
	for i := range before {
		if r, n := before[i].Required(); r && n >= c.LeastAt(before[i].Path) && before[i].Depth > 0 && !quiet(&before[i]) {
			required++
		}
	}
	changed := freshBreaks(c)
	if len(changed) < massFields || float64(len(changed)) < massShare*float64(required) {
		return nil
	}
	return []contracts.Finding{{
		Was:      fmt.Sprintf("%s in every answer", plural(uint64(required), "field")),
		Now:      fmt.Sprintf("%d of them gone or changed at once: %s", len(changed), few(changed)),
		Evidence: whole(c),
	}}
}

// freshBreaks lists the paths of promised fields that broke just now.
func freshBreaks(c *contracts.Comparison) (paths []string) {
	seen := map[string]bool{}
	for _, f := range c.Found {
		old, ok := c.BeforeAt(f.Path)
		if f.Kind != "field-removed" && f.Kind != "kind-changed" && f.Kind != "null-new" || !ok || seen[f.Path] || !c.Fresh(f) {
			continue
		}
		if required, _ := old.Required(); required {
			seen[f.Path] = true
			paths = append(paths, f.Path)
		}
	}
	return paths
}

func few(paths []string) string {
	const most = 5
	if len(paths) <= most {
		return strings.Join(paths, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(paths[:most], ", "), len(paths)-most)
}
