package web

import (
	"context"
	"fmt"
	"math"
	"time"

	"shapewatch/contracts"
	"shapewatch/webhooks"
)

const (
	flowCell   = 14                 // width and height of an hour in the picture
	flowSeason = 8 * 24 * time.Hour // before, an hour without events is not called quiet
	// flowTypesShown is how many types are listed.
	flowTypesShown = 100
)

// A flow is the rhythm of a source of webhooks: how many events came in each
// hour of the week, and how each type comes.
type flow struct {
	Words string
	Days  []flowDay
	Types []flowType
	More  int // types that are not listed

	Silent bool // a type is
}

// A flowDay is a row of the picture.
type flowDay struct {
	Name string
	Y    int
	Dots []flowDot
}

// A flowDot is an hour: the larger the dot the more events, a dash when it has
// always been quiet.
type flowDot struct {
	X, Y  int
	R     string // radius; empty for a quiet hour
	Title string
}

// flowOf reads the rhythm of a source; nil for a probe that is none.
func (s *site) flowOf(ctx context.Context, probe string, b *contracts.Baseline, now time.Time) (*flow, error) {
	rhythms, err := s.Source.Rhythms(ctx, probe)
	if err != nil {
		return nil, fmt.Errorf("rhythms of %s: %w", probe, err)
	}
	if len(rhythms) == 0 {
		return nil, nil
	}
	c := &flow{}
	ear := webhooks.Listen(rhythms, s.timesOf(probe))
	if ear.Deaf, err = s.Source.Deaf(ctx); err != nil {
		return nil, fmt.Errorf("when we did not listen: %w", err)
	}
	c.Types, c.More = flowTypes(ear, now)
	c.Silent = c.Types[0].Silent != "" // they come first
	c.draw(b.Habits.Week.Counts(), b.Last.Sub(b.Since) >= flowSeason)
	c.Words = wholeWords(ear, now) + c.Words
	return c, nil
}

// wholeWords say that nothing comes at all, or when that would be told.
func wholeWords(ear *webhooks.Ear, now time.Time) string {
	h, last := ear.Whole()
	switch {
	case h.Told.IsZero():
		return ""
	case h.Silent(last, now) > 0:
		return fmt.Sprintf("Nothing has come for %s: %s usual until %s UTC. ", spell(now.Sub(last)), areUsual(h.Missing()), moment{h.Told, now}.Clock())
	}
	return fmt.Sprintf("If nothing comes at all, that is told at %s UTC. ", moment{h.Told, now}.Clock())
}

func areUsual(n uint64) string {
	if n == 1 {
		return "1 event is"
	}
	return count(int(n), "event") + " are"
}

// timesOf say on whose clocks the source of a probe lives.
func (s *site) timesOf(probe string) webhooks.Times {
	if s.Reception == nil {
		return webhooks.Times{}
	}
	return s.Reception.Times(probe)
}

// spell writes a pause for people: "8 h", "40 min".
func spell(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}

// draw lays out the week from Monday, an hour a column, UTC.
func (c *flow) draw(counts [contracts.HoursOfWeek]uint64, seasoned bool) {
	var most uint64 = 1
	quiet := 0
	for _, n := range counts {
		most = max(most, n)
	}
	for row := range 7 {
		day := time.Weekday((row + 1) % 7)
		d := flowDay{Name: day.String()[:3], Y: row*flowCell + flowCell/2}
		for hour := range 24 {
			n := counts[int(day)*24+hour]
			dot := flowDot{X: hour*flowCell + flowCell/2, Y: d.Y, Title: fmt.Sprintf("%s %02d:00 · %s", d.Name, hour, count(int(n), "event"))}
			switch {
			case n > 0:
				dot.R = number(1.2 + 5*math.Sqrt(float64(n)/float64(most)))
			case seasoned:
				quiet++
			default:
				continue
			}
			d.Dots = append(d.Dots, dot)
		}
		c.Days = append(c.Days, d)
	}
	c.Words = fmt.Sprintf("At most %s in one hour of the week, summed over all weeks.", count(int(most), "event"))
	if seasoned {
		c.Words += fmt.Sprintf(" %s of the 168 hours of the week have always been quiet.", grouped(int64(quiet)))
	} else {
		c.Words += " It takes eight days to know quiet hours."
	}
}
