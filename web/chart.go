package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
)

// A chart is drawn in this space and stretched to the page; its words are
// HTML beside it, so that they stay readable at any width.
const (
	chartWidth  = 600
	chartHeight = 120
	maxMarks    = 12
)

// A point is what was measured at one time: the range and the middle.
type point struct {
	at           time.Time
	low, mid, hi float64
	gap          bool // nothing was measured since the point before
}

// A chart is one measure over time as a picture, with its twin in numbers.
type chart struct {
	top       float64 // value at the top edge
	ID, Title string
	Words     string // the picture as text
	Line      string // path of the middle
	Band      string // path of the range; empty when there is none
	Dots      []dot  // points that have no neighbour to draw a line to
	Marks     []mark
	Top       string // axis labels; the bottom is 0
	Half      string
	Learned   *band    // where it usually is; nil when that is not known
	Ticks     []string // three times below, left to right
	Rows      []chartRow
	RangeHead string // heading of the table's range column; empty without a range
}

// A dot is a point alone.
type dot struct{ X, Y string }

// A mark is an incident on the time axis.
type mark struct {
	X        string
	At       int64 // Unix seconds, for who zooms
	Severity string
	Title    string
}

// A chartRow is one point of the twin.
type chartRow struct{ At, Mid, Range string }

// A measure is a way to read a number out of checks and hours.
type measure struct {
	id, title, rangeHead string
	format               func(float64) string
	spread               func(point) string // of an hour, below rangeHead
	check                func(contracts.Check) (float64, bool)
	hour                 func(contracts.Hour) (low, mid, hi float64, ok bool)
}

var latencyMeasure = measure{
	id: "latency", title: "Latency", rangeHead: "slowest",
	format: latencyText,
	spread: func(p point) string { return latencyText(p.hi) },
	check:  func(c contracts.Check) (float64, bool) { return float64(c.Latency), c.Class.Answered() },
	hour: func(h contracts.Hour) (low, mid, hi float64, ok bool) {
		return float64(h.Latency), float64(h.Latency), float64(h.Slowest), h.Latency > 0
	},
}

var itemsMeasure = measure{
	id: "items", title: "Items in an answer", rangeHead: "fewest to most",
	format: itemsText,
	spread: func(p point) string { return itemsText(p.low) + " to " + itemsText(p.hi) },
	check: func(c contracts.Check) (float64, bool) {
		return float64(c.Items), c.Class == probes.Valid && c.Items >= 0
	},
	hour: func(h contracts.Hour) (low, mid, hi float64, ok bool) {
		low, hi = float64(h.MinItems), float64(h.MaxItems)
		return low, (low + hi) / 2, hi, h.MinItems >= 0
	},
}

func latencyText(v float64) string { return latency(time.Duration(v)) }
func itemsText(v float64) string   { return grouped(int64(math.Round(v))) }

// fewHours is the history below which single checks are drawn instead of hours.
const fewHours = 6

// newChart draws a measure; nil when there is nothing to draw.
func newChart(m measure, checks []contracts.Check, hours []contracts.Hour, incidents []alerting.Incident, now time.Time) *chart {
	points, byHour := m.points(checks, hours)
	if len(points) == 0 {
		return nil
	}
	c := &chart{ID: m.id, Title: m.title}
	if byHour = byHour && m.rangeHead != ""; byHour {
		c.RangeHead = m.rangeHead
	}
	from, to := points[0].at, points[len(points)-1].at
	top := niceTop(points)
	c.plot(points, from, to, top, byHour && m.rangeHead != "")
	c.top = top
	c.Top, c.Half = m.format(top), m.format(top/2)
	clock := clockFor(from, to, now)
	c.Ticks = []string{clock(from), clock(from.Add(to.Sub(from) / 2)), clock(to)}
	c.Marks = marks(incidents, from, to)
	c.Words = m.words(points, now)
	c.Rows = m.rows(points, clock, byHour)
	return c
}

// A band is a range of values across the whole picture.
type band struct{ Y, Height string }

// learned draws the range that was learned, as far as it is in the picture.
func (c *chart) learned(m measure, r *learnedRange) {
	if r == nil || c.top <= 0 {
		return
	}
	high, low := min(r.high, c.top), min(r.low, c.top)
	height := max((high-low)/c.top*chartHeight, 1.5)
	c.Learned = &band{number(chartHeight - high/c.top*chartHeight), number(height)}
	c.Words += " Learned: " + m.format(r.low) + " to " + m.format(r.high) + "."
}

