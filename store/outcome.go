package store

import (
	"bytes"
	"fmt"
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
	baseline := o.Baseline
	o.Baseline = nil // bytes need no detour through their encoding, and they are the most of it
	copied, err := clone(o)
	if err != nil {
		return o, fmt.Errorf("probe %s: %w", o.Claim.Probe, err)
	}
	copied.Baseline = bytes.Clone(baseline)
	return copied, nil
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
