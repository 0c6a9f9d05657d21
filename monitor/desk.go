package monitor

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// DeskOptions say what a [Desk] works with. Store is needed.
type DeskOptions struct {
	offline func() bool // of the monitor that it belongs to
	Store   Store
	Alerts  func() Alerts // as in [Options]; nil means nobody is told
	Told    func()        // called when there is something new to tell; may be nil
}

// A Desk takes what people say about incidents. Each act is kept in one
// transaction with the incident after it, what is to be told of it, the
// baseline it moved and its line in the audit trail. It works beside a running
// monitor of the same store, and without one.
type Desk struct{ DeskOptions }

var _ alerting.Desk = (*Desk)(nil)

// NewDesk returns a desk.
func NewDesk(o DeskOptions) *Desk {
	if o.Alerts == nil {
		o.Alerts = func() Alerts { return Alerts{} }
	}
	if o.Told == nil {
		o.Told = func() {}
	}
	return &Desk{o}
}

// The bounds of what people say.
const (
	maxReason  = 1000 // bytes
	maxActor   = 200  // bytes
	maxSilence = 30 * 24 * time.Hour
	shownFor   = 7 * 24 * time.Hour // how long an ended silence is listed
	maxOpen    = 100_000            // incidents looked through for a silence
)

// Act carries out an act on an incident and returns the incident after it.
func (d *Desk) Act(ctx context.Context, act alerting.Act) (inc alerting.Incident, err error) {
	if err := signed(&act); err != nil {
		return inc, err
	}
	err = again(func() error {
		inc, err = d.act(ctx, act)
		return err
	})
	return inc, err
}

func (d *Desk) act(ctx context.Context, act alerting.Act) (alerting.Incident, error) {
	inc, err := d.Store.Incident(ctx, act.Incident)
	if err != nil {
		return inc, err
	}
	if alerting.IsBulletin(inc.ID) {
		return inc, alerting.Unfit("%s is a summary, not an incident: act on those it sums up", inc.ID)
	}
	after, steps, err := alerting.Handle(inc, act, d.policy(ctx, act.At))
	if err != nil {
		return inc, err
	}
	ruling := alerting.Ruling{Incidents: []alerting.Incident{after}, Acts: []alerting.Act{act}}
	if act.Kind == alerting.Accept {
		if ruling.Shifts, err = d.accept(ctx, inc, act); err != nil {
			return inc, err
		}
	}
	return after, d.rule(ctx, ruling, steps, act.At)
}

// accept moves the baselines of all probes that show the incident.
func (d *Desk) accept(ctx context.Context, inc alerting.Incident, act alerting.Act) (shifts []alerting.Shift, err error) {
	prints := map[string][]string{}
	var probes []string
	for _, e := range inc.Entries {
		if !e.Ended.IsZero() {
			continue
		}
		if prints[e.Probe] == nil {
			probes = append(probes, e.Probe)
		}
		prints[e.Probe] = append(prints[e.Probe], e.Finding.Fingerprint())
	}
	by := contracts.Acceptance{By: act.Actor, Through: act.Through, At: act.At, Why: act.Reason}
	for _, probe := range probes {
		shift, err := shifted(ctx, d.Store, inc.API, probe, func(b *contracts.Baseline, _ []contracts.Part) ([]contracts.Part, error) {
			b.Accept(by, prints[probe]...)
			return nil, nil
		})
		if err != nil {
			return nil, fmt.Errorf("probe %s: %w", probe, err)
		}
		shifts = append(shifts, shift)
	}
	return shifts, nil
}

// Silence begins a silence, giving it its ID and From.
func (d *Desk) Silence(ctx context.Context, s alerting.Silence) (alerting.Silence, error) {
	act := alerting.Act{Kind: alerting.Hush, Incident: s.Matcher.Incident, Actor: s.Actor, Through: s.Through, Reason: s.Reason}
	if err := signed(&act); err != nil {
		return s, err
	}
	if err := d.begin(ctx, &s, act.At); err != nil {
		return s, err
	}
	act.Silence = s.ID
	return s, again(func() error {
		open, err := d.Store.Incidents(ctx, exactAPI(s.Matcher), maxOpen)
		if err != nil {
			return err
		}
		if s.UntilChange && len(hushed(open, s)) == 0 {
			return alerting.Unfit("a silence until it changes, and nothing of %s is open", s.Matcher)
		}
		policy := d.policy(ctx, act.At)
		policy.Quiet.Silences = append(policy.Quiet.Silences, s)
		changed, steps := alerting.Tend(hushed(open, s), act.At, policy)
		return d.rule(ctx, alerting.Ruling{Incidents: changed, Silences: []alerting.Silence{s}, Acts: []alerting.Act{act}}, steps, act.At)
	})
}

// begin checks a silence and gives it what the desk knows.
func (d *Desk) begin(ctx context.Context, s *alerting.Silence, now time.Time) error {
	switch {
	case s.Matcher.Empty():
		return alerting.Unfit("a silence of everything: name an incident, an API or something else to match")
	case s.Until.IsZero() && !s.UntilChange:
		return alerting.Unfit("a silence without end: say until when, or until it changes")
	case !s.Until.IsZero() && !s.Until.After(now):
		return alerting.Unfit("a silence until %s is over already", s.Until.UTC().Format(time.RFC3339))
	case s.Until.Sub(now) > maxSilence:
		return alerting.Unfit("a silence lasts at most 30 days; what lasts longer is an ignore or a severity in the configuration")
	}
	if id := s.Matcher.Incident; id != "" {
		inc, err := d.Store.Incident(ctx, id)
		if err != nil {
			return err
		}
		if !inc.Open() {
			return alerting.Unfit("incident %s is over since %s", id, inc.Resolved.UTC().Format(time.RFC3339))
		}
	}
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return err
	}
	s.ID, s.From, s.Ended = "sil_"+hex.EncodeToString(random[:]), now, time.Time{}
	if !s.Until.IsZero() {
		s.Until = s.Until.UTC().Round(0)
	}
	return nil
}

