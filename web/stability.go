package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"shapewatch/alerting"
)

// A filter chooses incidents.
type filter struct {
	API, Severity, Text, State string
}

func newFilter(r *http.Request) filter {
	q := r.URL.Query()
	return filter{
		API: clip(80, q.Get("api")), Severity: clip(20, q.Get("severity")),
		Text: clip(80, strings.TrimSpace(q.Get("q"))), State: clip(20, q.Get("state")),
	}
}

// Any reports whether anything is chosen.
func (f filter) Any() bool { return f != filter{} }

// fits reports whether an incident is chosen; the API was asked of the source.
func (f filter) fits(i alerting.Incident) bool {
	open := i.Open()
	switch {
	case f.Severity != "" && i.Severity.String() != f.Severity:
		return false
	case f.State == "open" && !open, f.State == "resolved" && open:
		return false
	}
	return f.Text == "" || containsFold(i.Title, f.Text) || containsFold(i.API, f.Text) ||
		slices.ContainsFunc(i.Entries, func(e alerting.Entry) bool {
			return containsFold(e.Finding.Path, f.Text) || containsFold(e.Finding.Kind, f.Text) || containsFold(e.Finding.Operation, f.Text)
		})
}

// A stability is how much of the last 90 days an API kept its contract.
type stability struct {
	API, Link string
	Incidents int
	Drifting  string // time with an open incident above info
	Percent   string
	Share     int
}

// stabilities are those of the APIs with the most incidents, the least stable
// first.
func stabilities(incidents []alerting.Incident, now time.Time) (rows []stability) {
	since := now.Add(-daysShown * oneDay)
	drifting, number := map[string]time.Duration{}, map[string]int{}
	for _, i := range incidents {
		end := now
		if !i.Open() {
			end = i.Resolved
		}
		from := i.Opened
		if from.Before(since) {
			from = since
		}
		if severityState(i.Severity) == agreed || !end.After(from) {
			continue
		}
		number[i.API]++
		drifting[i.API] = min(drifting[i.API]+end.Sub(from), daysShown*oneDay)
	}
	for api, d := range drifting {
		share := 100 * (1 - float64(d)/float64(daysShown*oneDay))
		rows = append(rows, stability{api, apiLink(api), number[api], span(d), fmt.Sprintf("%.2f %%", share), int(share)})
	}
	slices.SortFunc(rows, func(a, b stability) int {
		if drifting[a.API] != drifting[b.API] {
			return int(min(1, max(-1, drifting[b.API]-drifting[a.API])))
		}
		return strings.Compare(a.API, b.API)
	})
	return rows[:min(len(rows), 20)]
}

// historyCSV is the history as comma-separated values, with the filter of the
// page.
func (s *site) historyCSV(w http.ResponseWriter, r *http.Request) {
	f := newFilter(r)
	incidents, err := s.Source.Incidents(r.Context(), f.API, maxIncidents)
	if err != nil {
		s.unreadable(r.Context(), "history", err)
		http.Error(w, "the store cannot be read", http.StatusServiceUnavailable)
		return
	}
	var out strings.Builder
	rows := csv.NewWriter(&out)
	_ = rows.Write([]string{"id", "api", "title", "severity", "condition", "handling", "opened", "resolved", "operations", "changes"}) // a Builder takes everything
	for _, i := range incidents {
		if !f.fits(i) {
			continue
		}
		resolved := ""
		if !i.Resolved.IsZero() {
			resolved = stamp(i.Resolved)
		}
		_ = rows.Write([]string{i.ID, cell(i.API), cell(plain(i.Title)), i.Severity.String(), string(i.Condition), string(i.Handling),
			stamp(i.Opened), resolved, fmt.Sprint(len(operationsOf(i))), fmt.Sprint(len(i.Entries))})
	}
	rows.Flush()
	w.Header().Set("Content-Disposition", `attachment; filename="incidents.csv"`)
	send(w, http.StatusOK, "text/csv; charset=utf-8", visible([]byte(out.String())))
}

// cell keeps a spreadsheet from taking a text for a formula.
func cell(s string) string {
	if s != "" && strings.ContainsAny(s[:1], "=+-@\t\r") {
		return "'" + s
	}
	return clip(500, s)
}
