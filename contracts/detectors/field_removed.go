package detectors

import (
	"math"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

func fieldRemoved() contracts.Detector {
	return contracts.Detector{
		Name:     "field-removed",
		Severity: contracts.Breaking,
		Rule:     contracts.Rule{Trial: contracts.EveryParent, Prior: 100, Varies: true, Returns: contracts.Things},
		Detect:   findRemoved,
		Doc: `A field is gone

**What it means for you.** Code that reads the field gets nothing, ` + "`undefined`" + ` or a decoding error.

**A real one.** PyPI dropped ` + "`releases`" + ` from its JSON API on 7 July 2022; pip-audit and others stopped with a KeyError.

**How it decides.** A field that was everywhere in nine of ten answers or more (or in so many items of a list that its absence from all of them is no accident) is missing in all of the places where it could be. Its parent must be there and hold something: an empty list, an empty object or a failed answer says nothing about what is inside. Inside maps, whose keys are data, it never fires, and of a branch that went only the top is told. A field that was in every answer is breaking; one that was rare at times is a warning. A field that came and went all along is never reported as gone, unless its coming and going followed a tag: where every ` + "`push`" + ` event had a ` + "`ref`" + ` and no ` + "`fork`" + ` had one, a ` + "`push`" + ` without it is told. When a like field came in its place, both are told as one rename.

**Tuning.** ` + "`ignore`" + ` the path where content makes the field come and go; ` + "`uses`" + ` makes fields you do not read a line in the digest.`,
	}
}

// usuallyThere is the share of answers above which a field counts as promised.
const usuallyThere = 0.9

func findRemoved(c *contracts.Comparison) (found []contracts.Finding) {
	before := c.Before()
	for i := range before {
		f := &before[i]
		if !judgeable(c, f) {
			continue
		}
		if _, still := c.NowAt(f.Path); still {
			continue
		}
		parent, _ := c.NowAt(f.Parent)
		if of, promise := promised(c, f, parent); promise {
			found = append(found, removed(f, of))
		}
	}
	return addMissing(c, found, true)
}

// promised reports whether the absence of a field means something, and how
// many answers could have had it: it was everywhere in nine of ten answers
// since it was first seen, or in so many of the list's items that so many
// items without it are no accident.
func promised(c *contracts.Comparison, f, parent *shape.Field) (of uint64, promise bool) {
	of = f.Probes.Of()
	if since := c.Baseline.AnswersSince(f.First); since < of && since >= young(c) {
		of = max(since, had(f))
	}
	if float64(f.Probes.All) >= usuallyThere*float64(of) {
		return of, true
	}
	places := float64(parent.Kinds[shape.Object])
	return of, places > 1 && places*math.Log1p(-float64(f.Count)/float64(f.Parents)) < accident
}

// young is how many answers a field that was not there from the start must
// have lasted before it counts as promised; content can make one last a while.
func young(c *contracts.Comparison) uint64 {
	if c.Policy.Sensitivity == contracts.Snapshot {
		return 1
	}
	return 100
}

// accident is the logarithm of a chance that nobody needs to reckon with.
const accident = -14.0 // about one in a million

// judgeable reports whether the presence of a learned field can be judged: it
// is a key of a record, its place was seen often enough, and the observation
// holds a record there.
func judgeable(c *contracts.Comparison, f *shape.Field) bool {
	if f.Depth == 0 || c.Policy.OneOf && f.Depth == 1 || quiet(f) || f.Name == "[]" || f.Name == "{}" || f.Probes.Of() < c.Least() || !c.Holds(f.Parent) {
		return false
	}
	parent, ok := c.NowAt(f.Parent)
	return ok && !parent.IsMap && !quiet(parent)
}

func removed(f *shape.Field, of uint64) contracts.Finding {
	severity := contracts.Breaking
	if f.Probes.All < of {
		severity = contracts.Warning
	}
	return contracts.Finding{
		Path:     f.Path,
		Severity: severity,
		Was:      kinds(f) + ", " + inAnswers(had(f), of),
		Now:      "gone",
		Evidence: contracts.Evidence{WasSeen: had(f), WasOf: of, NowSeen: 0, NowOf: 1},
	}
}
