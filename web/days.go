package web

import (
	"context"
	"fmt"
	"strings"
	"time"

	"shapewatch/contracts"
)

// daysShown is how many days of history an API has on the overview.
const daysShown = 90

const oneDay = 24 * time.Hour

// late is how long after midnight an hour of the day before may still grow.
const late = time.Hour

// A daySum is one day of one probe.
type daySum struct {
	checks, failed, drifted int32
	worst                   contracts.Severity
}

func (d daySum) add(o daySum) daySum {
	return daySum{d.checks + o.checks, d.failed + o.failed, d.drifted + o.drifted, max(d.worst, o.worst)}
}

func (d daySum) hour() contracts.Hour {
	return contracts.Hour{Checks: int(d.checks), Failed: int(d.failed), Drifted: int(d.drifted), Worst: d.worst}
}

// pastDays are the days of a probe that are over. They never change, so hours
// are read and added up once.
type pastDays struct {
	until time.Time // days before this one are summed up
	sums  [daysShown]daySum
}

// place is where a day is kept.
func (p *pastDays) place(day time.Time) *daySum {
	return &p.sums[(day.Unix()/int64(oneDay/time.Second))%daysShown]
}

// days are the last 90 days of a probe, oldest first, today last.
func (s *site) days(ctx context.Context, probe string, now time.Time) (all [daysShown]daySum, err error) {
	today := now.UTC().Truncate(oneDay)
	first := today.Add(-(daysShown - 1) * oneDay)
	s.past.Lock()
	past, known := s.past.days[probe]
	s.past.Unlock()
	if !known || past.until.Before(first) {
		past = pastDays{until: first}
	}
	hours, err := s.Source.Hours(ctx, probe, past.until)
	if err != nil {
		return all, fmt.Errorf("hours of %s: %w", probe, err)
	}
	open := past.add(hours, now)
	s.past.Lock()
	s.past.days[probe] = past
	s.past.Unlock()
	for i := range all {
		day := first.Add(time.Duration(i) * oneDay)
		if day.Before(past.until) {
			all[i] = *past.place(day)
		} else {
			all[i] = open[day]
		}
	}
	return all, nil
}

// add sums up hours: days that are over into the past, the others are
// returned.
func (p *pastDays) add(hours []contracts.Hour, now time.Time) map[time.Time]daySum {
	over := now.Add(-late).UTC().Truncate(oneDay) // days before this one cannot grow any more
	for day := p.until; day.Before(over); day = day.Add(oneDay) {
		*p.place(day) = daySum{}
	}
	open := map[time.Time]daySum{}
	for _, h := range hours {
		sum := daySum{int32(h.Checks), int32(h.Failed), int32(h.Drifted), h.Worst}
		if day := h.Start.UTC().Truncate(oneDay); day.Before(over) {
			*p.place(day) = p.place(day).add(sum)
		} else {
			open[day] = open[day].add(sum)
		}
	}
	if over.After(p.until) {
		p.until = over
	}
	return open
}

// A history90 is 90 days as a picture: one bar a day, oldest first. Bars of one
// state are one path of dashes, so that a row costs bytes by its changes and
// not by its days.
type history90 struct {
	Runs  []dayRun
	Notes []dayNote
	Words string
}

// A dayRun are all days of one state.
type dayRun struct {
	State state
	Path  string
}

// A dayNote is a day that has something to say.
type dayNote struct {
	X     int
	Title string
}

const (
	dayStep  = 3 // width of a bar and the gap after it
	dayNotes = 12
)

// history90 draws the last 90 days of an API.
func (s *site) history90(ctx context.Context, a *watchedAPI, now time.Time) (history90, error) {
	var all [daysShown]daySum
	for _, p := range a.probes {
		days, err := s.days(ctx, p.ID, now)
		if err != nil {
			return history90{}, err
		}
		for i := range all {
			all[i] = all[i].add(days[i])
		}
	}
	return drawDays(all, now), nil
}

func drawDays(all [daysShown]daySum, now time.Time) (h history90) {
	var paths [numStates]strings.Builder
	var n [numStates]int
	first := now.UTC().Truncate(oneDay).Add(-(daysShown - 1) * oneDay)
	for i := 0; i < daysShown; {
		st := hourState(all[i].hour())
		end := i + 1
		for end < daysShown && hourState(all[end].hour()) == st {
			end++
		}
		n[st] += end - i
		dashes(&paths[st], st, i, end)
		for ; i < end; i++ {
			if st > agreed && len(h.Notes) < dayNotes {
				h.Notes = append(h.Notes, dayNote{i * dayStep, first.Add(time.Duration(i)*oneDay).Format("2 Jan") + " · " + hourWords(all[i].hour())})
			}
		}
	}
	for st := range paths {
		if paths[st].Len() > 0 {
			h.Runs = append(h.Runs, dayRun{state(st), paths[st].String()})
		}
	}
	h.Words = daysWords(n)
	return h
}

// levels are how high the bars of a state are drawn, so that states differ in
// form: whole, cut once, cut twice, a stump, a dot.
var levels = [numStates][]int{
	waiting: {22}, agreed: {12}, drifted: {5, 19}, breaking: {3, 12, 21}, failing: {18},
}

func dashes(path *strings.Builder, st state, from, to int) {
	for _, y := range levels[st] {
		fmt.Fprintf(path, "M%d %dh%d", from*dayStep, y, (to-from)*dayStep-1)
	}
}

func daysWords(n [numStates]int) string {
	var parts []string
	for _, s := range []state{breaking, drifted, failing, agreed} {
		if n[s] > 0 {
			parts = append(parts, count(n[s], "day")+" "+clauseOf[s])
		}
	}
	if len(parts) == 0 {
		return "no check."
	}
	if n[waiting] > 0 {
		parts = append(parts, "the rest without checks")
	}
	return list(parts) + "."
}
