package monitor

import (
	"time"

	"shapewatch/alerting"
)

// Alerts say who is told of what, and when not.
type Alerts struct {
	Routes      alerting.Routes
	Reminders   []time.Duration // rising; none means no reminders
	Digest      *Daily          // when additive changes are told; nil means at once
	Maintenance []Maintenance
	Canaries    []string // URLs that answer while we ourselves are connected; none means other watched hosts
}

// policy is what holds for incidents now.
func (a Alerts) policy(silences []alerting.Silence, now time.Time) alerting.Policy {
	p := alerting.Policy{Reminders: a.Reminders, Quiet: alerting.Quiet{Silences: silences}}
	for _, m := range a.Maintenance {
		if until, open := m.open(now); open {
			p.Quiet.Windows = append(p.Quiet.Windows, alerting.Window{Matcher: m.Matcher, Name: m.Name, Until: until})
		}
	}
	return p
}

// Deliveries are the outbox rows of steps; what is additive waits for the
// digest.
func (a Alerts) Deliveries(changed []alerting.Incident, steps []alerting.Transition, now time.Time) []alerting.Delivery {
	rows := a.Routes.Deliveries(changed, steps, now)
	if a.Digest == nil {
		return rows
	}
	for i := range rows {
		if alerting.ForDigest(rows[i]) {
			rows[i].Digest, rows[i].NotBefore = true, a.Digest.Next(now)
		}
	}
	return rows
}

// Muted is why the configuration lets nobody hear of an incident now; the zero
// Muting when it does.
func (a Alerts) Muted(inc alerting.Incident, now time.Time) alerting.Muting {
	return a.policy(nil, now).Quiet.Of(inc, now)
}
