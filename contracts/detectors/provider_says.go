package detectors

import (
	"fmt"
	"strings"
	"time"

	"shapewatch/contracts"
)

func providerSays() contracts.Detector {
	return contracts.Detector{
		Name:     "provider-says",
		Severity: contracts.Warning,
		Detect:   findStatements,
		Doc: `The provider says that the end is near

**What it means for you.** The vendor itself announces, in the headers of its answers, that this endpoint is deprecated or will be switched off.

**A real one.** One API in 160 deprecates operations before it removes them; one in four just removes them (Di Lauro et al., ECSA 2022). Where it is said, hear it.

**How it decides.** A ` + "`Deprecation`" + ` header (RFC 9745, or plain ` + "`true`" + `), a ` + "`Sunset`" + ` header (RFC 8594), or a ` + "`Warning: 299`" + `. One answer is enough: nobody says so by accident. It is breaking when the sunset is less than 30 days away, or past.

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
	if l.Warning != "" {
		says("warning", fmt.Sprintf("warns: %q", l.Warning), contracts.Warning)
	}
	return found
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
