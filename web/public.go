package web

import (
	"net/http"
	"slices"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// The types of this file are the public view: what somebody without a login
// may know. They list it, field by field, in words of ours or of the
// configuration: a value, a path, an address or a person has no place in them.

type publicReply struct {
	Title     string              `json:"title"`
	At        time.Time           `json:"at"`
	State     state               `json:"state"`
	Verdict   string              `json:"verdict"`
	Checked   *time.Time          `json:"checked"`
	Counts    map[string]int      `json:"counts"`
	APIs      []publicAPIReply    `json:"apis"`
	Incidents []publicIncidentOut `json:"incidents"`
}

type publicAPIReply struct {
	Name  string `json:"name"`
	Group string `json:"group"`
	State state  `json:"state"`
	Open  int    `json:"open_incidents"`
}

type publicIncidentOut struct {
	ID       string             `json:"id"`
	API      string             `json:"api"`
	Title    string             `json:"title"`
	Severity contracts.Severity `json:"severity"`
	Opened   time.Time          `json:"opened"`
	Resolved *time.Time         `json:"resolved"`
}

// A publicIncident is an incident as anybody may know it.
type publicIncident struct {
	ID, API, Title   string
	Severity         string
	Open             bool
	Opened, Resolved moment
	Lasted           string
}

type publicContent struct {
	State            state
	Verdict          string
	Checked          moment
	Facts            string
	Groups           []publicGroup
	More             int // APIs not listed
	Incidents        []publicIncident
	Watched          int
	CanLogin, Locked bool // there is a login; without one, only this machine sees more
}

type publicGroup struct {
	Name string
	Rows []publicRow
}

type publicRow struct {
	Name     string
	State    state
	Word     string
	History  history90
	Deadline string
}

const (
	publicIncidents = 20
	publicRows      = 300
)

// publicTitle says what an incident is about by the names of detectors, which
// are ours: titles may quote a value.
func publicTitle(i alerting.Incident) string {
	kinds := map[string]bool{}
	for _, e := range i.Entries {
		kinds[e.Finding.Kind] = true
	}
	names := make([]string, 0, len(kinds))
	for k := range kinds {
		names = append(names, k)
	}
	slices.Sort(names)
	if len(names) == 0 {
		return "a change"
	}
	return list(names[:min(len(names), 4)]) + " in " + count(len(operationsOf(i)), "operation")
}

func operationsOf(i alerting.Incident) map[string]bool {
	operations := map[string]bool{}
	for _, e := range i.Entries {
		operations[e.Finding.Operation] = true
	}
	return operations
}

func newPublicIncident(i alerting.Incident, now time.Time) publicIncident {
	line := newIncidentLine(i, now)
	return publicIncident{
		ID: i.ID, API: i.API, Title: publicTitle(i), Severity: line.Severity, Open: line.Open,
		Opened: line.Opened, Resolved: line.Resolved, Lasted: line.Lasted,
	}
}

// publicPage is the overview of somebody without a login.
func (s *site) publicPage(r *http.Request, l *look) (page, error) {
	c := publicContent{
		State: l.worst(), Verdict: l.verdict(), Checked: moment{l.newest, l.now}, Facts: l.facts(), Watched: len(l.apis),
		CanLogin: s.gate.Token != "" || s.gate.OIDC.Issuer != "" || s.gate.User != "", Locked: !s.gate.configured(),
	}
	incidents, err := s.Source.Incidents(r.Context(), "", publicIncidents)
	if err != nil {
		return page{}, err
	}
	for _, i := range incidents {
		c.Incidents = append(c.Incidents, newPublicIncident(i, l.now))
	}
	found := l.search("")
	for _, a := range found[:min(len(found), publicRows)] {
		row := publicRow{Name: a.name, State: a.state, Word: a.state.Word(), Deadline: a.nextDeadline(l.now).short()}
		if row.History, err = s.history90(r.Context(), a, l.now); err != nil {
			return page{}, err
		}
		if n := len(c.Groups); n == 0 || c.Groups[n-1].Name != a.group {
			c.Groups = append(c.Groups, publicGroup{Name: a.group})
		}
		g := &c.Groups[len(c.Groups)-1]
		g.Rows = append(g.Rows, row)
	}
	c.More = len(found) - min(len(found), publicRows)
	return page{template: "public", Here: "overview", Content: c}, nil
}

// publicJSON is /api/v1/overview for somebody without a login.
func (s *site) publicJSON(r *http.Request) (any, error) {
	l, err := s.look(r.Context())
	if err != nil {
		return nil, err
	}
	reply := publicReply{
		Title: s.Title, At: l.now.UTC(), State: l.worst(), Verdict: l.verdict(), Checked: known(l.newest),
		Counts: l.counts(), APIs: []publicAPIReply{}, Incidents: []publicIncidentOut{},
	}
	for _, a := range l.apis {
		reply.APIs = append(reply.APIs, publicAPIReply{a.name, a.group, a.state, a.open})
	}
	for _, i := range l.open {
		reply.Incidents = append(reply.Incidents, publicIncidentOut{i.ID, i.API, publicTitle(i), i.Severity, i.Opened.UTC(), known(i.Resolved)})
	}
	return reply, nil
}
