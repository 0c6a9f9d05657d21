package detectors

import (
	"fmt"
	"strings"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

func nestingMoved() contracts.Detector {
	return contracts.Detector{
		Name:     "nesting-moved",
		Severity: contracts.Breaking,
		Rule:     contracts.Rule{Trial: contracts.EveryParent, Prior: 100, Returns: contracts.Things},
		Detect:   findMoved,
		Doc: `A field moved to another level

**What it means for you.** The value is still there, and your code does not find it: it was wrapped in an object, or unwrapped from one.

**A real one.** HubSpot's second API moved everything of a contact into ` + "`properties`" + `; Shopify moved prices into ` + "`presentment_prices`" + `.

**How it decides.** A field that was promised is gone (as field-removed has it), and in the same answer a field of the same name and kind turned up below or above its old place, where none was before. It is told beside field-removed, as its cause.

**Tuning.** As for field-removed.`,
	}
}

func findMoved(c *contracts.Comparison) (found []contracts.Finding) {
	if c.Strange() == 0 {
		return nil // nothing can have moved to where nothing came
	}
	for _, gone := range findRemoved(c) {
		old, ok := c.BeforeAt(gone.Path)
		if !ok {
			continue
		}
		to := newHome(c, old)
		if to == "" {
			continue
		}
		gone.Now = "moved to " + to
		gone.Cause = fmt.Sprintf("`%s` moved to %s", old.Name, to)
		found = append(found, gone)
	}
	return found
}

// newHome is the one new path at which a field of this name and kind lives
// now, around its old place; "" when there is none, or more than one.
func newHome(c *contracts.Comparison, old *shape.Field) (to string) {
	now := c.Now()
	for i := range now {
		f := &now[i]
		if f.Name != old.Name || quiet(f) || f.Parent == old.Parent || !near(f.Parent, old.Parent) || !alike(old, f) {
			continue
		}
		if _, known := c.BeforeAt(f.Path); known {
			continue
		}
		if to != "" {
			return ""
		}
		to = f.Path
	}
	return to
}

// near reports whether one place holds the other, so that a field can move
// between them without changing what it is about.
func near(a, b string) bool {
	return strings.HasPrefix(a+"/", b+"/") || strings.HasPrefix(b+"/", a+"/")
}

// alike reports whether a field has only kinds that another had.
func alike(old, now *shape.Field) bool {
	for k := range now.Kinds {
		if now.Kinds[k] > 0 && old.Kinds[k] == 0 {
			return false
		}
	}
	return true
}
