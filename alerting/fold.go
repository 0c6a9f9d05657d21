package alerting

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// The windows and bounds of [Fold].
const (
	ReopenWithin = 7 * 24 * time.Hour // after its end, the same finding reopens the incident
	JoinWithin   = 7 * 24 * time.Hour // after its opening, findings of the same cause join it

	flapWindow  = 24 * time.Hour
	flapsAbove  = 4 // openings and ends in the window: more is flapping
	steadyBelow = 3 // fewer again is steady

	tellMovesEvery = time.Hour // a finding that moves and moves is told this often

	maxEntries  = 200
	maxTimeline = 100
)

// Actor is the name under which the program itself acts in a timeline.
const Actor = "shapewatch"

// An Update is what one check of a probe says to the incidents of its API.
type Update struct {
	API, Group, Owner string
	Probe, Operation  string
	Labels            map[string]string
	At                time.Time    // of the check
	Class             probes.Class // only a valid answer can show that a finding is gone unsaid
	Verdict           contracts.Verdict
	Retired           bool   // no check: its entries of Probe end, because nobody asks any more
	clock             bool   // no check: time has passed
	Policy            Policy // what holds now; the zero Policy mutes nothing and reminds of nothing
}

// Fold decides what a check means for the incidents known of its API: the open
// ones and those resolved within [ReopenWithin]. It returns those that changed,
// each with a Version one higher, and what is to be told of them, at most one
// step each. It is pure: the same arguments give the same answer, and folding
// a verdict twice changes nothing the second time. known is not modified.
//
// An incident stands on three axes, and each moves on its own. The condition
// is what the probes say:
//
//	stateDiagram-v2
//	    [*] --> Pending: suspected (no incident yet, nothing is told)
//	    Pending --> [*]: dispelled (nothing is told)
//	    Pending --> Firing: N of M answers show it (opened; noted when all is additive)
//	    Firing --> Firing: joins, moves on, ends in part (updated) or gets worse (worsened)
//	    Firing --> Recovering: the last answers show none of it
//	    Recovering --> Firing: it shows again
//	    Recovering --> Resolved: enough clean answers (resolved)
//	    Firing --> Resolved: every entry ended, or a person says so (resolved)
//	    Resolved --> Firing: same finding within 7 days (reopened)
//	    Resolved --> [*]: 7 days
//
// The handling is what people say ([Handle]):
//
//	stateDiagram-v2
//	    [*] --> New
//	    New --> Acknowledged: somebody is on it (handled; no more reminders)
//	    New --> Accepted: this is how the API answers now (handled; additive by itself)
//	    New --> Rejected: this is not what was agreed (handled)
//	    Acknowledged --> Accepted
//	    Acknowledged --> Rejected
//	    Rejected --> Accepted
//	    Acknowledged --> New: it got worse
//	    Accepted --> New: it got worse
//	    Rejected --> New: it got worse
//
// Every other handling turns into New too when the incident is reopened. The
// mute says whether it is told at all ([Quiet.Of], [Tend]):
//
//	stateDiagram-v2
//	    [*] --> Told
//	    Told --> Silenced: a silence fits
//	    Told --> Maintenance: a window is open
//	    Told --> Inhibited: its API, or our own network, is unreachable
//	    Silenced --> Told: over, or it changed (opened or reopened if it was never told, else unmuted)
//	    Maintenance --> Told: over (likewise)
//	    Inhibited --> Told: reached again (likewise)
//
// The end is told whatever mutes, to those who heard of the beginning, and only
// to them. Flapping is a flag beside the three: more than 4 turns in 24 h set
// it (flapping), fewer than 3 take it away (steady, or resolved).
//
// A check without a valid answer neither confirms nor ends what valid answers
// have shown.
func Fold(known []Incident, u Update) (changed []Incident, steps []Transition) {
	f := fold{update: u, told: severest(u.Verdict.Confirmed)}
	f.place(parked)
	for _, inc := range known {
		if inc.API == u.API {
			f.drafts = append(f.drafts, newDraft(inc))
		}
	}
	f.end()
	f.keep()
	f.reopen()
	f.join()
	f.open()
	f.recover()
	return f.result()
}

// severest returns the findings in a fixed order: worst first, then by place.
func severest(findings []contracts.Finding) []contracts.Finding {
	sorted := slices.Clone(findings)
	slices.SortStableFunc(sorted, func(a, b contracts.Finding) int {
		if a.Severity != b.Severity {
			return int(b.Severity) - int(a.Severity)
		}
		return strings.Compare(a.Operation+"\x00"+a.Path+"\x00"+a.Kind, b.Operation+"\x00"+b.Path+"\x00"+b.Kind)
	})
	return sorted
}

// parked recognises what was so from the first day: a mismatch with the
// contract that no check has seen begin. It is on the page, not in an incident.
func parked(f contracts.Finding) bool {
	return f.Severity == contracts.Info && f.Evidence.Checks == 0 && !f.Evidence.Told
}

