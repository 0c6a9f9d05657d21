package contracts

import (
	"fmt"
	"strings"
	"time"
)

// Sentence says the numbers in words: "in 412 of 412 for 30 days, in 0 of 37
// since 14:05, confirmed by 3 re-probes". Clock writes the time at which it
// began; "" when there are no numbers.
func (e Evidence) Sentence(clock func(time.Time) string) string {
	if e.Told {
		return "the provider says so itself"
	}
	var parts []string
	if e.WasOf > 0 {
		parts = append(parts, fmt.Sprintf("in %d of %d%s", min(e.WasSeen, e.WasOf), e.WasOf, e.past()))
	}
	seen, of := e.NowSeen, e.NowOf
	if of == 0 {
		seen, of = uint64(max(e.Checks, 0)), uint64(max(e.Of, 0))
	}
	if of > 0 && e.Of > 0 {
		now := fmt.Sprintf("in %d of %d", min(seen, of), of)
		if !e.Since.IsZero() {
			now += " since " + clock(e.Since)
		}
		parts = append(parts, now)
	}
	switch {
	case e.Reprobes == 1:
		parts = append(parts, "confirmed by 1 re-probe")
	case e.Reprobes > 1:
		parts = append(parts, fmt.Sprintf("confirmed by %d re-probes", e.Reprobes))
	}
	return strings.Join(parts, ", ")
}

// past is for how long it had been otherwise: " for 30 days".
func (e Evidence) past() string {
	d := e.Since.Sub(e.WasSince)
	switch {
	case e.WasSince.IsZero() || e.Since.IsZero() || d <= 0:
		return ""
	case d >= 48*time.Hour:
		return fmt.Sprintf(" for %d days", d/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf(" for %d hours", d/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf(" for %d minutes", d/time.Minute)
	}
	return ""
}
