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
	Usual          string // events that usually come from the last one until now
	Told           moment // when silence is told; the zero one while too little is known
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
func flowTypes(ear *webhooks.Ear, now time.Time) (types []flowType, more int) {
	all := make([]int, len(ear.Rhythms))
	for i := range all {
		all[i] = i
	}
	slices.SortStableFunc(all, func(a, b int) int { return boolInt(ear.Silent(b, now) > 0) - boolInt(ear.Silent(a, now) > 0) })
	for row, i := range all[:min(len(all), flowTypesShown)] {
		t := newFlowType(ear, i, now)
		if row < stripTypes {
			t.Strip = newStrip(&ear.Rhythms[i], ear.Silent(i, now) > 0, now)
		}
		types = append(types, t)
	}
	return types, len(all) - len(types)
}

func newFlowType(ear *webhooks.Ear, i int, now time.Time) flowType {
	r := &ear.Rhythms[i]
	t := flowType{Type: clip(80, r.Type), Last: moment{r.Last, now}, Events: grouped(int64(r.Count)), Gap: "not known yet", Usual: "–", Busiest: grouped(int64(r.Busiest())), Again: grouped(int64(r.Retries))}
	if gap := r.LongestPause(); gap > 0 {
		t.Gap, t.Told = spell(gap), moment{ear.Hush(i).Told, now}
	}
	if usual, known := ear.ByNow(i, now); known {
		t.Usual = grouped(int64(math.Round(usual)))
	}
	if silent := ear.Silent(i, now); silent > 0 {
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
func newStrip(r *webhooks.Rhythm, silent bool, now time.Time) *strip {
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
	if silent {
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
