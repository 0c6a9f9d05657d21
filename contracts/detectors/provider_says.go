package detectors

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

func providerSays() contracts.Detector {
	return contracts.Detector{
		Name:     "provider-says",
		Severity: contracts.Warning,
		Detect:   findStatements,
		Doc: `The provider says that the end is near

**What it means for you.** The vendor itself announces, in the headers of its answers, that this endpoint is deprecated or will be switched off.

**A real one.** One API in 160 deprecates operations before it removes them; one in four just removes them (Di Lauro et al., ECSA 2022). Where it is said, hear it.

**How it decides.** A ` + "`Deprecation`" + ` header (RFC 9745, or plain ` + "`true`" + `), a ` + "`Sunset`" + ` header (RFC 8594), a ` + "`Warning: 299`" + `, or a ` + "`Link`" + ` to a successor version; and in the body, at the root or one level below, ` + "`deprecated: true`" + ` or a notice under ` + "`deprecation_notice`" + ` or ` + "`sunset`" + ` where none was before. One answer is enough: nobody says so by accident. It is breaking when the sunset is less than 30 days away, or past.

**Tuning.** ` + "`severity: {provider-says: breaking}`" + ` to be woken at once.`,
	}
}

// soon is how near a sunset must be to be breaking.
const soon = 30 * 24 * time.Hour

func findStatements(c *contracts.Comparison) (found []contracts.Finding) {
	l, at := c.Observation.Signals.Lifecycle, c.Observation.At
	says := func(header, now string, severity contracts.Severity) {
		evidence := whole(c)
		evidence.Told = true
		found = append(found, contracts.Finding{
			Path: "header:" + header, Severity: severity, Was: "nothing said", Now: now + more(l.Links), Evidence: evidence,
		})
	}
	if !l.Sunset.IsZero() {
		severity := contracts.Warning
		if l.Sunset.Sub(at) < soon {
			severity = contracts.Breaking
		}
		says("sunset", "will be switched off on "+l.Sunset.Format(time.DateOnly)+away(l.Sunset.Sub(at)), severity)
	}
	if l.Deprecated {
		says("deprecation", deprecated(l.Deprecation, at), contracts.Warning)
	}
	if len(l.Links) > 0 && l.Sunset.IsZero() && !l.Deprecated {
		says("link", "names a successor", contracts.Warning)
	}
	if path, text := saysInBody(c); path != "" {
		evidence := whole(c)
		evidence.Told = true
		found = append(found, contracts.Finding{Path: path, Severity: contracts.Warning, Was: "nothing said", Now: text, Evidence: evidence})
	}
	if l.Warning != "" {
		says("warning", fmt.Sprintf("warns: %q", l.Warning), contracts.Warning)
	}
	return found
}

// notices are the names under which a body speaks of the end.
var notices = []string{"deprecated", "is_deprecated", "deprecation", "deprecation_notice", "deprecation_warning", "sunset", "sunset_date", "end_of_life", "eol"}

// saysInBody finds a notice in the body that was not there, or said no, in
// what was learned.
func saysInBody(c *contracts.Comparison) (path, text string) {
	now := c.Now()
	for i := range now {
		f := &now[i]
		if f.Depth == 0 || f.Depth > 2 || f.Count != 1 || f.Parents != 1 || quiet(f) || !slices.Contains(notices, strings.ToLower(f.Name)) {
			continue
		}
		old, known := c.BeforeAt(f.Path)
		switch {
		case f.True > 0 && (!known || old.True == 0):
			return f.Path, "says that it is deprecated"
		case f.Kinds[shape.String] > 0 && f.EmptyStrings == 0 && (!known || old.Kinds[shape.String] == old.EmptyStrings) && c.Baseline.Answers() >= c.Least():
			return f.Path, "carries a notice"
		}
	}
	return "", ""
}

func deprecated(since, at time.Time) string {
	switch {
	case since.IsZero():
		return "deprecated"
	case since.After(at):
		return "will be deprecated on " + since.Format(time.DateOnly)
	}
	return "deprecated since " + since.Format(time.DateOnly)
}

func away(d time.Duration) string {
	days := int64(d / (24 * time.Hour))
	switch {
	case d < 0:
		return ", which is past"
	case days == 1:
		return ", in 1 day"
	}
	return ", in " + count(days) + " days"
}

func more(links []string) string {
	if len(links) == 0 {
		return ""
	}
	return "; see " + strings.Join(links, ", ")
}
