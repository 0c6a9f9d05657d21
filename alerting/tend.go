package alerting

import (
	"fmt"
	"time"

	"shapewatch/contracts"
)

// A Policy is what holds for all incidents at one instant.
type Policy struct {
	Quiet     Quiet
	Reminders []time.Duration // after which an incident that nobody took up is told again; rising
}

// DefaultReminders are told when nothing else is configured.
var DefaultReminders = []time.Duration{4 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

// Tend decides what the passing of time means for incidents: reminders that
// are due, silences and maintenance that begin or are over. Like [Fold] it is
// pure and returns what changed and what is to be told, at most one step each.
// What only a check can end, an inhibition, stays as it is.
func Tend(known []Incident, at time.Time, p Policy) (changed []Incident, steps []Transition) {
	for _, inc := range known {
		d, u := newDraft(inc), Update{API: inc.API, At: at, Policy: p, clock: true}
		now := p.Quiet.Of(inc, at)
		if now.Mute == "" && inc.Muted.Mute == Inhibited {
			now = inc.Muted
		}
		d.setMuting(inc.Muted, now)
		step, differs := d.settle(u)
		if !differs && d.Due != d.due(p) {
			d.Version++
			d.Changed, d.Due, differs = at, d.due(p), true
		}
		if !differs {
			continue
		}
		changed = append(changed, d.Incident)
		if step != "" {
			steps = append(steps, Transition{Incident: d.ID, Kind: step, Version: d.Version, At: at, Reason: d.reason})
		}
	}
	return changed, steps
}

// remind tells again what nobody has taken up. Times that passed while the
// incident was muted, or while nobody ran this program, are told once.
func (d *draft) remind(u Update) TransitionKind {
	due := d.passed(u)
	if !d.unheeded() || d.Muted.Mute != "" || d.Heard.As != HeardOpen || due <= d.Reminded {
		return ""
	}
	d.Reminded = due
	d.reason = fmt.Sprintf("still there after %s%s; nobody has acknowledged it", span(u.At.Sub(d.Opened)), d.shown())
	d.log(u.At, Reminded, d.reason)
	return Reminded
}

// passed counts the reminders whose time has come.
func (d *draft) passed(u Update) (n int) {
	for _, after := range u.Policy.Reminders {
		if !u.At.Before(d.Alarmed.Add(after)) {
			n++
		}
	}
	return n
}

// unheeded reports whether an open incident wants somebody to take it up.
func (d *draft) unheeded() bool {
	return d.open() && d.Handling == New && !d.Flapping && d.Severity > contracts.Info && !d.Alarmed.IsZero()
}

// shown is ", seen in 214 checks" of the finding that shows most.
func (d *draft) shown() string {
	most := 0
	for _, e := range d.Entries {
		if e.Ended.IsZero() {
			most = max(most, e.Finding.Evidence.Checks)
		}
	}
	if most == 0 {
		return ""
	}
	return ", seen in " + count(most, "check")
}

// due is when time alone will change the incident; zero when it will not.
func (d *draft) due(p Policy) (due time.Time) {
	if !d.open() {
		return time.Time{}
	}
	if d.Muted.Mute != "" {
		return d.Muted.Until
	}
	if d.unheeded() && d.Reminded < len(p.Reminders) {
		return d.Alarmed.Add(p.Reminders[d.Reminded])
	}
	return time.Time{}
}
