package detectors

import (
	"fmt"
	"time"

	"shapewatch/contracts"
)

func valueFrozen() contracts.Detector {
	return contracts.Detector{
		Name:     "value-frozen",
		Severity: contracts.Info,
		Rule:     contracts.Rule{Trial: contracts.EveryValue, Prior: 200, Beyond: true, Aside: true},
		Detect:   findFrozen,
		Doc: `A value that moved has stopped moving

**What it means for you.** The field is still there and says what it said last week: often it is kept for old clients and no longer filled, the quiet end before the loud one.

**A real one.** Fields that are emptied or frozen before they are removed, so that removing them "breaks nobody".

**How it decides.** One value outside of lists changed twenty times or more, and has now been the same for three times longer, and three times more answers in a row, than ever before, while the rest of the answer moves on. A cursor and a number that counts through are told as freshness. Nights and weekends count as for freshness. It is a digest line.

**Tuning.** ` + "`severity: {value-frozen: warning}`" + ` with ` + "`uses`" + ` naming the values you live on.`,
	}
}

func findFrozen(c *contracts.Comparison) (found []contracts.Finding) {
	if c.Policy.Sensitivity == contracts.Snapshot {
		return nil
	}
	if s, ok := c.Still("body"); ok && s.Answers > 1 {
		return nil // all of it stands still: freshness
	}
	for path, s := range c.StillValues() {
		if !tooLong(c, s) || s.For < time.Hour || followed(c, path) {
			continue
		}
		found = append(found, contracts.Finding{
			Path: path, Was: fmt.Sprintf("changed %s, after %s at the latest", plural(s.Changes, "time"), ago(s.Longest)),
			Now: "has not changed for " + ago(s.For), Evidence: came(s.Changes, 1, 1),
		})
	}
	return found
}
