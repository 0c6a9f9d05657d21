package detectors

import (
	"fmt"
	"strings"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

func idChanged() contracts.Detector {
	return contracts.Detector{
		Name:     "id-changed",
		Severity: contracts.Breaking,
		Rule:     contracts.Rule{Trial: contracts.EveryValue, Prior: 50, Beyond: true, Returns: contracts.Things},
		Detect:   findIDs,
		Doc: `Ids look different

**What it means for you.** Ids no longer fit a column, a pattern or a cache key, and ids you stored may not match what comes now.

**A real one.** Mastodon's ids turned from integers to strings in 2017 (pull request 5019); that change of type is kind-changed, this detector is for the quieter ones.

**How it decides.** A field named like an id held strings of one fixed length (two characters more or less), hardly any twice, and now every one has another length. Or all of them were of one make (UUID, ULID, hexadecimal, base64, digits, a prefix with an underscore), and now none is: another alphabet, the prefix gone or new.

**Tuning.** ` + "`ignore`" + ` the path.`,
	}
}

func findIDs(c *contracts.Comparison) (found []contracts.Finding) {
	for _, p := range c.Both() {
		old, f := p.Before, p.Now
		if finding, ok := otherAlphabet(old, f); ok {
			found = append(found, finding)
			continue
		}
		if !f.Has(shape.String) || f.EmptyStrings > 0 || had(old) < often || !fixedLength(old) || !idName(f.Name) {
			continue
		}
		if f.Lengths.Max >= old.Lengths.Min && f.Lengths.Min <= old.Lengths.Max+1 { // a counter gets a digit more
			continue
		}
		n := f.Kinds[shape.String]
		found = append(found, contracts.Finding{
			Path:     f.Path,
			Was:      fmt.Sprintf("%s long, %s", lengths(old), inAnswers(had(old), had(old))),
			Now:      lengths(f) + " long",
			Evidence: came(had(old), n, n),
		})
	}
	return found
}

// idName reports whether a name says that the value tells things apart.
func idName(name string) bool {
	lower := strings.ToLower(name)
	return lower == "id" || lower == "key" || lower == "uid" || strings.HasSuffix(lower, "_id") || strings.HasSuffix(name, "Id") ||
		strings.HasSuffix(name, "ID") || strings.Contains(lower, "uuid") || strings.Contains(lower, "guid")
}

// fixedLength reports whether strings had one length, and there were enough
// different ones for that to mean something.
func fixedLength(f *shape.Field) bool {
	return f.Lengths.Max-f.Lengths.Min <= 2 && f.Values.Distinct >= 10 && f.EmptyStrings == 0
}

func lengths(f *shape.Field) string {
	if f.Lengths.Min == f.Lengths.Max {
		return plural(f.Lengths.Min, "byte")
	}
	return fmt.Sprintf("%d to %d bytes", f.Lengths.Min, f.Lengths.Max)
}

// makes are the forms of ids, as people call them.
var makes = map[string]string{
	"uuid": "UUIDs", "ulid": "ULIDs", "hex": "hexadecimal", "base64": "base64", "integer": "digits", "prefixed-id": "prefixed, as in abc_123",
}

// otherAlphabet reports ids that were all of one make and are all of another.
func otherAlphabet(old, now *shape.Field) (f contracts.Finding, ok bool) {
	if !idName(now.Name) || had(old) < often || len(old.Formats) == 0 || old.Values.Distinct < 10 || !now.Has(shape.String) || now.EmptyStrings > 0 {
		return f, false
	}
	was := old.Formats[0]
	if makes[was.Format] == "" || was.Format == "uuid" || was.Share < 0.995 || seenFormat(now, was.Format) {
		return f, false // UUIDs are the business of format-changed
	}
	is, longer := "of no form we know", now.Lengths.Max > old.Lengths.Max || now.Lengths.Min < old.Lengths.Min
	if len(now.Formats) > 0 && makes[now.Formats[0].Format] != "" {
		is = makes[now.Formats[0].Format]
	} else if !longer {
		return f, false // a random id may lack what gives its make away
	}
	if len(now.Formats) > 0 && seenFormat(old, now.Formats[0].Format) {
		return f, false
	}
	n := now.Kinds[shape.String]
	return contracts.Finding{Path: now.Path, Was: makes[was.Format] + " " + inAnswers(had(old), had(old)), Now: is, Evidence: came(had(old), n, n)}, true
}
