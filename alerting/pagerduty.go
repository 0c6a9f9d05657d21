package alerting

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"shapewatch/contracts"
)

// PagerDutyOptions say which integration is paged.
type PagerDutyOptions struct {
	Name       string // of the channel in routes
	RoutingKey string // of an integration of kind "Events API v2"; a secret
	URL        string // of the Events API; empty means PagerDuty's own (the EU has another)
	Template   string // of the details; empty for the usual words
	HTTPClient *http.Client
}

// PagerDuty triggers one alert per incident, by its id as the dedup key,
// acknowledges it when somebody did so elsewhere and resolves it at the end.
// Additive changes page nobody: nothing would ever resolve them.
type PagerDuty struct {
	options PagerDutyOptions
	courier courier
	words   *Template
}

// pagerDutyURL is where events go unless the options say otherwise.
const pagerDutyURL = "https://events.pagerduty.com/v2/enqueue"

// NewPagerDuty returns a notifier, or an error about its template.
func NewPagerDuty(o PagerDutyOptions) (*PagerDuty, error) {
	o.URL = cmp.Or(o.URL, pagerDutyURL)
	words, err := newTemplate(o.Template, nil, 8000)
	return &PagerDuty{o, newCourier(o.Name, o.HTTPClient, o.RoutingKey), words}, err
}

// Channel is the name used in routes and on the page.
func (p *PagerDuty) Channel() string { return p.options.Name }

// pagerDutyEvent is an event as the Events API v2 wants it; an event above
// 512 KB is refused, and these stay below 32 KB by the bounds of a letter.
type pagerDutyEvent struct {
	RoutingKey string          `json:"routing_key"`
	Action     string          `json:"event_action"`
	DedupKey   string          `json:"dedup_key"`
	Payload    *pagerDutyBody  `json:"payload,omitempty"`
	Client     string          `json:"client,omitempty"`
	ClientURL  string          `json:"client_url,omitempty"`
	Links      []pagerDutyLink `json:"links,omitempty"`
}

type pagerDutyBody struct {
	Summary   string            `json:"summary"`
	Source    string            `json:"source"`
	Severity  string            `json:"severity"`
	Timestamp string            `json:"timestamp"`
	Component string            `json:"component,omitempty"`
	Group     string            `json:"group,omitempty"`
	Class     string            `json:"class,omitempty"`
	Details   map[string]string `json:"custom_details,omitempty"`
}

type pagerDutyLink struct {
	Href string `json:"href"`
	Text string `json:"text"`
}

// Notify sends one step.
func (p *PagerDuty) Notify(ctx context.Context, n Notice) (Receipt, error) {
	if quietPage(n) {
		return receipt(p.Channel(), n, n.Receipt.Ref), nil
	}
	event := pagerDutyEvent{RoutingKey: p.options.RoutingKey, Action: pageAction(n), DedupKey: n.Incident.ID}
	if event.Action == "trigger" {
		text, err := p.words.body(p.Channel(), n)
		if err != nil {
			return Receipt{}, err
		}
		event.fill(letterOf(n, nil), n.Incident.Severity, text)
	}
	if err := p.courier.send(ctx, http.MethodPost, p.options.URL, nil, event, nil); err != nil {
		return Receipt{}, err
	}
	return receipt(p.Channel(), n, event.DedupKey), nil
}

func (e *pagerDutyEvent) fill(l Letter, severity contracts.Severity, text string) {
	e.Payload = &pagerDutyBody{
		Summary: clip(l.Word+": "+l.API+": "+l.Title, 1024), Source: l.API, Severity: pageSeverity(severity),
		Timestamp: l.Changed.Format(time.RFC3339), Component: l.Operations, Group: l.Group, Class: "api-drift",
		Details: map[string]string{"incident": l.ID, "owner": l.Owner, "text": text},
	}
	e.Client = "shapewatch"
	if l.Link != "" {
		e.ClientURL, e.Links = l.Link, []pagerDutyLink{{l.Link, "Open the incident"}}
	}
}

// quietPage reports whether a pager has nothing to say: whom it woke need not
// look up for a pull request.
func quietPage(n Notice) bool { return quietStep(n) || n.Transition.Kind == Requested }

// quietStep reports whether a channel that wakes people has nothing to say: an
// additive change is accepted at once, and its end is never told.
func quietStep(n Notice) bool {
	return n.Incident.Severity == contracts.Info && n.Incident.Condition != Resolved && n.Receipt.Ref == ""
}

// pageAction is what a step means to who is paged.
func pageAction(n Notice) string {
	switch {
	case n.Transition.Kind == Closed, n.Incident.Condition == Resolved && !n.Incident.Flapping:
		return "resolve"
	case handled(n):
		return "acknowledge"
	}
	return "trigger"
}

// handled reports whether a step tells that a person took care.
func handled(n Notice) bool {
	switch n.Transition.Kind {
	case Updated, Handled:
		return n.Incident.Handling != New && n.Receipt.Ref != ""
	}
	return false
}

// pageSeverity is a severity in PagerDuty's words.
func pageSeverity(s contracts.Severity) string {
	switch s {
	case contracts.Breaking:
		return "critical"
	case contracts.Warning:
		return "warning"
	}
	return "info"
}
