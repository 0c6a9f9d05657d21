package detectors

import (
	"cmp"
	"strconv"
	"strings"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

func mediaTypeChanged() contracts.Detector {
	return contracts.Detector{
		Name:     "media-type-changed",
		Severity: contracts.Warning,
		Rule:     contracts.Rule{Votes: true, Returns: contracts.Always},
		Detect:   findMediaType,
		Doc: `The same kind of body under another media type

**What it means for you.** Clients that pick a decoder by Content-Type pick another one, or none.

**A real one.** APIs that move from ` + "`application/json`" + ` to ` + "`application/vnd.api+json`" + ` with a new framework.

**How it decides.** Three of the last five answers can be read and carry a Content-Type that was never seen here before. From JSON to XML or CSV, or back, it is breaking: no decoder takes both. A body that cannot be read as what it claims to be is invalid-json, one that is another thing not-json.

**Tuning.** ` + "`ignore: [{kind: media-type-changed}]`" + ` if your client does not look.`,
	}
}

func findMediaType(c *contracts.Comparison) []contracts.Finding {
	h, now := c.Baseline.Habits, c.Observation.Signals.MediaType
	usual, seen, of := contracts.Usual(h.MediaTypes)
	if of < c.Least() || now == usual || contracts.Count(h.MediaTypes, now) > 0 {
		return nil
	}
	severity := contracts.Info // the default
	if before, after := shape.SyntaxOf(usual), shape.SyntaxOf(now); before != after && before != "" && after != "" {
		severity = contracts.Breaking // no decoder takes both
	}
	return []contracts.Finding{{
		Path: "header:content-type", Severity: severity, Was: media(usual) + " " + inAnswers(seen, of), Now: media(now), Evidence: whole(c),
	}}
}

// media makes a vendor's media type fit for a sentence.
func media(t string) string {
	t = cmp.Or(t, "none")
	if len(t) > 80 || strings.ContainsFunc(t, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return strconv.Quote(t[:min(len(t), 80)])
	}
	return t
}
