package store

import (
	"bytes"
	"fmt"
	"time"

	"shapewatch/alerting"
	"shapewatch/probes"
)

// normalRuling is a ruling as it is kept: checked, sharing nothing with the
// caller, times in UTC.
func normalRuling(r alerting.Ruling) (alerting.Ruling, error) {
	for _, list := range [][]alerting.Incident{r.Incidents, r.Bulletins} {
		for _, i := range list {
			if err := checkIncident(i); err != nil {
				return r, err
			}
		}
	}
	for _, s := range r.Silences {
		if err := checkName("silence", s.ID); err != nil {
			return r, err
		}
	}
	for _, d := range r.Deliveries {
		if err := checkDelivery(d); err != nil {
			return r, err
		}
	}
	shifts := r.Shifts
	r.Shifts = nil // bytes need no detour through their encoding
	r, err := clone(r)
	for _, s := range shifts {
		s.Whole, s.Parts = bytes.Clone(s.Whole), cloneParts(s.Parts)
		r.Shifts = append(r.Shifts, s)
	}
	return r, err
}

// asOutcome is the part of a ruling that an outcome has too.
func asOutcome(r alerting.Ruling) alerting.Outcome {
	return alerting.Outcome{Claim: probes.Claim{}, Incidents: r.Incidents, Deliveries: r.Deliveries}
}

// concerns reports whether an act is of an incident; "" is any.
func concerns(a alerting.Act, incident string) bool { return incident == "" || a.Incident == incident }

// forgettableSilence reports whether a silence ended before a time.
func forgettableSilence(s alerting.Silence, old time.Time) bool {
	return !s.Ended.IsZero() && s.Ended.Before(old)
}

// rowsOf are the rows that a ruling takes off the outbox.
func rowsOf(r alerting.Ruling) (rows []alerting.Delivery) {
	for _, s := range r.Settled {
		rows = append(rows, s.Delivery)
	}
	return append(rows, r.Dead...)
}

func noProbe(id string) error { return fmt.Errorf("probe %.40q: %w", id, alerting.ErrNotFound) }

// wantsAttention reports whether time alone will change an incident.
func wantsAttention(i alerting.Incident) bool { return !i.Due.IsZero() && !resolved(i) }
