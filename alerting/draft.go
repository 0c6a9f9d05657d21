package alerting

import (
	"slices"
	"time"

	"shapewatch/contracts"
)

// A draft is an incident while a check is folded into it, with what happened
// so far.
type draft struct {
	Incident
	prints               []string // fingerprints of Entries
	before               contracts.Severity
	born, back           bool           // opened, or reopened, by this check
	joined, moved, ended int            // entries
	refreshed            bool           // nothing to tell, and worth a write
	freed                Muting         // what mutes it no more
	kind                 TransitionKind // what happened, all in all
	reason               string         // why it is told
}

func newDraft(inc Incident) *draft {
	inc.Entries = slices.Clone(inc.Entries)
	inc.Timeline = slices.Clone(inc.Timeline)
	inc.Channels = slices.Clone(inc.Channels)
	d := &draft{Incident: inc, before: inc.Severity}
	d.Heard = believed(inc)
	for _, e := range inc.Entries {
		d.prints = append(d.prints, e.Finding.Fingerprint())
	}
	return d
}

// has reports whether the incident ever held the finding, from any probe.
func (d *draft) has(f contracts.Finding) bool {
	return slices.Contains(d.prints, f.Fingerprint())
}

// holds takes a finding that has its entry here, or says that it has none.
func (d *draft) holds(f contracts.Finding, u Update) bool {
	e, known := d.entry(f, u.Probe)
	if e == nil {
		return known && d.add(f, u)
	}
	switch {
	case !e.Ended.IsZero():
		*e = Entry{Finding: f, Probe: u.Probe, Since: u.At}
		d.joined++
	case f.Severity > e.Finding.Severity || movedOn(e.Finding.Now, f.Now):
		e.Finding = f
		d.moved++
	case grown(e.Finding.Evidence, f.Evidence):
		e.Finding = f
		d.refreshed = true
	}
	d.Severity = max(d.Severity, f.Severity)
	return true
}

// entry is the one that a probe has for a finding; known says whether any
// probe has one.
func (d *draft) entry(f contracts.Finding, probe string) (e *Entry, known bool) {
	print := f.Fingerprint()
	for i := range d.Entries {
		if d.prints[i] == print {
			known = true
			if d.Entries[i].Probe == probe {
				return &d.Entries[i], true
			}
		}
	}
	return nil, known
}

// grown reports whether the numbers have moved enough to be worth a write: an
// incident that lasts is written a handful of times, not at every check.
func grown(old, now contracts.Evidence) bool {
	return now.Checks >= 2*old.Checks && now.Checks > 0
}

// add gives a finding a new entry, in the place of an ended one when there is
// no more room. It always places the finding: one without room must not open
// an incident of its own at every check.
func (d *draft) add(f contracts.Finding, u Update) bool {
	d.Severity = max(d.Severity, f.Severity)
	if len(d.Entries) >= maxEntries {
		i := slices.IndexFunc(d.Entries, func(e Entry) bool { return !e.Ended.IsZero() })
		if i < 0 {
			return true
		}
		d.Entries, d.prints = slices.Delete(d.Entries, i, i+1), slices.Delete(d.prints, i, i+1)
	}
	d.prints = append(d.prints, f.Fingerprint())
	d.Entries = append(d.Entries, Entry{Finding: f, Probe: u.Probe, Since: u.At})
	d.joined++
	return true
}

func (d *draft) restart() {
	d.Condition, d.Handling, d.Resolved, d.ByHand, d.back = Firing, New, time.Time{}, false, true
}

func (d *draft) open() bool { return d.Condition != Resolved }

// overruled reports whether a person said that this finding is over. It stays
// so until it really is, or gets worse or different.
func (d *draft) overruled(f contracts.Finding, u Update) bool {
	if !d.ByHand || d.open() {
		return false
	}
	e, _ := d.entry(f, u.Probe)
	return e != nil && e.Ended.IsZero() && f.Severity <= d.Severity && !movedOn(e.Finding.Now, f.Now)
}

