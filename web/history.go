package web

import (
	"fmt"
	"net/http"
	"net/url"

	"shapewatch/alerting"
)

const incidentsListed = 100

type historyContent struct {
	API       string // only this one; empty for all
	Filter    filter
	CSV       string
	Stability []stability // of all APIs, when nothing is chosen
	Months    []month
	Open      int
	Total     int
	Older     bool // there are more than are read
}

// A month is a heading of the history.
type month struct {
	Name  string
	Lines []incidentLine
}

// historyPage lists incidents: open ones first, then by month.
func (s *site) historyPage(r *http.Request, l *look) (page, error) {
	f := newFilter(r)
	c := historyContent{API: f.API, Filter: f, CSV: "/incidents.csv"}
	if q := r.URL.Query().Encode(); q != "" && f.Any() {
		c.CSV += "?" + q
	}
	all, err := s.Source.Incidents(r.Context(), r.URL.Query().Get("api"), maxIncidents)
	if err != nil {
		return page{}, fmt.Errorf("incidents: %w", err)
	}
	if !f.Any() {
		c.Stability = stabilities(all, l.now)
	}
	var incidents []alerting.Incident
	for _, i := range all {
		if f.fits(i) {
			incidents = append(incidents, i)
		}
	}
	c.Older = len(incidents) > incidentsListed
	incidents = incidents[:min(len(incidents), incidentsListed)]
	c.Total = len(incidents)
	for _, i := range incidents {
		name := i.Opened.UTC().Format("January 2006")
		if i.Open() {
			c.Open++
			name = "Open now"
		}
		if n := len(c.Months); n == 0 || c.Months[n-1].Name != name {
			c.Months = append(c.Months, month{Name: name})
		}
		m := &c.Months[len(c.Months)-1]
		m.Lines = append(m.Lines, newIncidentLine(i, l.now))
	}
	return page{template: "history", Here: "incidents", Name: "Incidents", Content: c}, nil
}

// operationLink is the page of a probe while it is watched.
func (s *site) operationLink(api, probe string) string {
	for _, p := range s.Probes() {
		if p.ID == probe {
			return operationLink(api, p.Name)
		}
	}
	return ""
}

// operationLink is the page of an operation.
func operationLink(api, name string) string {
	return apiLink(api) + "?operation=" + url.QueryEscape(name)
}
