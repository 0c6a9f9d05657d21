package detectors

import (
	"cmp"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

func formatChanged() contracts.Detector {
	return contracts.Detector{
		Name:     "format-changed",
		Severity: contracts.Warning,
		Rule:     contracts.Rule{Trial: contracts.EveryValue, Prior: 50, Returns: contracts.Things},
		Detect:   findFormats,
		Doc: `A string changed its form

**What it means for you.** Dates lost their zone, ISO became epoch, a UUID became something else: parsers fail, or worse, do not.

**A real one.** Sal's API dropped the zone of its timestamps (sal, issue 205); TAO moved from epoch milliseconds to ISO 8601 (tapiriik, pull request 309).

**How it decides.** All values at this path had one recognised form (dates and times, UUIDs, addresses and the like; forms that plain text can have by chance are not held against it), and now values come in a form never seen there. Empty strings say nothing. Dates and UUIDs are breaking. Times that were text and are numbers of an epoch, or the other way round, are told here as well as under kind-changed; so are numbers in strings that lose their point, or get a comma for it.

**Tuning.** ` + "`ignore`" + ` the path of free text that happened to look alike.`,
	}
}

// firm are the forms that text does not take by chance.
var firm = map[string]contracts.Severity{
	"date-time": contracts.Breaking, "date": contracts.Breaking, "time": contracts.Breaking, "uuid": contracts.Breaking,
	"date-time-local": contracts.Breaking, "http-date": contracts.Breaking, "date-time-rfc1123": contracts.Breaking,
	"duration": contracts.Warning, "uri": contracts.Warning, "url": contracts.Warning, "email": contracts.Warning,
	"ipv4": contracts.Warning, "ipv6": contracts.Warning, "ulid": contracts.Warning,
}

// fewest is how many values must have had a form before it counts as one.
const fewest = 3

func findFormats(c *contracts.Comparison) (found []contracts.Finding) {
	for _, p := range c.Both() {
		old, f := p.Before, p.Now
		if finding, ok := otherNotation(old, f); ok {
			found = append(found, finding)
			continue
		}
		if len(f.Formats) == 0 || len(old.Formats) == 0 {
			continue
		}
		was := old.Formats[0]
		severity, ok := firm[was.Format]
		if !ok || was.Count < fewest || was.Share < 0.995 {
			continue
		}
		if odd, form := strangers(old, f); odd > 0 {
			found = append(found, contracts.Finding{
				Path:     f.Path,
				Severity: severity,
				Was:      was.Format + " " + inAnswers(had(old), had(old)),
				Now:      cmp.Or(form, "plain text"),
				Evidence: came(had(old), odd, f.Count-f.Kinds[shape.Null]),
			})
		}
	}
	return found
}

// strangers counts the values in forms never seen, and names the commonest.
func strangers(old, now *shape.Field) (odd uint64, form string) {
	for _, fc := range now.Formats {
		n := fc.Count
		if fc.Format == "" {
			n -= min(n, now.EmptyStrings)
		}
		if n == 0 || seenFormat(old, fc.Format) {
			continue
		}
		if odd == 0 {
			form = fc.Format
		}
		odd += n
	}
	return odd, form
}

func seenFormat(f *shape.Field, format string) bool {
	for _, fc := range f.Formats {
		if fc.Format == format {
			return true
		}
	}
	return false
}
