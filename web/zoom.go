package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// zoomDays are how many days of history can be looked at, the most first.
var zoomDays = []int{daysShown, 30, 7}

// daysCopied are those that a static copy has: each costs some KB for each
// operation.
const daysCopied = 30

// mostDrawn is how many points a picture of the history has; more are added up.
const mostDrawn = 360

type zoomContent struct {
	API, APILink    string
	Name, Operation string
	Days            int
	Spans           []zoomSpan
	Charts          []*chart
	Data            string // address of the numbers, for who zooms
}

// A zoomSpan is a choice of how much is shown.
type zoomSpan struct {
	Days   int
	Link   string
	Chosen bool
}

// zoomPage is the history of one operation, hour by hour.
func (s *site) zoomPage(r *http.Request, l *look) (page, error) {
	a := l.find(r.PathValue("api"))
	if a == nil {
		return missing("No API of this name is watched", "It may have been renamed or removed in the configuration. Its past incidents are still in the history."), nil
	}
	p := a.choose(r.URL.Query().Get("operation"))
	c := zoomContent{API: a.name, APILink: operationLink(a.name, p.Name), Name: p.Name, Operation: clip(160, p.Operation), Days: chosenDays(r)}
	for _, days := range zoomDays {
		if r.Header.Get(copyHeader) != "" {
			break // one is there
		}
		c.Spans = append(c.Spans, zoomSpan{days, zoomLink(a.name, p.Name, days), days == c.Days})
	}
	c.Data = fmt.Sprintf("/api/v1/apis/%s/hours?operation=%s&days=%d", url.PathEscape(a.name), url.QueryEscape(p.Name), c.Days)
	hours, err := s.Source.Hours(r.Context(), p.ID, sinceDays(l.now, c.Days))
	if err != nil {
		return page{}, fmt.Errorf("hours of %s: %w", p.ID, err)
	}
	incidents, err := s.Source.Incidents(r.Context(), a.name, fewIncidents)
	if err != nil {
		return page{}, fmt.Errorf("incidents of %s: %w", a.name, err)
	}
	for _, m := range measures {
		if drawn := newChart(m, nil, thin(hours, mostDrawn), incidents, l.now); drawn != nil {
			c.Charts = append(c.Charts, drawn)
		}
	}
	return page{template: "zoom", Here: "overview", Name: a.name + ", history", Content: c, Zoom: true}, nil
}

func zoomLink(api, name string, days int) string {
	return apiLink(api) + "/history?operation=" + url.QueryEscape(name) + "&days=" + strconv.Itoa(days)
}

// chosenDays is how much is asked for; all when that is none of the choices.
func chosenDays(r *http.Request) int {
	for _, days := range zoomDays {
		if r.URL.Query().Get("days") == strconv.Itoa(days) {
			return days
		}
	}
	return zoomDays[0]
}

func sinceDays(now time.Time, days int) time.Time {
	return now.UTC().Truncate(time.Hour).Add(-time.Duration(days) * oneDay)
}

// thin adds hours up, so that there are at most so many.
func thin(hours []contracts.Hour, most int) (sums []contracts.Hour) {
	step := time.Duration(len(hours)/most+1) * time.Hour
	for _, h := range hours {
		start := h.Start.Truncate(step)
		if n := len(sums); n == 0 || !sums[n-1].Start.Equal(start) {
			h.Start = start
			sums = append(sums, h)
			continue
		}
		addHour(&sums[len(sums)-1], h)
	}
	return sums
}

// addHour adds what is drawn of an hour to a sum.
func addHour(sum *contracts.Hour, h contracts.Hour) {
	sum.Latency = mean(sum.Latency, sum.Answered, h.Latency, h.Answered)
	sum.Bytes = mean(sum.Bytes, sum.Valid, h.Bytes, h.Valid)
	sum.Slowest, sum.OldestBy = max(sum.Slowest, h.Slowest), max(sum.OldestBy, h.OldestBy)
	sum.Answered, sum.Valid = sum.Answered+h.Answered, sum.Valid+h.Valid
	if h.MinItems >= 0 {
		if sum.MinItems < 0 || h.MinItems < sum.MinItems {
			sum.MinItems = h.MinItems
		}
		sum.MaxItems = max(sum.MaxItems, h.MaxItems)
	}
	if h.Limit > 0 {
		if sum.Limit == 0 || h.Least < sum.Least {
			sum.Least = h.Least
		}
		sum.Limit = h.Limit
	}
}

func mean[T ~int64](a T, n int, b T, m int) T {
	if n+m == 0 {
		return 0
	}
	return (a*T(n) + b*T(m)) / T(n+m)
}

// An hoursReply is what one operation measured, hour by hour.
type hoursReply struct {
	API       string      `json:"api"`
	Operation string      `json:"operation"`
	Hours     []hourReply `json:"hours"` // oldest first; hours without a check are left out
}

// An hourReply is one hour; null is what was not measured.
type hourReply struct {
	Start    time.Time `json:"start"`
	Checks   int       `json:"checks"`
	Failed   int       `json:"failed"`
	Drifted  int       `json:"drifted"`
	Latency  *float64  `json:"latency_ms"`
	Slowest  *float64  `json:"slowest_ms"`
	Bytes    *float64  `json:"bytes"`
	MinItems *float64  `json:"min_items"`
	MaxItems *float64  `json:"max_items"`
	Limit    *float64  `json:"limit"`
	Least    *float64  `json:"least"`
	Oldest   *float64  `json:"oldest_s"`
}

// hoursJSON is GET /api/v1/apis/{api}/hours.
func (s *site) hoursJSON(r *http.Request) (any, error) {
	l, err := s.look(r.Context())
	if err != nil {
		return nil, err
	}
	a, name := l.find(r.PathValue("api")), r.URL.Query().Get("operation")
	if a == nil {
		return nil, alerting.ErrNotFound
	}
	p := a.choose(name)
	if name != "" && p.Name != name {
		return nil, alerting.ErrNotFound
	}
	hours, err := s.Source.Hours(r.Context(), p.ID, sinceDays(l.now, chosenDays(r)))
	if err != nil {
		return nil, fmt.Errorf("hours of %s: %w", p.ID, err)
	}
	reply := hoursReply{a.name, p.Operation, []hourReply{}}
	for _, h := range hours {
		reply.Hours = append(reply.Hours, newHourReply(h))
	}
	return reply, nil
}

func newHourReply(h contracts.Hour) hourReply {
	measured := func(v float64, ok bool) *float64 {
		if !ok {
			return nil
		}
		return &v
	}
	return hourReply{
		Start: h.Start.UTC(), Checks: h.Checks, Failed: h.Failed, Drifted: h.Drifted,
		Latency: measured(float64(h.Latency.Milliseconds()), h.Answered > 0), Slowest: measured(float64(h.Slowest.Milliseconds()), h.Answered > 0),
		Bytes: measured(float64(h.Bytes), h.Valid > 0), MinItems: measured(float64(h.MinItems), h.MinItems >= 0), MaxItems: measured(float64(h.MaxItems), h.MinItems >= 0),
		Limit: measured(float64(h.Limit), h.Limit > 0), Least: measured(float64(h.Least), h.Limit > 0), Oldest: measured(h.OldestBy.Seconds(), h.OldestBy > 0),
	}
}
