package detectors

import (
	"strconv"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

func valueGutted() contracts.Detector {
	return contracts.Detector{
		Name:     "value-gutted",
		Severity: contracts.Warning,
		Rule:     contracts.Rule{Trial: contracts.EveryValue, Prior: 50, Beyond: true, Varies: true, Returns: contracts.Things},
		Detect:   findGutted,
		Doc: `A field is still there, with nothing in it

**What it means for you.** Every value is "", 0, [] or {} where there always was something. No decoder complains; your report is empty.

**A real one.** Fields are often emptied before they are removed: for clients that check only for presence.

**How it decides.** Text of ten different values or more was never empty, in twenty answers or more; anything else was hardly ever empty in two hundred answers over a week (one in twenty of its values at most; a number: never zero). Now all of its values are. Of a list of things, three at least; a single value must have been five different ones. The main list is the business of volume.

**Tuning.** ` + "`ignore`" + ` the path where emptiness is content.`,
	}
}

// rarelyEmpty is the share up to which empty was an exception.
const rarelyEmpty = 0.05

func findGutted(c *contracts.Comparison) (found []contracts.Finding) {
	for _, p := range c.Both() {
		old, f := p.Before, p.Now
		if f.Depth == 0 || had(old) < often || f.Path == c.Observation.Signals.ItemsPath || f.Parents > 1 && f.Count < flipsAtLeast {
			continue
		}
		what := emptyOf(f)
		if what == "" || f.Count == 0 || !lived(c, old, f) {
			continue
		}
		was, now := empties(old), empties(f)
		if now < f.Count || float64(was) > rarelyEmpty*float64(old.Count) {
			continue
		}
		found = append(found, contracts.Finding{
			Path: f.Path, Was: kinds(old) + ", hardly ever empty " + inAnswers(had(old), had(old)), Now: "always " + what,
			Evidence: contracts.Evidence{WasSeen: uint64(float64(was) / float64(old.Count) * float64(had(old))), WasOf: had(old), NowSeen: now, NowOf: f.Count},
		})
	}
	return found
}

// Of what shows that a field is filled by more than one thing that lasts: days
// of answers, and different values in them.
const (
	livedFor     = 7 * 24 * time.Hour
	livedAnswers = 200
	livedValues  = 5
)

// lived reports whether a field has been filled in so many ways, for so long,
// that all of it empty is no accident. A list of things shows as much at once.
func lived(c *contracts.Comparison, old, now *shape.Field) bool {
	if c.Policy.Sensitivity == contracts.Snapshot {
		return now.Parents >= flipsAtLeast
	}
	if old.EmptyStrings == 0 && now.EmptyStrings == now.Count && old.Values.Distinct >= 2*livedValues {
		return true // text that never was empty; a zero or a list may well be
	}
	if had(old) < livedAnswers || c.Observation.At.Sub(old.First) < livedFor {
		return false
	}
	return old.Values.Distinct >= livedValues || now.Parents >= flipsAtLeast
}

// flipsAtLeast is how many things of a list must be empty before it is told.
const flipsAtLeast = 3

// empties counts the values that hold nothing; null has its own detector.
func empties(f *shape.Field) uint64 {
	return f.EmptyStrings + f.EmptyArrays + f.EmptyObjects + zeros(f)
}

// zeros counts the numbers when all of them are zero, or when none is known to
// be otherwise.
func zeros(f *shape.Field) (n uint64) {
	lo, err1 := strconv.ParseFloat(f.Numbers.Min, 64)
	hi, err2 := strconv.ParseFloat(f.Numbers.Max, 64)
	if err1 != nil || err2 != nil || lo > 0 || hi < 0 {
		return 0
	}
	return f.Kinds[shape.Int] + f.Kinds[shape.Frac]
}

func emptyOf(f *shape.Field) string {
	switch {
	case f.EmptyStrings == f.Count:
		return `""`
	case f.EmptyArrays == f.Count:
		return "[]"
	case f.EmptyObjects == f.Count:
		return "{}"
	case f.Numbers.Min == "0" && f.Numbers.Max == "0" && f.Kinds[shape.Int] == f.Count:
		return "0"
	}
	return ""
}
