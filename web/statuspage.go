package web

import (
	"net/http"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// The types of this file are the interface of Statuspage, version 2, as far as
// its readers use it: existing aggregators can read us. They hold no more than
// the public view.

type summaryReply struct {
	Page         pageReply         `json:"page"`
	Components   []componentReply  `json:"components"`
	Incidents    []spIncidentReply `json:"incidents"`
	Maintenances []struct{}        `json:"scheduled_maintenances"`
	Status       indicatorReply    `json:"status"`
}

type pageReply struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	URL      string    `json:"url"`
	TimeZone string    `json:"time_zone"`
	Updated  time.Time `json:"updated_at"`
}

type componentReply struct {
	ID                 string     `json:"id"`
	Name               string     `json:"name"`
	Status             string     `json:"status"`
	Created            *time.Time `json:"created_at"`
	Updated            *time.Time `json:"updated_at"`
	Position           int        `json:"position"`
	Description        *string    `json:"description"`
	Showcase           bool       `json:"showcase"`
	GroupID            *string    `json:"group_id"`
	PageID             string     `json:"page_id"`
	Group              bool       `json:"group"`
	OnlyShowIfDegraded bool       `json:"only_show_if_degraded"`
}

type spIncidentReply struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Status    string     `json:"status"`
	Created   time.Time  `json:"created_at"`
	Updated   time.Time  `json:"updated_at"`
	Resolved  *time.Time `json:"resolved_at"`
	Impact    string     `json:"impact"`
	Shortlink string     `json:"shortlink"`
	Started   time.Time  `json:"started_at"`
	PageID    string     `json:"page_id"`
	Updates   []struct{} `json:"incident_updates"`
}

type indicatorReply struct {
	Indicator   string `json:"indicator"`
	Description string `json:"description"`
}

// componentStatus is a state in the words of Statuspage.
var componentStatus = [numStates]string{
	waiting: "operational", agreed: "operational", learning: "operational", suspected: "operational",
	drifted: "degraded_performance", failing: "major_outage", breaking: "partial_outage",
}

var indicators = [numStates]string{
	waiting: "none", agreed: "none", learning: "none", suspected: "none",
	drifted: "minor", failing: "major", breaking: "major",
}

// summaryJSON is GET /api/v2/summary.json.
func (s *site) summaryJSON(r *http.Request) (any, error) {
	l, err := s.look(r.Context())
	if err != nil {
		return nil, err
	}
	reply := summaryReply{
		Page:       pageReply{"shapewatch", s.Title, s.base(r), "Etc/UTC", l.now.UTC()},
		Components: []componentReply{}, Incidents: []spIncidentReply{}, Maintenances: []struct{}{},
		Status: indicatorReply{indicators[l.worst()], l.verdict()},
	}
	for i, a := range l.apis {
		c := componentReply{
			ID: fingerprint(a.name), Name: a.name, Status: componentStatus[a.state], Position: i + 1, PageID: "shapewatch",
			Updated: known(a.lastCheck().At),
		}
		reply.Components = append(reply.Components, c)
	}
	for _, i := range l.open {
		reply.Incidents = append(reply.Incidents, spIncident(i, s.base(r)))
	}
	return reply, nil
}

func spIncident(i alerting.Incident, base string) spIncidentReply {
	status := map[alerting.Handling]string{alerting.Acknowledged: "identified", alerting.Accepted: "monitoring"}[i.Handling]
	if status == "" {
		status = "investigating"
	}
	return spIncidentReply{
		ID: i.ID, Name: i.API + ": " + publicTitle(i), Status: status, Created: i.Opened.UTC(), Started: i.Opened.UTC(), Updated: i.Changed.UTC(),
		Impact:    map[contracts.Severity]string{contracts.Breaking: "major", contracts.Warning: "minor", contracts.Info: "none"}[i.Severity],
		Shortlink: base + incidentLink(i.ID), PageID: "shapewatch", Updates: []struct{}{},
	}
}