// A fold is one run of Fold: the findings not yet placed, and the incidents
// they may be placed in.
type fold struct {
	update Update
	told   []contracts.Finding
	drafts []*draft
}

// place offers every finding that has no place yet to take and drops those it
// took.
func (f *fold) place(take func(contracts.Finding) bool) {
	f.told = slices.DeleteFunc(f.told, take)
}

// end closes the entries of this probe that are over.
func (f *fold) end() {
	u := f.update
	if len(f.drafts) == 0 {
		return // as at most checks: no fingerprint need be reckoned
	}
	held := map[string]bool{}
	for _, list := range [][]contracts.Finding{f.told, u.Verdict.Suspected} {
		for _, finding := range list {
			held[finding.Fingerprint()] = true
		}
	}
	for _, d := range f.drafts {
		for i := range d.Entries {
			e := &d.Entries[i]
			if e.Probe != u.Probe || !e.Ended.IsZero() {
				continue
			}
			print := d.prints[i]
			if !u.Retired && (held[print] || u.Class != probes.Valid && !slices.Contains(u.Verdict.Cleared, print)) {
				continue
			}
			e.Ended = u.At
			if e.Ended.Before(d.Changed) { // asked before somebody accepted it, and heard after
				e.Ended = d.Changed
			}
			d.ended++
		}
	}
}

// keep recognises findings that an open incident holds already.
func (f *fold) keep() {
	f.place(f.held)
}

func (f *fold) held(finding contracts.Finding) bool {
	return slices.ContainsFunc(f.drafts, func(d *draft) bool {
		return (d.open() || d.overruled(finding, f.update)) && d.holds(finding, f.update)
	})
}

// reopen brings back the incident that ended with the same finding.
func (f *fold) reopen() {
	f.place(func(finding contracts.Finding) bool {
		if f.held(finding) { // by one that a finding before it has reopened
			return true
		}
		var last *draft
		for _, d := range f.drafts {
			if d.Condition == Resolved && d.has(finding) && f.update.At.Sub(d.Resolved) <= ReopenWithin &&
				(last == nil || d.Resolved.After(last.Resolved)) {
				last = d
			}
		}
		if last == nil {
			return false
		}
		last.restart()
		return last.holds(finding, f.update)
	})
}

// join adds findings to the open incident of the same cause.
func (f *fold) join() {
	f.place(func(finding contracts.Finding) bool {
		for _, d := range f.drafts {
			if d.open() && d.related(finding, f.update) {
				return d.add(finding, f.update)
			}
		}
		return false
	})
}

// open makes the findings that belong nowhere one incident, and those that say
// the API could not be asked another.
func (f *fold) open() {
	for _, absent := range []bool{true, false} {
		var fresh *draft
		f.place(func(finding contracts.Finding) bool {
			if availability(finding.Kind) != absent {
				return false
			}
			if fresh == nil {
				fresh = &draft{Incident: begin(finding, f.update), born: true}
				f.drafts = append(f.drafts, fresh)
			}
			return fresh.add(finding, f.update)
		})
	}
}

func begin(first contracts.Finding, u Update) Incident {
	seed := u.API + "\x00" + first.Fingerprint() + "\x00" + u.At.UTC().Format(time.RFC3339Nano)
	sum := sha256.Sum256([]byte(seed))
	return Incident{
		ID:  "inc_" + hex.EncodeToString(sum[:8]),
		API: u.API, Group: u.Group, Owner: u.Owner, Labels: u.Labels,
		Condition: Firing, Handling: New, Opened: u.At, Heard: Heard{As: HeardNothing},
	}
}

// recover says of the open incidents of this probe whether anything of them
// still shows.
func (f *fold) recover() {
	shows := map[string]bool{}
	for _, finding := range f.update.Verdict.Confirmed {
		shows[finding.Fingerprint()] = true
	}
	lately := map[string]bool{}
	for _, finding := range f.update.Verdict.Fading {
		lately[finding] = true
	}
	for _, d := range f.drafts {
		d.recover(f.update, shows, lately)
	}
}

func (f *fold) result() (changed []Incident, steps []Transition) {
	for _, d := range f.drafts {
		d.turn(f.update)
	}
	by := f.unreached()
	for _, d := range f.drafts {
		d.mute(by, f.update)
		if step, differs := d.settle(f.update); differs {
			changed = append(changed, d.Incident)
			if step != "" {
				steps = append(steps, Transition{Incident: d.ID, Kind: step, Version: d.Version, At: f.update.At, Reason: d.reason})
			}
		}
	}
	return changed, steps
}

// unreached are the probes that nobody answers, each with the incident that
// says so.
func (f *fold) unreached() map[string]string {
	by := map[string]string{}
	for _, d := range f.drafts {
		for _, e := range d.Entries {
			if d.open() && e.Ended.IsZero() && unreached(e.Finding.Kind) {
				by[e.Probe] = d.ID
			}
		}
	}
	return by
}
