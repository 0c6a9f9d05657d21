package web

import (
	"fmt"
	"strings"
	"time"

	"shapewatch/probes"
)

// stale is how long after a probe was due its check may take before the page
// says that checking itself has stopped.
const stale = 2 * time.Minute

// crowded is how full a store may be before the page asks for more room, in
// percent: well before it begins to drop checks.
const crowded = 80

// clauses say how many APIs are in a state, in the order of the sentence; the
// two forms are for one and for many.
var clauses = []struct {
	state     state
	one, many string
}{
	{breaking, "has a breaking change", "have breaking changes"},
	{drifted, "has drifted", "have drifted"},
	{failing, "gives no valid answer", "give no valid answer"},
	{suspected, "is being looked at twice", "are being looked at twice"},
	{learning, "is still learning", "are still learning"},
	{waiting, "waits for its first check", "wait for their first check"},
}

// sentence is the verdict and what goes away next: a sunset within three
// months.
func (l *look) sentence() string {
	for _, d := range l.calendar() {
		left := d.At.At.Sub(l.now)
		if d.What == sunset && left > 0 && left < 90*oneDay {
			what := d.API
			if d.Operation != "" {
				what += "’s " + clip(80, d.Operation)
			}
			return strings.TrimSuffix(l.verdict(), ".") + "; " + what + " goes away " + d.Distance + "."
		}
	}
	return l.verdict()
}

// verdict is everything in one sentence: "1 of 14 APIs has a breaking change
// and 2 have drifted; the other 11 answer as agreed".
func (l *look) verdict() string {
	n, total := l.count(), len(l.apis)
	switch {
	case total == 0:
		return "No API is watched yet."
	case n[waiting] == total:
		return "Nothing has been checked yet: the first answers are on their way."
	case n[agreed] == total && total == 1:
		return "The one API watched answers as agreed."
	case n[agreed] == total:
		return "All " + count(total, "API") + " answer as agreed."
	}
	var parts []string
	for _, c := range clauses {
		if n[c.state] == 0 {
			continue
		}
		subject := grouped(int64(n[c.state]))
		if len(parts) == 0 {
			subject += " of " + count(total, "API")
		}
		parts = append(parts, subject+" "+plural(n[c.state], c.one, c.many))
	}
	text := list(parts)
	if n[agreed] > 0 && len(parts) > 0 {
		text += "; the other " + plural(n[agreed], "one answers", grouped(int64(n[agreed]))+" answer") + " as agreed"
	}
	return text + "."
}

// worst is the worst state of all.
func (l *look) worst() (w state) {
	for _, a := range l.apis {
		w = max(w, a.state)
	}
	return w
}

// illnesses are our own: what the configuration, the outbox and the schedule
// suffer from. They come before anything about vendors, because they say how
// far the rest can be believed.
func (l *look) illnesses() (ill []string) {
	for _, p := range l.problems {
		ill = append(ill, sentence(clip(500, p)))
	}
	if o := l.outbox; o.Dead > 0 {
		ill = append(ill, fmt.Sprintf("%s could not be delivered and will not be tried again: %s",
			count(o.Dead, "alert"), sentence(clip(200, o.LastError))))
	}
	if o := l.outbox; o.Waiting > 0 && l.now.Sub(o.Oldest) > 5*time.Minute {
		text := fmt.Sprintf("Alerts are not getting through: %d waiting, the oldest for %s", o.Waiting, span(l.now.Sub(o.Oldest)))
		if o.LastError != "" {
			text += ": " + clip(200, o.LastError)
		}
		ill = append(ill, sentence(text))
	}
	if l.limit > 0 && l.used*100 > l.limit*crowded {
		ill = append(ill, fmt.Sprintf("The store is nearly full, %s: soon checks are no longer remembered, then only incidents are. Raise `max_size` or lower `keep` below `store`, and restart.", l.storeWords()))
	}
	if since := l.overdue(); !since.IsZero() {
		ill = append(ill, fmt.Sprintf("No check has finished for %s: what follows may be out of date.", span(l.now.Sub(since))))
	}
	return ill
}

// overdue is when the last check finished if by now another should have; zero
// while the schedule is kept.
func (l *look) overdue() time.Time {
	var shortest time.Duration
	for _, a := range l.apis {
		for _, p := range a.probes {
			if p.Schedule.Every > 0 && (shortest == 0 || p.Schedule.Every < shortest) {
				shortest = p.Schedule.Every
			}
		}
	}
	if shortest == 0 || l.newest.IsZero() || l.now.Sub(l.newest) < 2*shortest+probes.DefaultTimeout+stale {
		return time.Time{}
	}
	return l.newest
}
