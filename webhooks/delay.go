package webhooks

import (
	"time"

	"shapewatch/probes"
)

// A Late is how late the promptest event of a few minutes was. One that the
// vendor sent again after a failure of ours is late by itself; when even the
// promptest is, the vendor falls behind.
type Late struct {
	At   int64 `json:"t"` // begin of the minutes, Unix seconds
	Slow int64 `json:"s"` // seconds
}

// What is kept of delays, and needed to tell of a trend.
const (
	lateFor   = 5 * time.Minute
	lateKept  = 24
	latePast  = 20               // stretches before, which say what is usual
	lateStill = 30 * time.Minute // without an event nothing is said
)

// late notes how late an event was.
func (r *Rhythm) late(at time.Time, delay time.Duration) {
	start, slow := at.Truncate(lateFor).Unix(), max(int64(delay/time.Second), 0)
	if n := len(r.Delays); n > 0 && r.Delays[n-1].At == start {
		r.Delays[n-1].Slow = min(r.Delays[n-1].Slow, slow)
		return
	}
	if r.Delays = append(r.Delays, Late{start, slow}); len(r.Delays) > lateKept {
		if r.Before++; !r.later().Rises { // what is told is not what is usual
			r.LateBefore = max(r.LateBefore, r.Delays[0].Slow)
		}
		r.Delays = r.Delays[1:]
	}
}

// later is the trend of the delays, which rises when it is beyond what was
// usual before them: by half, and by a minute at least.
func (r *Rhythm) later() probes.Trend {
	at, late := make([]time.Time, len(r.Delays)), make([]float64, len(r.Delays))
	for i, l := range r.Delays {
		at[i], late[i] = time.Unix(l.At, 0), float64(l.Slow)
	}
	t := probes.RampOf(at, late)
	least := max(1.5*float64(r.LateBefore), float64(r.LateBefore)+shortest.Seconds(), t.From+shortest.Seconds())
	t.Rises = t.Rises && t.To >= least
	return t
}

// Behind is how late the promptest events were over the last stretches in which
// some came, in seconds; the zero trend while they are not later and later, and
// later than ever before.
func (r *Rhythm) Behind(now time.Time) probes.Trend {
	if r.Before < latePast || r.Last.Sub(r.First) < enoughTime || now.Sub(r.Last) > lateStill {
		return probes.Trend{}
	}
	if t := r.later(); t.Rises {
		return t
	}
	return probes.Trend{}
}
