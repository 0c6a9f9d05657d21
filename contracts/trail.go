package contracts

import (
	"time"

	"shapewatch/probes"
)

// A trail is how old the newest time of an answer was whenever it moved. In
// between it only grows older, which says nothing: what comes once a day does
// not fall behind for a day.
type trail struct {
	Points []trailPoint `json:"p,omitempty"` // oldest first
	Past   uint64       `json:"n,omitempty"` // points that were before these
	Worst  int64        `json:"w,omitempty"` // the oldest of those, seconds
}

type trailPoint struct {
	At  int64 `json:"t"` // Unix seconds
	Age int64 `json:"a"` // seconds
}

// What a trail keeps, and needs to tell of a trend.
const (
	trailKept  = 30
	trailStep  = 5 * time.Minute    // between two points, at least
	trailPast  = 20                 // points before, which say what is usual
	trailLost  = 10 * time.Minute   // along the way, and beyond what was usual
	trailSince = 8 * 24 * time.Hour // every hour of a week was seen, and one day again
)

func (t *trail) add(at, age int64) {
	if n := len(t.Points); n > 0 && at-t.Points[n-1].At < int64(trailStep/time.Second) {
		return
	}
	if t.Points = append(t.Points, trailPoint{at, max(age, 0)}); len(t.Points) > trailKept {
		if t.Past++; !t.ramp().Rises { // what is told is not what is usual
			t.Worst = max(t.Worst, t.Points[0].Age)
		}
		t.Points = t.Points[1:]
	}
}

// Behind is how the newest time at a path, as old as it was when it came, went
// over the last times that it moved; and the oldest that it was before these.
// False when too little is known to say, or it is not older than ever.
func (c *Comparison) Behind(path string) (t probes.Trend, worst time.Duration, ok bool) {
	p := c.Baseline.pulse(newestPulse + path)
	if p == nil || p.Trail == nil || p.Trail.Past < trailPast || c.Observation.At.Sub(c.Baseline.Since) < trailSince {
		return t, 0, false
	}
	t = p.Trail.ramp()
	return t, time.Duration(p.Trail.Worst) * time.Second, t.Rises
}

// ramp is the trend of the ages, which rises when it is beyond what was usual
// before them: by half, and by ten minutes at least.
func (t *trail) ramp() probes.Trend {
	at, ages := make([]time.Time, len(t.Points)), make([]float64, len(t.Points))
	for i, point := range t.Points {
		at[i], ages[i] = time.Unix(point.At, 0), float64(point.Age)
	}
	trend := probes.RampOf(at, ages)
	least := max(1.5*float64(t.Worst), max(float64(t.Worst), trend.From)+trailLost.Seconds())
	trend.Rises = trend.Rises && trend.To >= least
	return trend
}
