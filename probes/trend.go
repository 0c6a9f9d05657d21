package probes

import (
	"math"
	"slices"
	"time"
)

// What a trend needs to be one.
const (
	trendPoints = 8    // at least
	beyond      = 3.0  // standard deviations of Kendall's S
	lately      = 12   // points
	crooked     = 0.15 // of its rise: how far from its line half of a ramp may lie
	steady      = 0.6  // of its rise: what its line must explain
)

// TrendOf reads whether a number rises, from what it was at some times, oldest
// first: by the test of Mann and Kendall, and how fast by the median of all
// slopes. It is the zero trend for fewer than eight points.
func TrendOf(at []time.Time, values []float64) (t Trend) {
	n := len(values)
	if n < trendPoints || len(at) != n {
		return t
	}
	t.Runs, t.From, t.To = n, values[0], values[n-1]
	t.Usual = Median(slices.Clone(values[:n-1]))
	var s int
	var slopes []float64
	for i := range values {
		for j := i + 1; j < n; j++ {
			rise := values[j] - values[i]
			switch {
			case rise > 0:
				s++
			case rise < 0:
				s--
			}
			if hours := at[j].Sub(at[i]).Hours(); hours > 0 {
				slopes = append(slopes, rise/hours)
			}
		}
	}
	variance := float64(n*(n-1)*(2*n+5)) / 18
	t.Rises = float64(s-1)/math.Sqrt(variance) >= beyond
	t.PerHour = Median(slopes)
	return t
}

// RampOf is the trend of the last points if they rise along a line, else of all:
// what began lately has the pace that it has now. It rises only along a line; a
// step, such as a clock that was set, and a peak are no ramps.
func RampOf(at []time.Time, values []float64) Trend {
	if n := len(values); n > lately && len(at) == n {
		if t := ramp(at[n-lately:], values[n-lately:]); t.Rises {
			return t
		}
	}
	return ramp(at, values)
}

func ramp(at []time.Time, values []float64) Trend {
	t := TrendOf(at, values)
	if !t.Rises {
		return t
	}
	off := make([]float64, len(values))
	for i, v := range values {
		off[i] = v - t.PerHour*at[i].Sub(at[0]).Hours()
	}
	middle := Median(slices.Clone(off))
	for i := range off {
		off[i] = math.Abs(off[i] - middle)
	}
	rise, along := t.To-t.From, t.PerHour*at[len(at)-1].Sub(at[0]).Hours()
	t.Rises = Median(off) <= crooked*rise && along >= steady*rise
	return t
}

// Median is the middle one of the values, which it sorts; 0 of none.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}
