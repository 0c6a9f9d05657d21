package alerting

import (
	"fmt"
	"slices"
)

// Handle carries out what a person said about an incident. It is pure; known
// is not modified. [ErrUnfit] says that the act makes no sense there, and why.
func Handle(inc Incident, act Act, p Policy) (changed Incident, steps []Transition, err error) {
	d := newDraft(inc)
	step, err := d.handle(act)
	if err != nil {
		return inc, nil, Unfit("incident %s: %w", inc.ID, err)
	}
	d.reason = saying(act)
	d.note(act, step)
	if step == Closed {
		d.setMuting(d.Muted, Muting{})
		if d.Heard.As != HeardOpen && d.Heard.As != HeardFlapping {
			step = ""
		}
	} else if d.Muted.Mute != "" || d.Heard.As != HeardOpen {
		step = "" // nobody has heard of it: there is nothing to update
	}
	d.hear(step)
	d.Version++
	d.Changed = act.At
	d.Due = d.due(p)
	if step != "" {
		steps = []Transition{{Incident: d.ID, Kind: step, Version: d.Version, At: act.At, Reason: d.reason}}
	}
	return d.Incident, steps, nil
}

// unfit is an error whose text is for the person who acts.
type unfit struct{ error }

func (u unfit) Is(target error) bool { return target == ErrUnfit }
func (u unfit) Unwrap() error        { return u.error }

// Unfit returns an error that is [ErrUnfit] and says nothing but what is
// formatted.
func Unfit(format string, args ...any) error { return unfit{fmt.Errorf(format, args...)} }

// handle moves the handling, or says why it cannot.
func (d *draft) handle(act Act) (TransitionKind, error) {
	if !d.open() {
		return "", fmt.Errorf("cannot %s it: it is over since %s", act.Kind, clock(d.Resolved))
	}
	to, known := map[ActKind]Handling{Acknowledge: Acknowledged, Accept: Accepted, Reject: Rejected}[act.Kind]
	switch {
	case act.Kind == Resolve:
		d.Condition, d.Resolved, d.ByHand, d.Flapping = Resolved, d.notBefore(act.At), true, false
		return Closed, nil
	case !known:
		return "", fmt.Errorf("cannot %s an incident", act.Kind)
	case d.Handling == to:
		return "", fmt.Errorf("it is %s already%s", to, d.lately())
	case act.Kind == Acknowledge && d.Handling == Accepted:
		return "", fmt.Errorf("it is accepted already%s", d.lately())
	}
	d.Handling = to
	return Handled, nil
}

// lately says who has brought about a handling: " by ada, 2026-05-04 14:10 UTC".
func (d *draft) lately() string {
	for _, e := range slices.Backward(d.Timeline) {
		if e.Kind == Handled && e.Actor != Actor {
			return " by " + line(e.Actor, maxName) + ", " + clock(e.At)
		}
	}
	return ""
}

// note adds the act to the timeline, under the name of who did it.
func (d *draft) note(act Act, step TransitionKind) {
	d.log(act.At, step, d.reason)
	d.Timeline[len(d.Timeline)-1].Actor = act.Actor
}

// pasts are the acts as they are told.
var pasts = map[ActKind]string{
	Acknowledge: "acknowledged", Accept: "accepted", Reject: "rejected", Resolve: "resolved",
	Hush: "silenced", Unhush: "unsilenced",
}

// saying is "acknowledged by ada (slack): I am on it".
func saying(act Act) string {
	words := fmt.Sprintf("%s by %s", pasts[act.Kind], line(act.Actor, maxName))
	if act.Through != "" {
		words += " (" + line(act.Through, maxName) + ")"
	}
	if act.Reason != "" {
		words += ": " + act.Reason
	}
	return line(words, maxStatement)
}
