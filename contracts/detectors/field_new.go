package detectors

import (
	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

func fieldNew() contracts.Detector {
	return contracts.Detector{
		Name:     "field-new",
		Severity: contracts.Info,
		Rule:     contracts.Rule{Trial: contracts.EveryParent, Additive: true, Novel: true, Returns: contracts.Things},
		Detect:   findNew,
		Doc: `A field is new

**What it means for you.** Nothing breaks, unless your decoder is strict about fields it does not know. It is often the first half of a rename or the start of a migration, and it may be what you have been waiting for.

**A real one.** Twitter sent ` + "`id_str`" + ` beside ` + "`id`" + ` long before its numbers outgrew what JavaScript can hold.

**How it decides.** A key shows up in a record that was seen often without it. Keys of maps are data and never reported; neither is what lies inside a new field, nor what a list or an object that was always empty turns out to hold. It is told once and learned.

**Tuning.** ` + "`severity: {field-new: warning}`" + ` if your decoder is strict; ` + "`ignore: [{kind: field-new}]`" + ` to hear of none.`,
	}
}

func findNew(c *contracts.Comparison) (found []contracts.Finding) {
	if c.Strange() == 0 {
		return nil
	}
	now := c.Now()
	for i := range now {
		f := &now[i]
		if f.Depth == 0 || quiet(f) || f.Name == "[]" || f.Name == "{}" {
			continue
		}
		parent, known := c.BeforeAt(f.Parent)
		if _, old := c.BeforeAt(f.Path); old || !known || !fixedRecord(parent) || had(parent) < c.Least() {
			continue
		}
		found = append(found, contracts.Finding{
			Path:     f.Path,
			Was:      "not there, " + inAnswers(had(parent), had(parent)),
			Now:      kinds(f),
			Evidence: came(had(parent), f.Count, f.Parents),
		})
	}
	return found
}

// fixedRecord reports whether a learned field is an object whose keys are its
// structure, and held some before.
func fixedRecord(f *shape.Field) bool {
	return f.Kinds[shape.Object] > f.EmptyObjects && !f.IsMap && !f.InMap
}