// exactAPI narrows a search to one API where the matcher allows it.
func exactAPI(m alerting.Matcher) string {
	if strings.ContainsAny(m.API, "*?") {
		return ""
	}
	return m.API
}

// hushed are the incidents that a silence is about.
func hushed(all []alerting.Incident, s alerting.Silence) (about []alerting.Incident) {
	for _, inc := range all {
		if inc.Open() && s.Matcher.Fits(inc) {
			about = append(about, inc)
		}
	}
	return about
}

// Unsilence ends a silence; act says who and why.
func (d *Desk) Unsilence(ctx context.Context, id string, act alerting.Act) error {
	act.Kind, act.Silence = alerting.Unhush, id
	if err := signed(&act); err != nil {
		return err
	}
	return again(func() error {
		all, err := d.Store.Silences(ctx)
		if err != nil {
			return err
		}
		for _, s := range all {
			if s.ID != id {
				continue
			}
			if !s.InForce(act.At) {
				return alerting.Unfit("silence %s is over already", id)
			}
			act.Incident = s.Matcher.Incident
			return d.end(ctx, []alerting.Silence{s}, []alerting.Act{act}, act.At)
		}
		return fmt.Errorf("silence %.40q: %w", id, alerting.ErrNotFound)
	})
}

// end ends silences, each by its act; the incidents they hushed may be told
// again.
func (d *Desk) end(ctx context.Context, over []alerting.Silence, acts []alerting.Act, now time.Time) error {
	ended := map[string]bool{}
	for i := range over {
		ended[over[i].ID], over[i].Ended = true, now
	}
	open, err := d.Store.Incidents(ctx, "", maxOpen)
	if err != nil {
		return err
	}
	var freed []alerting.Incident
	for _, inc := range open {
		if inc.Open() && ended[inc.Muted.By] {
			freed = append(freed, inc)
		}
	}
	policy := d.policy(ctx, now)
	policy.Quiet.Silences = without(policy.Quiet.Silences, ended)
	changed, steps := alerting.Tend(freed, now, policy)
	return d.rule(ctx, alerting.Ruling{Incidents: changed, Silences: over, Acts: acts}, steps, now)
}

func without(silences []alerting.Silence, ended map[string]bool) (rest []alerting.Silence) {
	for _, s := range silences {
		if !ended[s.ID] {
			rest = append(rest, s)
		}
	}
	return rest
}

// Silences are those in force and those ended in the last 7 days, newest first.
func (d *Desk) Silences(ctx context.Context) (shown []alerting.Silence, err error) {
	all, err := d.Store.Silences(ctx)
	now := time.Now()
	for _, s := range all {
		if s.Ended.IsZero() && !s.InForce(now) {
			s.Ended = s.Until // nobody was there to end it
		}
		if s.Ended.IsZero() || now.Sub(s.Ended) < shownFor {
			shown = append(shown, s)
		}
	}
	return shown, err
}

// Audit returns up to max acts, newest first; incident "" means all.
func (d *Desk) Audit(ctx context.Context, incident string, max int) ([]alerting.Act, error) {
	return d.Store.Audit(ctx, incident, max)
}

// policy is what holds now. Silences that cannot be read silence nobody: the
// transaction that follows will say what is wrong.
func (d *Desk) policy(ctx context.Context, now time.Time) alerting.Policy {
	silences, _ := d.Store.Silences(ctx)
	p := d.Alerts().policy(silences, now)
	p.Quiet.Offline = d.offline != nil && d.offline()
	return p
}

// rule commits a ruling with what is to be told of it.
func (d *Desk) rule(ctx context.Context, r alerting.Ruling, steps []alerting.Transition, now time.Time) error {
	r.Deliveries = append(r.Deliveries, d.Alerts().Deliveries(r.Incidents, steps, now)...)
	if err := d.Store.Rule(ctx, r); err != nil {
		return err
	}
	if len(r.Deliveries) > 0 {
		d.Told()
	}
	return nil
}

// again does what somebody else may have been faster at.
func again(do func() error) (err error) {
	for range maxDecisions {
		if err = do(); !errors.Is(err, alerting.ErrConflict) {
			return err
		}
	}
	return err
}

// signed checks that an act says who did it, and dates it.
func signed(act *alerting.Act) error {
	act.Actor, act.Reason = strings.TrimSpace(act.Actor), strings.TrimSpace(act.Reason)
	switch {
	case act.Actor == "":
		return alerting.Unfit("nobody is named as the one who does it")
	case len(act.Actor) > maxActor || len(act.Through) > maxActor:
		return alerting.Unfit("a name of more than %d bytes", maxActor)
	case len(act.Reason) > maxReason:
		return alerting.Unfit("a reason of more than %d bytes", maxReason)
	}
	act.At = time.Now().UTC()
	return nil
}
