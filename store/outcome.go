package store

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
)

// normal is an outcome as it is kept: checked, sharing nothing with the
// caller, times in UTC. The claim's probe is the one that counts.
func normal(o alerting.Outcome) (alerting.Outcome, error) {
	for _, incident := range o.Incidents {
		if err := checkIncident(incident); err != nil {
			return o, fmt.Errorf("probe %s: %w", o.Claim.Probe, err)
		}
	}
	for _, d := range o.Deliveries {
		if err := checkDelivery(d); err != nil {
			return o, fmt.Errorf("probe %s: %w", o.Claim.Probe, err)
		}
	}
	o.Check.Probe = o.Claim.Probe
	news := struct { // the rest needs no detour through its encoding
		I []alerting.Incident
		D []alerting.Delivery
	}{o.Incidents, o.Deliveries}
	if len(o.Incidents)+len(o.Deliveries) > 0 {
		var err error
		if news, err = clone(news); err != nil {
			return o, fmt.Errorf("probe %s: %w", o.Claim.Probe, err)
		}
	}
	o.Incidents, o.Deliveries = news.I, news.D
	if o.Published != nil {
		copied, err := clone(*o.Published)
		if err != nil {
			return o, fmt.Errorf("probe %s: %w", o.Claim.Probe, err)
		}
		o.Published = &copied
	}
	o.Next, o.Check.At = plainTime(o.Next), plainTime(o.Check.At)
	o.Baseline, o.Lesson, o.Parts, o.Ledger = bytes.Clone(o.Baseline), bytes.Clone(o.Lesson), cloneParts(o.Parts), bytes.Clone(o.Ledger)
	return o, nil
}

// plainTime is a time as a file would give it back.
func plainTime(t time.Time) time.Time { return t.UTC().Round(0) }

func cloneParts(parts []contracts.Part) []contracts.Part {
	parts = slices.Clone(parts)
	for i := range parts {
		parts[i].Bytes = bytes.Clone(parts[i].Bytes)
	}
	return parts
}

func staleBaseline(probe string, recalled, stored uint64) error {
	return fmt.Errorf("probe %s: its baseline was moved (%d times, %d when recalled): %w", probe, stored, recalled, alerting.ErrConflict)
}

func checkIncident(incident alerting.Incident) error {
	if err := checkName("API", incident.API); err != nil {
		return err
	}
	return checkName("incident", incident.ID)
}

func checkDelivery(d alerting.Delivery) error {
	if err := checkName("channel", d.Channel); err != nil {
		return err
	}
	return checkName("incident", d.Incident)
}

func staleClaim(c probes.Claim) error {
	return fmt.Errorf("probe %s: claim %d: %w", c.Probe, c.Epoch, alerting.ErrConflict)
}

func staleIncident(incident alerting.Incident, stored uint64) error {
	return fmt.Errorf("incident %s: version %d on top of %d: %w", incident.ID, incident.Version, stored, alerting.ErrConflict)
}

func noIncident(id string) error {
	return fmt.Errorf("incident %.40q: %w", id, alerting.ErrNotFound)
}

func resolved(incident alerting.Incident) bool { return incident.Condition == alerting.Resolved }

// hourOf is the clock hour that a check counts into.
func hourOf(c contracts.Check) time.Time { return c.At.UTC().Truncate(time.Hour) }
