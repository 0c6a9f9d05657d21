package detectors

import (
	"fmt"
	"slices"

	"shapewatch/contracts"
)

// beyondAsked reports more items than the request asked for, where the vendor
// used to keep to it.
func beyondAsked(c *contracts.Comparison, s contracts.Signals) (f contracts.Finding, ok bool) {
	h := c.Baseline.Habits
	if s.Asked <= 0 || s.Items <= s.Asked || h.Items.Count < c.Least() || h.Items.Max > s.Asked {
		return f, false
	}
	return contracts.Finding{
		Path: s.ItemsPath, Severity: contracts.Breaking,
		Was: fmt.Sprintf("at most %s, as asked, %s", plural(uint64(s.Asked), "item"), inAnswers(h.Items.Count, h.Items.Count)),
		Now: fmt.Sprintf("%s, though %s were asked for", plural(uint64(s.Items), "item"), count(s.Asked)), Evidence: came(h.Items.Count, 1, 1),
	}, true
}

// pages are the lengths that pages are given. A list of another length, or that
// gets another, is as long as there are things.
var pages = []int64{5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 100, 150, 200, 250, 300, 500, 1000}

// otherPage reports pages that always had one length and have another.
func otherPage(h contracts.Habits, s contracts.Signals) (f contracts.Finding, ok bool) {
	usual, seen, of := contracts.Usual(h.Pages)
	last := s.Items < usual && s.TotalPath != "" && s.Total <= s.Items
	if of < often || float64(seen) < usuallyThere*float64(of) || !slices.Contains(pages, usual) || !slices.Contains(pages, s.Items) || last || contracts.Count(h.Pages, s.Items) > 0 {
		return f, false
	}
	return contracts.Finding{
		Path: s.ItemsPath, Was: "pages of " + plural(uint64(usual), "item") + " " + inAnswers(seen, of), Now: "a page of " + plural(uint64(s.Items), "item"),
		Evidence: contracts.Evidence{WasSeen: of - seen, WasOf: of, NowSeen: 1, NowOf: 1},
	}, true
}

// totalGone reports that the number of all things, never zero, is zero.
func totalGone(h contracts.Habits, s contracts.Signals) []contracts.Finding {
	if s.TotalPath == "" || s.Total > 0 || h.Totals.Count < usualAnswer || h.Totals.Min <= 0 || h.Totals.Median() < neverEmpty {
		return nil
	}
	return []contracts.Finding{{
		Path: s.TotalPath, Was: "about " + count(int64(h.Totals.Median()+0.5)) + " in all, " + inAnswers(h.Totals.Count, h.Totals.Count), Now: "none in all",
		Evidence: came(h.Totals.Count, 1, 1),
	}}
}

// Of an hour of the week: how much less or more than usual is news, and how
// much of a list makes it so.
const (
	hourRatio = 3.0
	hourItems = 20
)

// offHours reports a length that is usual at other times, and far beyond what
// this hour of the week and its neighbours have had in three weeks or more.
func (d ofDay) offHours(c *contracts.Comparison, items int64) (f contracts.Finding, ok bool) {
	o, h := c.Observation, c.Baseline.Habits
	if f, ok := d.offDay(c, items); ok {
		return f, true
	}
	usual, least, most, ok := h.Week.At(o.At)
	n := float64(items) + 1
	if !ok || o.At.Sub(c.Baseline.Since) < seasoned || max(usual, n) < hourItems || n < hourRatio*(most+1) && hourRatio*n > least+1 {
		return f, false
	}
	return contracts.Finding{
		Was: fmt.Sprintf("about %.0f items (%.0f to %.0f) in this hour of the week", usual, least, most), Now: plural(uint64(items), "item"),
		Evidence: came(h.Items.Count, 1, 1),
	}, true
}

// Of an hour of the day, seen on three days or more: how far beyond all that
// it and its neighbours have had, and how far from the usual, is news.
const (
	dayRatio  = 2.0
	dayRecord = 1.2
	threeDays = 9 // hours of the week
)

// ofDay is how an hour of the day is judged.
type ofDay struct{ ratio, record float64 }

// offDay reports a length far from what this hour of the day has, and beyond
// all that it had.
func (d ofDay) offDay(c *contracts.Comparison, items int64) (f contracts.Finding, ok bool) {
	usual, least, most, hours := c.Baseline.Habits.Week.OfDay(c.Observation.At)
	n := float64(items) + 1
	if hours < threeDays || max(usual, n) < hourItems ||
		(n < d.record*(most+1) || n < d.ratio*(usual+1)) && (d.record*n > least+1 || d.ratio*n > usual+1) {
		return f, false
	}
	return contracts.Finding{
		Was: fmt.Sprintf("about %.0f items (%.0f to %.0f) in this hour of the day", usual, least, most), Now: plural(uint64(items), "item"),
		Evidence: came(c.Baseline.Habits.Items.Count, 1, 1),
	}, true
}