// points are hours where there is a history and single checks where there is
// none yet, oldest first.
func (m measure) points(checks []contracts.Check, hours []contracts.Hour) (points []point, byHour bool) {
	if byHour = len(hours) >= fewHours; byHour {
		step := stepOf(hours)
		for _, h := range hours {
			if low, mid, hi, ok := m.hour(h); ok {
				gap := len(points) > 0 && h.Start.Sub(points[len(points)-1].at) > 3*step
				points = append(points, point{h.Start, low, mid, hi, gap})
			}
		}
		return points, true
	}
	for i := len(checks) - 1; i >= 0; i-- {
		if v, ok := m.check(checks[i]); ok {
			points = append(points, point{checks[i].At, v, v, v, false})
		}
	}
	return points, false
}

// stepOf is how far hours are apart at least: one, or more when they are sums.
func stepOf(hours []contracts.Hour) time.Duration {
	step := oneDay
	for i := range hours[1:] {
		step = min(step, hours[i+1].Start.Sub(hours[i].Start))
	}
	return max(step, time.Hour)
}

// niceTop is the end of the axis: the next 1, 2, 2.5 or 5 times a power of ten.
func niceTop(points []point) float64 {
	most := 1.0
	for _, p := range points {
		most = max(most, p.hi)
	}
	power := math.Pow(10, math.Floor(math.Log10(most)))
	for _, step := range []float64{1, 2, 2.5, 5} {
		if step*power >= most*1.02 {
			return step * power
		}
	}
	return 10 * power
}

// plot draws points into paths, with a new stroke after each gap.
func (c *chart) plot(points []point, from, to time.Time, top float64, band bool) {
	x := func(p point) float64 { return place(p.at, from, to) }
	y := func(v float64) float64 { return chartHeight - v/top*chartHeight }
	var line, area strings.Builder
	for start := 0; start < len(points); {
		end := start + 1
		for end < len(points) && !points[end].gap {
			end++
		}
		stroke := points[start:end]
		if len(stroke) == 1 {
			c.Dots = append(c.Dots, dot{number(x(stroke[0])), number(y(stroke[0].mid))})
		}
		for i, p := range stroke {
			fmt.Fprintf(&line, "%s%s %s", command(i), number(x(p)), number(y(p.mid)))
			fmt.Fprintf(&area, "%s%s %s", command(i), number(x(p)), number(y(p.hi)))
		}
		for i := len(stroke) - 1; i >= 0; i-- {
			fmt.Fprintf(&area, "L%s %s", number(x(stroke[i])), number(y(stroke[i].low)))
		}
		area.WriteString("Z")
		start = end
	}
	c.Line = line.String()
	if band {
		c.Band = area.String()
	}
}

func command(i int) string {
	if i == 0 {
		return "M"
	}
	return "L"
}

// place is where a time is on the axis.
func place(at, from, to time.Time) float64 {
	if !to.After(from) {
		return chartWidth / 2
	}
	return chartWidth * at.Sub(from).Seconds() / to.Sub(from).Seconds()
}

func number(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// clockFor tells times as exactly as it takes to tell those on an axis apart.
func clockFor(from, to, now time.Time) func(time.Time) string {
	if to.Sub(from) < 10*time.Minute {
		return func(t time.Time) string { return t.UTC().Format("15:04:05") }
	}
	return func(t time.Time) string { return moment{t, now}.Clock() }
}

// marks are the incidents that opened while the chart was measured.
func marks(incidents []alerting.Incident, from, to time.Time) (marks []mark) {
	for _, i := range incidents {
		if len(marks) < maxMarks && !i.Opened.Before(from) && !i.Opened.After(to) {
			marks = append(marks, mark{
				number(place(i.Opened, from, to)), i.Opened.Unix(), i.Severity.String(),
				i.Opened.UTC().Format("15:04") + " " + plain(clip(120, i.Title)),
			})
		}
	}
	return marks
}

// words tell the picture: least, most and last.
func (m measure) words(points []point, now time.Time) string {
	least, most := points[0], points[0]
	for _, p := range points {
		if p.low < least.low {
			least = p
		}
		if p.hi > most.hi {
			most = p
		}
	}
	last := points[len(points)-1]
	if least.low == most.hi {
		return fmt.Sprintf("%s throughout, last %s.", m.format(most.hi), moment{last.at, now}.Ago())
	}
	return fmt.Sprintf("Between %s and %s (most at %s); %s at last.",
		m.format(least.low), m.format(most.hi), moment{most.at, now}.Clock(), m.format(last.mid))
}

// rows are the twin, newest first.
func (m measure) rows(points []point, clock func(time.Time) string, byHour bool) []chartRow {
	rows := make([]chartRow, 0, len(points))
	for i := len(points) - 1; i >= 0; i-- {
		p := points[i]
		row := chartRow{At: clock(p.at), Mid: m.format(p.mid)}
		if byHour {
			row.Range = m.spread(p)
		}
		rows = append(rows, row)
	}
	return rows
}
