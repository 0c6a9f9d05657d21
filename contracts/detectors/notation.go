package detectors

import (
	"strings"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

// otherNotation reports times that changed between text and epoch, and numbers
// in strings that changed how they are written.
func otherNotation(old, now *shape.Field) (f contracts.Finding, ok bool) {
	before, timed := old.IsTimestamp()
	if after, still := now.IsTimestamp(); timed && still && strings.HasPrefix(before, "epoch") != strings.HasPrefix(after, "epoch") {
		n := now.Count - now.Kinds[shape.Null]
		return contracts.Finding{
			Path: now.Path, Severity: contracts.Breaking, Was: before + " " + inAnswers(had(old), had(old)), Now: after, Evidence: came(had(old), n, n),
		}, true
	}
	if had(old) < often || len(old.Formats) == 0 || old.Formats[0].Format != "decimal" || old.Formats[0].Share < 0.995 || !now.Has(shape.String) {
		return f, false
	}
	if len(now.Formats) == 0 || now.Formats[0].Format != "" || len(now.Formats) > 1 || now.EmptyStrings > 0 || now.Lengths.Max > old.Lengths.Max+4 {
		return f, false // longer text is another thing, and kept apart by id-changed and the like
	}
	n := now.Kinds[shape.String]
	return contracts.Finding{
		Path: now.Path, Severity: contracts.Breaking, Was: "numbers with a point " + inAnswers(had(old), had(old)),
		Now: "as long, and no such number: a comma, or marks of thousands or of a currency", Evidence: came(had(old), n, n),
	}, true
}
