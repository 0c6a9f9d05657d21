package webhooks_test

import (
	"testing"
	"time"

	"shapewatch/probes"
	"shapewatch/webhooks"
)

// TestEar_MeasuresSilenceWhereWeListened has an event every three minutes of
// two weeks, the last at 9:17 of a Monday: twice its longest pause is 9:23.
func TestEar_MeasuresSilenceWhereWeListened(t *testing.T) {
	r := webhooks.Rhythm{Type: "order.created"}
	for at := on(-14, 0, 0); at.Before(on(0, 9, 20)); at = at.Add(3 * time.Minute) {
		r.Add(at, time.Time{})
	}
	last := r.Last
	after := func(minutes int) time.Time { return last.Add(time.Duration(minutes) * time.Minute) }
	for name, test := range map[string]struct {
		deaf [][2]int // minutes after the last event
		want int
	}{
		"listened all the time":        {nil, 6},
		"deaf before":                  {[][2]int{{-60, -1}}, 6},
		"deaf for an hour":             {[][2]int{{1, 61}}, 67},
		"deaf from before the last on": {[][2]int{{-10, 0}, {2, 4}}, 8},
		"deaf once it was told":        {[][2]int{{7, 60}}, 6},
		"deaf twice":                   {[][2]int{{1, 61}, {63, 120}}, 126},
	} {
		ear := webhooks.Listen([]webhooks.Rhythm{r}, webhooks.Times{})
		for _, d := range test.deaf {
			ear.Deaf = append(ear.Deaf, probes.Deaf{From: after(d[0]), Until: after(d[1])})
		}
		if told := ear.Hush(0).Told; !told.Equal(after(test.want)) {
			t.Errorf("%s: told %v after the last event, want %d minutes", name, told.Sub(last), test.want)
		}
	}
}

// TestEar_DeafHoursAreNotMissing: of office hours that stop at 9:20, what would
// have come while we did not listen is not missing.
func TestEar_DeafHoursAreNotMissing(t *testing.T) {
	r := worked("order.created", 4, on(0, 9, 20))
	heard := hush(webhooks.Times{}, r)
	ear := webhooks.Listen([]webhooks.Rhythm{r}, webhooks.Times{})
	ear.Deaf = []probes.Deaf{{From: on(0, 9, 20), Until: on(0, 11, 20)}}
	within(t, "deaf for two hours", ear.Hush(0).Told, heard.Told.Add(110*time.Minute), heard.Told.Add(130*time.Minute))
}
