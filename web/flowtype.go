package web

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"shapewatch/webhooks"
)

const (
	stripStep  = 2  // width of an hour in the week of a type
	stripTall  = 18 // height of its busiest
	stripTypes = 40 // types whose week is drawn
)

// A flowType is how the events of one type come.
type flowType struct {
	Type           string
	Last           moment
	Events, Gap    string
	Busiest, Again string
	Silent, Late   string
	Flood          string
	Strip          *strip // nil when its hours were never counted
}

// A strip is the week of one type from Monday, an hour a bar: the taller the
// more events. Hours in which events use to come and none did are drawn apart.
type strip struct {
	Usual, Missed string // paths
	Words         string
	Width, Tall   int
}

// flowTypes are the types of a source, those that are silent first.
func flowTypes(rhythms []webhooks.Rhythm, now time.Time) (types []flowType, more int) {
	rhythms = slices.Clone(rhythms)
	slices.SortStableFunc(rhythms, func(a, b webhooks.Rhythm) int { return int(min(b.Silent(now), 1) - min(a.Silent(now), 1)) })
	for i, r := range rhythms[:min(len(rhythms), flowTypesShown)] {
		t := newFlowType(r, now)
		if i < stripTypes {
			t.Strip = newStrip(r, now)
		}
		types = append(types, t)
	}
	return types, len(rhythms) - len(types)
}

func newFlowType(r webhooks.Rhythm, now time.Time) flowType {
	t := flowType{Type: clip(80, r.Type), Last: moment{r.Last, now}, Events: grouped(int64(r.Count)), Gap: "not known yet", Busiest: grouped(int64(r.Busiest())), Again: grouped(int64(r.Retries))}
	if gap := r.LongestPause(); gap > 0 {
		t.Gap = spell(gap)
	}
	if silent := r.Silent(now); silent > 0 {
		t.Silent = "silent for " + spell(silent)
	}
	if late := r.Delay(now); late > 0 {
		t.Late = spell(late) + " late"
	}
	if flood := r.Flood(now); flood > 0 {
		t.Flood = count(int(flood), "event") + " in this hour"
	}
	return t
}

// newStrip draws the week of a type.
func newStrip(r webhooks.Rhythm, now time.Time) *strip {
	most, busy := uint64(0), 0
	for hour := range webhooks.HoursOfWeek {
		n := r.Habit.Of(hour)
		if most = max(most, n); n > 0 {
			busy++
		}
	}
	if most == 0 {
		return nil
	}
	var missed [webhooks.HoursOfWeek]bool
	if r.Silent(now) > 0 {
		missed = webhooks.Within(r.Last, now)
	}
	s := &strip{Width: webhooks.HoursOfWeek * stripStep, Tall: stripTall + 1}
	gone := s.bars(r.Habit, most, missed)
	s.Words = fmt.Sprintf("events came in %d of the 168 hours of the week", busy)
	if gone > 0 {
		s.Words += fmt.Sprintf("; since the last one, %s passed in which they use to come", count(gone, "such hour"))
	}
	return s
}

// bars writes the paths, and returns how many hours are missed.
func (s *strip) bars(habit webhooks.HourCounts, most uint64, missed [webhooks.HoursOfWeek]bool) (gone int) {
	var usual, without strings.Builder
	for i := range webhooks.HoursOfWeek {
		hour := (i + 24) % webhooks.HoursOfWeek // from Monday
		n := habit.Of(hour)
		if n == 0 {
			continue
		}
		out := &usual
		if missed[hour] {
			out, gone = &without, gone+1
		}
		fmt.Fprintf(out, "M%d %dv-%s", i*stripStep+1, s.Tall, number(2+(stripTall-2)*math.Sqrt(float64(n)/float64(most))))
	}
	s.Usual, s.Missed = usual.String(), without.String()
	return gone
}
