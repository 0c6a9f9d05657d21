package openapi

import (
	"net/http"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/splice"
)

// headersOf are the headers of rate limits that most answers have.
func headersOf(h contracts.Habits) (all splice.Object) {
	for _, t := range h.LimitHeaders {
		if 2*t.Count > h.Answers {
			all = append(all, splice.Field{Name: http.CanonicalHeaderKey(t.Value), Value: splice.Object{
				{Name: "schema", Value: splice.Object{{Name: "type", Value: "string"}}},
			}})
		}
	}
	return all
}

// learnedExtension is what OpenAPI has no word for: rate limit, page size,
// volume, freshness, and the evidence for all of it.
func learnedExtension(l Lesson) (o splice.Object) {
	if limit := rateLimitOf(&l.Habits); len(limit) > 0 {
		o = append(o, splice.Field{Name: "rate_limit", Value: limit})
	}
	if volume := volumeOf(&l.Habits); len(volume) > 0 {
		o = append(o, splice.Field{Name: "volume", Value: volume})
		if size, ok := pageSizeOf(&l.Habits); ok {
			o = append(o, splice.Field{Name: "page_size", Value: number(size)})
		}
	}
	if version, seen, of := contracts.Usual(l.Habits.Versions); seen > 0 && seen == of {
		o = append(o, splice.Field{Name: "version", Value: clip(version, 64)})
	}
	if path, ok := freshest(l); ok {
		o = append(o, splice.Field{Name: "freshness", Value: splice.Object{{Name: "newest", Value: path}}})
	}
	evidence := splice.Object{{Name: "answers", Value: number(int64(l.Habits.Answers))}}
	if !l.Since.IsZero() {
		evidence = append(evidence, splice.Field{Name: "since", Value: l.Since.UTC().Format(time.DateOnly)},
			splice.Field{Name: "until", Value: l.Last.UTC().Format(time.DateOnly)})
	}
	return append(o, splice.Field{Name: "evidence", Value: evidence})
}

// pageSizeOf is the length that most lists have when none is longer: the size
// of a page.
func pageSizeOf(h *contracts.Habits) (size int64, ok bool) {
	most := h.Items.Max
	if most < 5 || len(h.Items.Buckets) == 0 {
		return 0, false
	}
	last := h.Items.Buckets[len(h.Items.Buckets)-1]
	return most, 2*last[1] > h.Items.Count
}

// freshest is the path of a time that moves with every answer: what tells how
// fresh an answer is.
func freshest(l Lesson) (path string, ok bool) {
	for i := range l.Fields {
		f := &l.Fields[i]
		if format, isTime := f.IsTimestamp(); isTime && format != "date" && f.Depth <= 2 && !f.InMap && f.Parents == l.Habits.Answers &&
			l.Habits.Answers >= surely && f.Values.Distinct*10 >= f.Count*9 {
			return f.Path, true
		}
	}
	return "", false
}
