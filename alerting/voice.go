package alerting

import (
	"fmt"
	"slices"
	"time"

	"shapewatch/contracts"
)

// believed is what listeners believe of an incident; of one from a time when
// that was not kept, what they were told.
func believed(inc Incident) Heard {
	h := inc.Heard
	switch {
	case h.As != "":
		return h
	case inc.Version == 0:
		h.As = HeardNothing
	case inc.Severity == contracts.Info:
		h.As = HeardNoted
	case inc.Flapping:
		h.As = HeardFlapping
	case inc.Open():
		h.As = HeardOpen
	default:
		h.As = HeardOver
	}
	h.Severity = inc.Severity
	return h
}

// voice turns what happened into what is told: the step that brings listeners
// from what they believe to what is so. While an incident is muted they hear
// of its end and of nothing else.
func (d *draft) voice(kind TransitionKind, u Update) TransitionKind {
	was, muted := d.Heard.As, d.Muted.Mute != ""
	switch {
	case d.Severity == contracts.Info:
		return d.voiceInfo(kind, muted)
	case d.Flapping && was == HeardFlapping && kind == Worsened && !muted:
		return Worsened
	case d.Flapping && (was == HeardFlapping || muted):
		return ""
	case d.Flapping:
		d.reason = flapping(d.turns(u.At))
		return Flapped
	case !d.open():
		return d.voiceEnd(kind)
	case muted:
		return ""
	case was == HeardNothing && kind == Opened, was == HeardOver && kind == Reopened:
		return kind
	case was == HeardNothing, was == HeardOver:
		if d.Condition == Recovering {
			return "" // most likely it is over before anybody has heard of it
		}
		return d.late(u)
	case was == HeardFlapping:
		d.reason = "steady again after flapping: it holds"
		d.log(u.At, Steadied, d.reason)
		return Steadied
	case d.Severity > d.Heard.Severity:
		if kind != Worsened {
			d.reason = fmt.Sprintf("severity rose from %s to %s while it was not told", d.Heard.Severity, d.Severity)
		}
		return Worsened
	case d.freed.Mute != "" && d.freed.Mute != Inhibited && kind != Updated:
		d.reason = "it still holds; it was " + d.freed.Words
		d.log(u.At, Unmuted, d.reason)
		return Unmuted
	}
	return kind
}

// voiceInfo tells an additive change once, as noted, and never its end.
func (d *draft) voiceInfo(kind TransitionKind, muted bool) TransitionKind {
	switch {
	case muted || !d.open() || kind == Reopened && d.Heard.As != HeardNothing, kind == Closed:
		return ""
	case d.Heard.As == HeardNothing:
		if kind != Noted {
			d.reason = "additive: nothing you read has changed, so it is accepted and there is nothing to do"
		}
		return Noted
	}
	return kind
}

// voiceEnd tells the end to those who heard of the beginning.
func (d *draft) voiceEnd(kind TransitionKind) TransitionKind {
	switch d.Heard.As {
	case HeardOpen:
	case HeardFlapping:
		d.reason = "steady again after flapping: resolved since " + clock(d.Resolved)
	default:
		return ""
	}
	if kind != Closed && d.Heard.As == HeardOpen {
		d.reason = "resolved since " + clock(d.Resolved)
	}
	return Closed
}

// late opens, for those who are told, what began while it was muted.
func (d *draft) late(u Update) TransitionKind {
	d.reason = "it holds since " + clock(d.Opened)
	if d.freed.Mute != "" {
		d.reason += "; it was " + d.freed.Words
	}
	d.Alarmed, d.Reminded = u.At, 0
	step := Opened
	if d.Heard.As == HeardOver {
		step = Reopened
	}
	d.log(u.At, Unmuted, d.reason)
	return step
}

// hear notes what listeners believe after a step.
func (d *draft) hear(step TransitionKind) {
	before := d.Heard
	switch step {
	case Noted:
		d.Heard = Heard{HeardNoted, d.Severity}
	case Opened, Reopened, Worsened, Steadied, Unmuted, Reminded:
		d.Heard = Heard{HeardOpen, d.Severity}
		if step == Worsened && d.Flapping {
			d.Heard.As = HeardFlapping
		}
	case Updated:
		d.Heard.Severity = d.Severity
	case Closed:
		d.Heard = Heard{HeardOver, d.Severity}
	case Flapped:
		d.Heard = Heard{HeardFlapping, d.Severity}
	}
	d.refreshed = d.refreshed || before != d.Heard
}

// flaps sets and takes away the flag of what comes and goes too often.
func (d *draft) flaps(kind TransitionKind, at time.Time) {
	turns := d.turns(at)
	switch {
	case d.Severity == contracts.Info:
	case !d.Flapping && kind != "" && kind != Worsened && turns > flapsAbove:
		d.Flapping = true
		d.log(at, Flapped, flapping(turns))
	case d.Flapping && turns < steadyBelow:
		d.Flapping, d.refreshed = false, true
	}
}

func flapping(turns int) string {
	return fmt.Sprintf("came and went %d times in 24 hours; you hear of it again when it is steady", turns)
}

// mute notes why the incident is not told now. Drift is inhibited while none of
// the probes that show it is answered.
func (d *draft) mute(unreached map[string]string, u Update) {
	now := u.Policy.Quiet.Of(d.Incident, u.At)
	if now.Mute == "" && d.Muted.By == ByConnectivity && !d.shownBy(u.Probe) {
		now = d.Muted // connected again, and not asked again yet
	}
	if by := d.inhibitedBy(unreached); now.Mute == "" && by != "" {
		now = Muting{Mute: Inhibited, By: by, Words: "inhibited: its API cannot be reached (" + by + ")"}
	}
	d.setMuting(d.Muted, now)
}

// shownBy reports whether the last answer of a probe shows something of the
// incident.
func (d *draft) shownBy(probe string) bool {
	return slices.ContainsFunc(d.Entries, func(e Entry) bool { return e.Probe == probe && e.Ended.IsZero() && !e.Fading })
}

func (d *draft) inhibitedBy(unreached map[string]string) (by string) {
	for _, e := range d.Entries {
		if !e.Ended.IsZero() {
			continue
		}
		if by = unreached[e.Probe]; by == "" || availability(e.Finding.Kind) {
			return ""
		}
	}
	return by
}

func (d *draft) setMuting(before, now Muting) {
	if !d.open() {
		now = Muting{}
	}
	if now == before {
		return
	}
	d.Muted, d.refreshed = now, true
	if now.Mute == "" {
		d.freed = before
	}
}
