package alerting

import (
	"time"

	"shapewatch/contracts"
)

// A Bulletin is an incident that is none of an API: it sums up others, or says
// how shapewatch itself does. It is kept apart, told like one, and never acted
// on.
const bulletinAPI = "shapewatch"

// IsBulletin reports whether an ID is that of a bulletin.
func IsBulletin(id string) bool {
	return len(id) > 5 && (id[:4] == "sum_" || id[:5] == "self_")
}

// An Announcement is what shapewatch says about itself.
type Announcement struct {
	At       time.Time
	Open     bool // something is wrong; else it is over
	Severity contracts.Severity
	Title    string
	Was, Now string
	Reason   string
}

// Announce turns an announcement into the next version of its bulletin, and
// the step to tell. One bulletin is used again and again, so that a channel
// keeps one thread for it.
func Announce(before Incident, id string, a Announcement) (bulletin Incident, step Transition) {
	b := before
	kind := Closed
	switch {
	case a.Open && before.Version == 0:
		kind = Opened
	case a.Open:
		kind = Reopened
	}
	if a.Open {
		b.Opened, b.Alarmed, b.Resolved, b.Condition, b.Handling = a.At, a.At, time.Time{}, Firing, New
		b.Entries = []Entry{{Probe: bulletinAPI, Since: a.At, Finding: contracts.Finding{
			API: bulletinAPI, Kind: "self", Severity: a.Severity, Was: a.Was, Now: a.Now}}}
	} else {
		b.Resolved, b.Condition = a.At, Resolved
		b.Entries = append([]Entry(nil), b.Entries...)
		for i := range b.Entries {
			b.Entries[i].Ended = a.At
		}
	}
	b.ID, b.API, b.Title, b.Severity, b.Changed = id, bulletinAPI, line(a.Title, maxTitle), a.Severity, a.At
	b.Version++
	d := draft{Incident: b}
	d.Timeline = append([]Event(nil), b.Timeline...)
	d.log(a.At, kind, line(a.Reason, maxStatement))
	return d.Incident, Transition{Incident: id, Kind: kind, Version: d.Version, At: a.At, Reason: line(a.Reason, maxStatement)}
}
