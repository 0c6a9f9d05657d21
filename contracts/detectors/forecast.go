package detectors

import (
	"fmt"
	"time"

	"shapewatch/probes"
)

// forecast says how fast a lag grows, in seconds, and when it will be how late
// if it goes on so: "; falls behind by 40 s a minute, 6 hours behind by …".
// Empty for one that does not grow.
func forecast(t probes.Trend, now float64, at time.Time) string {
	if !t.Rises || t.PerHour < 1 {
		return ""
	}
	text := fmt.Sprintf("; falls behind by %.0f s a minute", t.PerHour/60)
	if t.PerHour < 60 {
		text = fmt.Sprintf("; falls behind by %.0f s an hour", t.PerHour)
	}
	aim := nextAim(now)
	in := (aim - now) / t.PerHour // hours
	if in > farOff {
		return text
	}
	return text + fmt.Sprintf(", %s behind by %s", ago(seconds(aim)), clock(at.Add(time.Duration(in*float64(time.Hour)))))
}

// farOff is how many hours ahead a forecast is worth a word.
const farOff = 60 * 24

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// nextAim is the next round lateness, in seconds.
func nextAim(now float64) float64 {
	for _, hours := range []float64{0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 72, 168} {
		if hours*3600 > 1.2*now {
			return hours * 3600
		}
	}
	return 2 * now
}
