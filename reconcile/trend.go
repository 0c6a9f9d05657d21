package reconcile

import (
	"math"
	"slices"
	"time"

	"shapewatch/probes"
)

// trendWindow is how many runs a trend is read from.
const trendWindow = 30

// trend reads whether a number rises over the last runs.
func trend(points []Point, of func(Point) float64) probes.Trend {
	points = points[max(0, len(points)-trendWindow):]
	at, values := make([]time.Time, len(points)), make([]float64, len(points))
	for i, p := range points {
		at[i], values[i] = p.At, of(p)
	}
	return probes.TrendOf(at, values)
}

// What a day needs to be the one on which a field stopped agreeing.
const (
	rowsBefore  = 20  // that were last changed before it
	rowsThen    = 5   // from it on, that differ
	mostBefore  = 50  // at most one in so many differed before
	leastThen   = 2   // at least one in so many differs from then on
	almostAllOf = 0.9 // of the rows that differ are from then on
)

// stopped finds the day that parts rows that agree from rows that do not, by
// when they were last changed: the one under which the counts are likeliest.
func (f *FieldTally) stopped() (day time.Time, before, then probes.Share) {
	days := make([]int32, 0, len(f.Days))
	var all probes.Share
	for d, n := range f.Days {
		days = append(days, d)
		all.Of, all.Differ = all.Of+n.Agree+n.Differ, all.Differ+n.Differ
	}
	slices.Sort(days)
	best := math.Inf(-1)
	var early probes.Share
	for _, d := range days {
		late := probes.Share{Of: all.Of - early.Of, Differ: all.Differ - early.Differ}
		if fits(early, late, all) {
			if l := likelihood(early) + likelihood(late); l > best {
				best, day, before, then = l, time.Unix(int64(d)*86400, 0).UTC(), early, late
			}
		}
		n := f.Days[d]
		early.Of, early.Differ = early.Of+n.Agree+n.Differ, early.Differ+n.Differ
	}
	return day, before, then
}

func fits(before, then, all probes.Share) bool {
	return before.Of >= rowsBefore && then.Differ >= rowsThen && before.Differ*mostBefore <= before.Of &&
		then.Differ*leastThen >= then.Of && float64(then.Differ) >= almostAllOf*float64(all.Differ)
}

// likelihood is the logarithm of that of a share, under its own rate.
func likelihood(s probes.Share) float64 {
	if s.Differ == 0 || s.Differ == s.Of {
		return 0
	}
	p := float64(s.Differ) / float64(s.Of)
	return float64(s.Differ)*math.Log(p) + float64(s.Of-s.Differ)*math.Log(1-p)
}
