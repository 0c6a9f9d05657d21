package openapi

import (
	"strconv"

	"shapewatch/contracts"
	"shapewatch/contracts/splice"
)

func number(n int64) splice.Number { return splice.Number(strconv.FormatInt(n, 10)) }

// rateLimitOf is the budget that the vendor usually states; empty when it
// states none.
func rateLimitOf(h *contracts.Habits) (o splice.Object) {
	for i := range h.Limits {
		l := &h.Limits[i]
		limit, seen, _ := contracts.Usual(l.Limits)
		if seen == 0 || 2*l.Seen < h.Answers {
			continue
		}
		o = splice.Object{{Name: "limit", Value: number(limit)}}
		if window, seen, _ := contracts.Usual(l.Windows); seen > 0 {
			o = append(o, splice.Field{Name: "window_seconds", Value: number(int64(window.Seconds()))})
		}
		if header, seen, _ := contracts.Usual(l.Headers); seen > 0 {
			o = append(o, splice.Field{Name: "header", Value: header})
		}
		return o
	}
	return nil
}

// outliers is the share of answers on either side that a volume leaves out.
const outliers = 0.01

// volumeOf is how many items a list usually has; empty when there is none.
func volumeOf(h *contracts.Habits) (o splice.Object) {
	if h.Items.Count == 0 {
		return nil
	}
	low, high := h.Items.Range(outliers)
	o = splice.Object{{Name: "least", Value: number(low)}, {Name: "most", Value: number(high)}}
	if list, seen, _ := contracts.Usual(h.Lists); seen > 0 && list != "" {
		o = append(o, splice.Field{Name: "list", Value: list})
	}
	return o
}
