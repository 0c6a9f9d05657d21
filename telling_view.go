package main

import (
	"strings"
	"time"

	"shapewatch/alerting"
	"shapewatch/monitor"
)

// An alertsView is who is told of what, for people to read.
type alertsView struct{ monitor.Alerts }

// told says which channels hear of an incident that opens now, and when.
func (a alertsView) told(c *Config, inc alerting.Incident, now time.Time) string {
	if m := a.Muted(inc, now); m.Mute != "" {
		return "nobody until then: " + m.Words
	}
	step := alerting.Transition{Incident: inc.ID, Kind: alerting.Opened, At: now}
	if inc.Severity == 0 {
		step.Kind = alerting.Noted
	}
	var parts []string
	for _, row := range a.Deliveries([]alerting.Incident{inc}, []alerting.Transition{step}, now) {
		when := "at once"
		switch {
		case row.Digest:
			when = "with the digest of " + row.NotBefore.Format("2006-01-02 15:04 UTC")
		case row.NotBefore.After(now):
			when = "after quiet hours, " + row.NotBefore.Format("2006-01-02 15:04 UTC")
		}
		parts = append(parts, row.Channel+" "+when)
	}
	if len(parts) == 0 {
		return "nobody; it is on the page"
	}
	words := strings.Join(parts, "; ")
	if who := c.Mentions()[inc.Owner]; who != "" && inc.Severity > 0 {
		words += "; calls " + who
	}
	return words
}
