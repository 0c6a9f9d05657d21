package web_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// A desk does what a real one does to the incidents of a world, as far as a
// page can tell.
type desk struct {
	w        *world
	acts     []alerting.Act
	silences []alerting.Silence
}

// takes is the desk of the world.
func (w *world) takes() alerting.Desk {
	if w.desk == nil {
		w.desk = &desk{w: w}
	}
	return w.desk
}

func (d *desk) Act(_ context.Context, act alerting.Act) (alerting.Incident, error) {
	d.w.mu.Lock()
	defer d.w.mu.Unlock()
	for n := range d.w.incidents {
		i := &d.w.incidents[n]
		if i.ID != act.Incident {
			continue
		}
		if i.Condition == alerting.Resolved {
			return *i, fmt.Errorf("incident %s: it is over: %w", i.ID, alerting.ErrUnfit)
		}
		switch act.Kind {
		case alerting.Acknowledge:
			i.Handling = alerting.Acknowledged
		case alerting.Accept:
			i.Handling = alerting.Accepted
		case alerting.Reject:
			i.Handling = alerting.Rejected
		case alerting.Resolve:
			i.Condition, i.Resolved = alerting.Resolved, act.At
		}
		i.Version++
		i.Timeline = append(slices.Clone(i.Timeline), alerting.Event{At: act.At, Kind: alerting.Updated, Actor: act.Actor, Text: string(act.Kind) + ": " + act.Reason})
		d.acts = append(d.acts, act)
		return *i, d.w.err
	}
	return alerting.Incident{}, alerting.ErrNotFound
}

func (d *desk) Silence(_ context.Context, s alerting.Silence) (alerting.Silence, error) {
	d.w.mu.Lock()
	defer d.w.mu.Unlock()
	if s.Until.IsZero() && !s.UntilChange {
		return s, fmt.Errorf("a silence without end: %w", alerting.ErrUnfit)
	}
	s.ID, s.From = fmt.Sprintf("sil_%016x", len(d.silences)+1), time.Now()
	d.silences = append(d.silences, s)
	d.acts = append(d.acts, alerting.Act{Kind: alerting.Hush, Silence: s.ID, Incident: s.Matcher.Incident, Actor: s.Actor, Through: s.Through, At: s.From, Reason: s.Reason})
	return s, d.w.err
}

func (d *desk) Unsilence(_ context.Context, id string, act alerting.Act) error {
	d.w.mu.Lock()
	defer d.w.mu.Unlock()
	for n := range d.silences {
		if d.silences[n].ID == id {
			d.silences[n].Ended = act.At
			d.acts = append(d.acts, act)
			return d.w.err
		}
	}
	return alerting.ErrNotFound
}

func (d *desk) Silences(context.Context) ([]alerting.Silence, error) {
	d.w.mu.Lock()
	defer d.w.mu.Unlock()
	all := slices.Clone(d.silences)
	slices.Reverse(all)
	return all, d.w.err
}

func (d *desk) Audit(_ context.Context, incident string, most int) (acts []alerting.Act, err error) {
	d.w.mu.Lock()
	defer d.w.mu.Unlock()
	for _, a := range slices.Backward(d.acts) {
		if (incident == "" || a.Incident == incident) && len(acts) < most {
			acts = append(acts, a)
		}
	}
	return acts, d.w.err
}

// said lets people have said something already.
func (w *world) said(t *testing.T) {
	t.Helper()
	d := w.takes()
	for _, s := range []alerting.Silence{
		{Matcher: alerting.Matcher{API: "acme-*"}, Until: time.Now().Add(30 * time.Hour), Actor: "ana", Through: "page", Reason: "migration until Friday"},
		{Matcher: alerting.Matcher{Incident: "inc_00000000000000b2"}, UntilChange: true, Actor: "bo", Through: "slack", Reason: "known, the vendor is on it"},
	} {
		if _, err := d.Silence(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
}

// stripeContract is what was agreed for the charges.
func stripeContract(probe string) *contracts.Contract {
	if probe != "stripe/GET /v1/charges" {
		return nil
	}
	text := &contracts.Schema{Kinds: []string{"string"}}
	charge := &contracts.Schema{Kinds: []string{"object"}, Required: []string{"id", "description"}, Properties: map[string]*contracts.Schema{
		"id": text, "amount": {Kinds: []string{"integer"}}, "currency": text, "status": text, "description": text,
		"refund": {Kinds: []string{"object"}}, "created_at": {Kinds: []string{"string"}, Format: "date-time"},
	}}
	body := &contracts.Schema{Kinds: []string{"object"}, Required: []string{"data"}, Properties: map[string]*contracts.Schema{
		"data": {Kinds: []string{"array"}, Items: charge}, "has_more": {Kinds: []string{"boolean"}},
	}}
	return &contracts.Contract{Answers: []contracts.Agreed{{Statuses: "2XX", Media: "application/json", Body: body}}}
}

// acted is how many acts there were.
func (w *world) acted() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.takes().(*desk).acts)
}
