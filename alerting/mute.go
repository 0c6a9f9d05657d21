package alerting

import (
	"maps"
	"slices"
	"strings"
	"time"

	"shapewatch/contracts"
)

// Mute is the kind of reason for which an incident is not told. It is kept and
// shown all the same.
type Mute string

// The mutes.
const (
	Silenced      Mute = "silenced"    // by a person
	Inhibited     Mute = "inhibited"   // by a trouble that explains it
	InMaintenance Mute = "maintenance" // by a window of the configuration
)

// ByConnectivity is what inhibits every incident while we ourselves reach
// nobody.
const ByConnectivity = "connectivity"

// A Muting is why an incident is not told, by whom, and until when. The zero
// Muting mutes nothing.
type Muting struct {
	Mute  Mute      `json:"mute"`
	By    string    `json:"by"`             // the silence's or inhibiting incident's ID, the window's name, or [ByConnectivity]
	Words string    `json:"words"`          // "silenced by ada until …: known since May"
	Until time.Time `json:"until,omitzero"` // zero: until it changes, or the trouble is over
}

// Heard is what those who are told of an incident believe of it.
type Heard struct {
	As       string             `json:"as"` // one of the constants
	Severity contracts.Severity `json:"severity"`
}

// What listeners may believe.
const (
	HeardNothing  = "nothing"
	HeardNoted    = "noted" // an additive change; there is no end to tell
	HeardOpen     = "open"
	HeardOver     = "over"
	HeardFlapping = "flapping"
)

// A Window is a maintenance that is under way.
type Window struct {
	Matcher
	Name  string
	Until time.Time
}

// Quiet is all that may mute an incident at one instant.
type Quiet struct {
	Silences []Silence
	Windows  []Window
	Offline  bool // we ourselves reach nobody
}

// Of is what mutes an incident now; the zero Muting when nothing does.
func (q Quiet) Of(inc Incident, now time.Time) Muting {
	if q.Offline {
		return Muting{Mute: Inhibited, By: ByConnectivity, Words: "shapewatch itself reaches nobody"}
	}
	for _, s := range q.Silences {
		if s.Hushes(inc, now) {
			return Muting{Mute: Silenced, By: s.ID, Words: s.words(), Until: s.Until}
		}
	}
	for _, w := range q.Windows {
		if now.Before(w.Until) && w.Fits(inc) {
			return Muting{Mute: InMaintenance, By: w.Name, Words: "maintenance " + w.Name + " until " + clock(w.Until), Until: w.Until}
		}
	}
	return Muting{}
}

// InForce reports whether a silence has begun and is not over.
func (s Silence) InForce(now time.Time) bool {
	return s.Ended.IsZero() && !now.Before(s.From) && (s.Until.IsZero() || now.Before(s.Until))
}

// Hushes reports whether a silence keeps an incident from being told now. One
// that lasts until a change hushes only what has not changed since it began.
func (s Silence) Hushes(inc Incident, now time.Time) bool {
	if !s.InForce(now) || !s.Matcher.Fits(inc) {
		return false
	}
	return !s.UntilChange || !inc.Shifted.After(s.From)
}

func (s Silence) words() string {
	words := "silenced by " + s.Actor
	switch {
	case s.UntilChange && !s.Until.IsZero():
		words += " until it changes, at most until " + clock(s.Until)
	case s.UntilChange:
		words += " until it changes"
	default:
		words += " until " + clock(s.Until)
	}
	if s.Reason != "" {
		words += ": " + s.Reason
	}
	return line(words, maxTitle)
}

// Fits reports whether an incident is what the matcher is about.
func (m Matcher) Fits(inc Incident) bool {
	if m.Below != nil && inc.Severity >= *m.Below {
		return false
	}
	match := Match{APIs: word(m.API), Groups: word(m.Group), Owners: word(m.Owner), Kinds: word(m.Kind), Operations: word(m.Operation), Labels: m.Labels}
	return (m.Incident == "" || m.Incident == inc.ID) && match.Fits(inc)
}

func word(pattern string) []string {
	if pattern == "" {
		return nil
	}
	return []string{pattern}
}

// Empty reports whether the matcher names nothing and so would match all.
func (m Matcher) Empty() bool {
	return m.API+m.Group+m.Owner+m.Operation+m.Kind+m.Incident == "" && len(m.Labels) == 0 && m.Below == nil
}

// String is the matcher in words: `api "shop" kind "field-new"`.
func (m Matcher) String() string {
	var parts []string
	for _, p := range []struct{ name, value string }{
		{"incident", m.Incident}, {"api", m.API}, {"group", m.Group}, {"owner", m.Owner}, {"operation", m.Operation}, {"kind", m.Kind},
	} {
		if p.value != "" {
			parts = append(parts, p.name+" "+p.value)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(m.Labels)) {
		parts = append(parts, "label "+key+"="+m.Labels[key])
	}
	if m.Below != nil {
		parts = append(parts, "below "+m.Below.String())
	}
	if len(parts) == 0 {
		return "everything"
	}
	return strings.Join(parts, ", ")
}
