package web

import (
	"strings"
	"time"

	"shapewatch/contracts"
)

// dayHours is how many hour-bars an API has.
const dayHours = 24

// A day is the last 24 hours of something: one bar an hour, oldest first.
type day struct {
	Bars  []bar
	Words string // the whole picture as text: "23 hours as agreed."
}

// A bar is one hour. Its state is a colour and a form: a full bar as agreed,
// a cut one drifted, a twice cut one breaking, a stump without valid answers,
// a dot without checks.
type bar struct {
	X     int // left edge in the picture
	State state
	Title string // of an hour with news; else empty
	hour  contracts.Hour
	start time.Time
}

const barStep = 10 // width of a bar and the gap after it

// newDay sums the hours of several probes into one day that ends now.
func newDay(now time.Time, hours []contracts.Hour) day {
	first := now.UTC().Truncate(time.Hour).Add(-(dayHours - 1) * time.Hour)
	bars := make([]bar, dayHours)
	for _, h := range hours {
		if i := int(h.Start.Sub(first) / time.Hour); i >= 0 && i < dayHours && !h.Start.Before(first) {
			bars[i].hour = addHours(bars[i].hour, h)
		}
	}
	for i := range bars {
		b := &bars[i]
		b.X, b.start = i*barStep, first.Add(time.Duration(i)*time.Hour)
		b.State = hourState(b.hour)
		if b.State > agreed { // 2,400 bars are on the overview: those that look as always say no more
			b.Title = b.start.Format("15:04") + " · " + hourWords(b.hour)
		}
	}
	return day{bars, dayWords(bars)}
}

// addHours sums what two probes did in the same hour.
func addHours(a, b contracts.Hour) contracts.Hour {
	if a.Checks == 0 {
		return b
	}
	a.Checks += b.Checks
	a.Failed += b.Failed
	a.Drifted += b.Drifted
	a.Worst = max(a.Worst, b.Worst)
	a.Slowest = max(a.Slowest, b.Slowest)
	return a
}

// clauseOf is what follows a number of checks or hours in a state.
var clauseOf = map[state]string{
	breaking: "with a breaking change", drifted: "drifted", failing: "without a valid answer", agreed: "as agreed",
}

// hourWords tells one hour: "12 checks: 9 as agreed, 3 drifted".
func hourWords(h contracts.Hour) string {
	var parts []string
	if n := h.Checks - h.Failed - h.Drifted; n > 0 {
		parts = append(parts, grouped(int64(n))+" "+clauseOf[agreed])
	}
	if h.Drifted > 0 {
		parts = append(parts, grouped(int64(h.Drifted))+" "+clauseOf[severityState(h.Worst)])
	}
	if h.Failed > 0 {
		parts = append(parts, grouped(int64(h.Failed))+" "+clauseOf[failing])
	}
	return count(h.Checks, "check") + ": " + strings.Join(parts, ", ")
}

// dayWords tells the picture: "23 hours as agreed, 1 hour drifted".
func dayWords(bars []bar) string {
	var n [numStates]int
	for _, b := range bars {
		n[b.State]++
	}
	var parts []string
	for _, s := range []state{breaking, drifted, failing, agreed} {
		if n[s] > 0 {
			parts = append(parts, count(n[s], "hour")+" "+clauseOf[s])
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