// recover notes which entries the last answers did not show, and whether that
// is all of them.
func (d *draft) recover(u Update, shows, fading map[string]bool) {
	if !d.open() {
		return
	}
	all, live := true, false
	for i := range d.Entries {
		e := &d.Entries[i]
		if !e.Ended.IsZero() {
			continue
		}
		if print := d.prints[i]; e.Probe == u.Probe && shows[print] && e.Fading != fading[print] {
			e.Fading, d.refreshed = fading[print], true
		}
		live, all = true, all && e.Fading
	}
	if d.Condition = Firing; live && all {
		d.Condition = Recovering
	}
}

// settle says what happened to the incident, all in all: whether it differs,
// and the one step to tell (none when it is not worth a word).
func (d *draft) settle(u Update) (step TransitionKind, differs bool) {
	kind := d.kind
	d.reason = d.why(kind, u)
	if kind != "" {
		d.log(u.At, kind, d.reason)
	}
	d.flaps(kind, u.At)
	step = d.voice(kind, u)
	if step == "" && u.clock {
		step = d.remind(u)
	}
	if d.hear(step); step != "" {
		d.Reminded = max(d.Reminded, d.passed(u)) // this reminds as well
	}
	if kind == "" && step == "" && !d.refreshed {
		return "", false
	}
	d.Version++
	d.Changed = u.At
	d.Due = d.due(u.Policy)
	d.Title = title(d.Incident)
	return step, true
}

// notBefore is a time, or when the incident was opened if that is later: what
// was recorded in the past, or a clock that was set back, ends nothing before it
// began.
func (d *draft) notBefore(at time.Time) time.Time {
	if at.Before(d.Opened) {
		return d.Opened
	}
	return at
}

// turn applies the rules of the life cycle and names the weightiest of what
// happened.
func (d *draft) turn(u Update) { d.kind = d.turned(u) }

func (d *draft) turned(u Update) TransitionKind {
	over := d.open() && !slices.ContainsFunc(d.Entries, func(e Entry) bool { return e.Ended.IsZero() })
	if over {
		d.Condition, d.Resolved = Resolved, d.notBefore(u.At)
	}
	worse := d.Severity > d.before
	if worse {
		d.Handling = New // what was acknowledged or accepted was less than this
	}
	if (d.born || d.back) && d.Severity == contracts.Info {
		d.Handling = Accepted
	}
	if d.born || d.back || worse || d.joined+d.moved > 0 && d.open() {
		d.Shifted = u.At
	}
	if d.born || d.back || worse {
		d.Alarmed, d.Reminded = u.At, 0
	}
	switch {
	case d.born && d.Severity == contracts.Info:
		return Noted
	case d.born:
		return Opened
	case d.back:
		return Reopened
	case over:
		return Closed
	case worse:
		return Worsened
	case !d.open():
		d.refreshed = d.refreshed || d.joined+d.ended+d.moved > 0 // overruled, and the probes go on
		return ""
	case d.joined+d.ended > 0, d.moved > 0 && !d.updatedLately(u.At):
		return Updated
	}
	d.refreshed = d.refreshed || d.moved > 0
	return ""
}

// updatedLately keeps a finding whose value changes at every check from being
// told at every check.
func (d *draft) updatedLately(at time.Time) bool {
	last := len(d.Timeline) - 1
	return last >= 0 && d.Timeline[last].Kind == Updated && at.Sub(d.Timeline[last].At) < tellMovesEvery
}

// turns counts openings and ends in the flap window.
func (d *draft) turns(at time.Time) (n int) {
	for _, e := range d.Timeline {
		turn := e.Kind == Opened || e.Kind == Closed || e.Kind == Reopened
		if turn && at.Sub(e.At) < flapWindow {
			n++
		}
	}
	return n
}

// log adds a line to the timeline; the first is always kept.
func (d *draft) log(at time.Time, kind TransitionKind, text string) {
	d.Timeline = append(d.Timeline, Event{At: at, Kind: kind, Actor: Actor, Text: text})
	if over := len(d.Timeline) - maxTimeline; over > 0 {
		d.Timeline = slices.Delete(d.Timeline, 1, 1+over)
	}
}
