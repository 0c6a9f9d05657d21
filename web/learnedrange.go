package web

import (
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// A learnedRange is where a measure usually is, as the baseline knows it; nil
// when it was not learned.
type learnedRange struct{ low, high float64 }

// rangeOf is what was learned of a measure.
func rangeOf(m measure, h contracts.Habits) *learnedRange {
	scale := contracts.Scale{}
	unit := 1.0
	switch m.id {
	case "items":
		scale = h.Items
	case "bytes":
		scale = h.Bytes
	case "latency":
		scale, unit = h.Latency, float64(time.Millisecond)
	case "age":
		for _, l := range h.Lags { // the one that the chart follows is the freshest
			if scale.Count == 0 || l.Ages.Median() < scale.Median() {
				scale = l.Ages
			}
		}
		unit = float64(time.Second)
	}
	if scale.Count < learnedAfter || scale.Max == 0 {
		return nil
	}
	return &learnedRange{float64(scale.Min) * unit, float64(scale.Max) * unit}
}

// measures are what an operation's page draws, in this order.
var measures = []measure{itemsMeasure, latencyMeasure, bytesMeasure, limitMeasure, ageMeasure}

var bytesMeasure = measure{
	id: "bytes", title: "Size of an answer",
	format: func(v float64) string { return size(int64(v)) },
	check: func(c contracts.Check) (float64, bool) {
		return float64(c.Bytes), c.Class == probes.Valid
	},
	hour: func(h contracts.Hour) (low, mid, hi float64, ok bool) {
		v := float64(h.Bytes)
		return v, v, v, h.Valid > 0
	},
}

var limitMeasure = measure{
	id: "limit", title: "Rate limit left", rangeHead: "least to limit",
	format: itemsText,
	spread: func(p point) string { return itemsText(p.low) + " to " + itemsText(p.hi) },
	check: func(c contracts.Check) (float64, bool) {
		return float64(c.Terms.Remaining), c.Terms.Limit > 0
	},
	hour: func(h contracts.Hour) (low, mid, hi float64, ok bool) {
		return float64(h.Least), float64(h.Least), float64(h.Limit), h.Limit > 0
	},
}

var ageMeasure = measure{
	id: "age", title: "Age of the newest entry",
	format: func(v float64) string { return span(time.Duration(v)) },
	check: func(c contracts.Check) (float64, bool) {
		return float64(c.At.Sub(c.Terms.Newest)), !c.Terms.Newest.IsZero() && c.At.After(c.Terms.Newest)
	},
	hour: func(h contracts.Hour) (low, mid, hi float64, ok bool) {
		v := float64(h.OldestBy)
		return v, v, v, h.OldestBy > 0
	},
}
