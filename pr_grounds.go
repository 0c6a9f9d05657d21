package main

import (
	"slices"
	"strings"
	"time"

	"shapewatch/alerting"
	"shapewatch/alerting/pullrequest"
	"shapewatch/contracts"
)

// A sighting is one entry of an incident with what people said of it.
type sighting struct {
	incident alerting.Incident
	entry    alerting.Entry
	accepted time.Time // when a person last accepted the incident; zero for never
}

// revertedFor is how long it is remembered, for the words of the end, that
// something was as before again.
const revertedFor = 30 * 24 * time.Hour

// acceptedAt tells when each incident was last accepted by a person, from the
// audit trail, newest first. What was rejected afterwards is not accepted.
func acceptedAt(acts []alerting.Act) map[string]time.Time {
	at, decided := map[string]time.Time{}, map[string]bool{}
	for _, act := range acts {
		if decided[act.Incident] || act.Kind != alerting.Accept && act.Kind != alerting.Reject {
			continue
		}
		if decided[act.Incident] = true; act.Kind == alerting.Accept {
			at[act.Incident] = act.At
		}
	}
	return at
}

// groundsOf says, by probe, which findings ask for an edit of the contract, and
// which did and do not any more. auto are the severities that need nobody's
// word.
func groundsOf(incidents []alerting.Incident, accepted map[string]time.Time, auto map[contracts.Severity]bool, now time.Time, link func(id string) string) (hold, reverted map[string][]pullrequest.Ground) {
	hold, reverted = map[string][]pullrequest.Ground{}, map[string][]pullrequest.Ground{}
	all := sightings(incidents, accepted)
	for _, same := range all {
		newest := same[len(same)-1]
		g := pullrequest.Ground{Finding: newest.entry.Finding, Since: newest.entry.Since, Incident: newest.incident.ID, Link: link(newest.incident.ID)}
		wanted, over := newest.judge(auto)
		if earlier := same[:len(same)-1]; !wanted && over.IsZero() && slices.ContainsFunc(earlier, sighting.byPerson) {
			over = newest.entry.Since // what was accepted has changed again, and nobody has accepted that
		}
		if at := newest.contradicted(all); wanted && !at.IsZero() {
			wanted, over = false, at
		}
		probe := newest.entry.Probe
		switch {
		case wanted:
			g.Ended = newest.entry.Ended
			hold[probe] = append(hold[probe], g)
		case !over.IsZero() && now.Sub(over) < revertedFor:
			g.Ended = over
			reverted[probe] = append(reverted[probe], g)
		}
	}
	return hold, reverted
}

// sightings are the entries of all incidents, those of one fact together,
// oldest first.
func sightings(incidents []alerting.Incident, accepted map[string]time.Time) map[string][]sighting {
	all := map[string][]sighting{}
	for _, inc := range incidents {
		for _, e := range inc.Entries {
			key := e.Probe + "\x00" + e.Finding.Fingerprint()
			all[key] = append(all[key], sighting{inc, e, accepted[inc.ID]})
		}
	}
	for _, same := range all {
		slices.SortStableFunc(same, func(a, b sighting) int { return a.entry.Since.Compare(b.entry.Since) })
	}
	return all
}

// byPerson reports whether a person has accepted this, as it is.
func (s sighting) byPerson() bool {
	return !s.accepted.IsZero() && !s.entry.Since.After(s.accepted) && (s.entry.Ended.IsZero() || !s.entry.Ended.Before(s.accepted))
}

// judge says whether it asks for an edit, else since when it does not any more;
// neither when it never did.
func (s sighting) judge(auto map[contracts.Severity]bool) (wanted bool, over time.Time) {
	holds := s.incident.Open() && s.entry.Ended.IsZero()
	back := s.reopened()
	switch free := auto[s.entry.Finding.Severity]; {
	case s.incident.Handling == alerting.Rejected:
		return false, s.incident.Changed
	case s.byPerson() && back.IsZero():
		return true, time.Time{}
	case free && (holds || s.incident.Handling == alerting.Accepted):
		return true, time.Time{}
	case !s.accepted.IsZero() && !back.IsZero():
		return false, back
	case free && !holds:
		return false, laterOf(s.entry.Ended, s.incident.Resolved)
	}
	return false, time.Time{}
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// reopened is when the incident came back after it was accepted: what was
// accepted then is not how the API answers now.
func (s sighting) reopened() (at time.Time) {
	for _, e := range s.incident.Timeline {
		if e.Kind == alerting.Reopened && e.At.After(s.accepted) {
			return e.At
		}
	}
	return at
}

// opposites are kinds of which the one undoes the other.
var opposites = map[string]string{"field-removed": "field-new", "field-new": "field-removed"}

// contradicted is since when the opposite is so at the same path; zero for
// never.
func (s sighting) contradicted(all map[string][]sighting) time.Time {
	opposite := s.entry.Finding
	if opposite.Kind = opposites[opposite.Kind]; opposite.Kind == "" {
		return time.Time{}
	}
	for _, other := range all[s.entry.Probe+"\x00"+opposite.Fingerprint()] {
		if other.entry.Since.After(s.entry.Since) {
			return other.entry.Since
		}
	}
	return time.Time{}
}

// used are the paths of a probe's `uses:` that a finding touches.
func used(uses []string, path string) (touched []string) {
	for _, use := range uses {
		if below(path, use) || below(use, path) {
			touched = append(touched, use)
		}
	}
	return touched
}

// below reports whether path is at or below root.
func below(path, root string) bool {
	root = strings.TrimSuffix(root, "/")
	return path == root || strings.HasPrefix(path, root+"/")
}
