package detectors

import (
	"fmt"
	"strings"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

func enumNew() contracts.Detector {
	return contracts.Detector{
		Name:     "enum-new",
		Severity: contracts.Warning,
		Rule:     contracts.Rule{Trial: contracts.EveryValue, Prior: 30, Varies: true, Returns: contracts.Things},
		Detect:   findEnums,
		Doc: `A closed set of values got a new one

**What it means for you.** A ` + "`status`" + ` or ` + "`type`" + ` says something that your code has no branch for.

**A real one.** Mollie added values to enumerations five times, and each time clients with strict enums broke (mollie, issue 113).

**How it decides.** The strings at this path are a small set that stopped growing: every value was seen often, and none only once. A value outside that set must come back before it counts. Dates, ids, free text and whatever has a number in it are no sets. The new value is shown only where all values are short words that cannot be private.

**Tuning.** ` + "`severity: {enum-new: breaking}`" + ` if your decoder is strict; ` + "`ignore`" + ` the path of a set that is meant to grow.`,
	}
}

func findEnums(c *contracts.Comparison) (found []contracts.Finding) {
	for _, p := range c.Both() {
		old, f := p.Before, p.Now
		if f.Kinds[shape.String] == 0 || !closed(old) {
			continue
		}
		if odd, names := newValues(old, f); odd > 0 && !varied(c, old) {
			found = append(found, contracts.Finding{
				Path:     f.Path,
				Was:      fmt.Sprintf("one of %s%s", plural(old.Values.Distinct, "value"), listed(texts(old.Values.List))),
				Now:      "also a new value" + listed(names),
				Evidence: came(had(old), odd, f.Kinds[shape.String]),
			})
		}
	}
	return found
}

// closed reports whether the strings of a field are a settled set of words:
// two or more, all fit to be shown.
func closed(f *shape.Field) bool {
	v := f.Values
	if !v.Closed || !v.Exact || v.Distinct < 2 || f.Kinds[shape.String] < often || had(f) < often/2 || formal(f) {
		return false
	}
	for _, value := range v.List {
		if value.Text == "" || numbered(value.Text) {
			return false
		}
	}
	return true
}

// numbered reports whether a value has a number of three digits or more in it:
// no programmer's word, but a name, an address, a month.
func numbered(text string) bool {
	run := 0
	for _, r := range text {
		if run++; r < '0' || r > '9' {
			run = 0
		}
		if run == 3 {
			return true
		}
	}
	return false
}

// perValue is how many things must have been seen for each value of a set.
const perValue = 4

// varied reports whether there are almost as many values as things that have
// them: then there are few because few things were seen.
func varied(c *contracts.Comparison, f *shape.Field) bool {
	things := c.Things(f.Path)
	return c.Policy.Sensitivity != contracts.Snapshot && things > 0 && things < perValue*float64(f.Values.Distinct)
}

// formal reports whether the strings of a field have a form, like dates and
// ids: then they are no words, however few there are.
func formal(f *shape.Field) bool {
	return len(f.Formats) > 0 && f.Formats[0].Format != "" && f.Formats[0].Share > 0.5
}

func newValues(old, now *shape.Field) (odd uint64, names []string) {
	known := make(map[uint64]bool, len(old.Values.List))
	for _, v := range old.Values.List {
		known[v.Hash] = true
	}
	for _, v := range now.Values.List {
		if !known[v.Hash] {
			odd += v.Count
			names = append(names, v.Text)
		}
	}
	return odd, names
}

func texts(vs []shape.Value) (names []string) {
	for _, v := range vs {
		names = append(names, v.Text)
	}
	return names
}

// listed writes a few values, or nothing when one of them is private.
func listed(names []string) string {
	const most = 6
	for _, n := range names {
		if n == "" {
			return ""
		}
	}
	if len(names) > most {
		names = append(append([]string(nil), names[:most]...), "…")
	}
	if len(names) == 0 {
		return ""
	}
	return ": " + strings.Join(names, ", ")
}
