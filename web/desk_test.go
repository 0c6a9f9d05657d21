package web_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"shapewatch/alerting"
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
