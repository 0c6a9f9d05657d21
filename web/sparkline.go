package web

import (
	"strings"
	"time"

	"shapewatch/contracts"
)

// sparkHours is how far back a sparkline reaches.
const sparkHours = 24

// sparkline draws the mean latency of each hour of the last day as one path in
// a box of 72 by 20; "" when there is too little to draw. The highest value is
// at the top, zero at the bottom.
func sparkline(hours []contracts.Hour, now time.Time) string {
	first := now.UTC().Truncate(time.Hour).Add(-(sparkHours - 1) * time.Hour)
	var sums [sparkHours]time.Duration
	var answered [sparkHours]int
	for _, h := range hours {
		if i := int(h.Start.Sub(first) / time.Hour); !h.Start.Before(first) && i < sparkHours {
			sums[i] += h.Latency * time.Duration(h.Answered)
			answered[i] += h.Answered
		}
	}
	most, drawn := time.Duration(1), 0
	for i, n := range answered {
		if n > 0 {
			sums[i] /= time.Duration(n)
			most, drawn = max(most, sums[i]), drawn+1
		}
	}
	if drawn < 3 {
		return ""
	}
	var path strings.Builder
	pen := "M"
	for i, n := range answered {
		if n == 0 {
			pen = "M"
			continue
		}
		path.WriteString(pen + number(float64(i)*72/(sparkHours-1)) + " " + number(19-18*float64(sums[i])/float64(most)))
		pen = "L"
	}
	return path.String()
}
