package alerting

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"shapewatch/contracts"
)

// OpsgenieOptions say whose alerts are made.
type OpsgenieOptions struct {
	Name       string // of the channel in routes
	APIKey     string // of an API integration; a secret
	URL        string // of the API; empty means https://api.opsgenie.com, the EU has another
	Team       string // that is to respond; empty leaves it to the integration
	Template   string // of the description; empty for the usual words
	HTTPClient *http.Client
}

// Opsgenie opens one alert per incident, by its id as the alias, notes what
// happens, raises the priority, acknowledges and closes. Additive changes
// alert nobody.
type Opsgenie struct {
	options OpsgenieOptions
	courier courier
	words   *Template
}

// NewOpsgenie returns a notifier, or an error about its template.
func NewOpsgenie(o OpsgenieOptions) (*Opsgenie, error) {
	o.URL = strings.TrimRight(cmp.Or(o.URL, "https://api.opsgenie.com"), "/")
	words, err := newTemplate(o.Template, nil, 15_000)
	return &Opsgenie{o, newCourier(o.Name, o.HTTPClient, o.APIKey), words}, err
}

// Channel is the name used in routes and on the page.
func (o *Opsgenie) Channel() string { return o.options.Name }

// Opsgenie's limits, in characters.
const (
	opsgenieMessage = 130
	opsgenieEntity  = 512
	opsgenieNote    = 25_000
)

// Notify tells one step.
func (o *Opsgenie) Notify(ctx context.Context, n Notice) (Receipt, error) {
	if quietPage(n) {
		return receipt(o.Channel(), n, n.Receipt.Ref), nil
	}
	text, err := o.words.body(o.Channel(), n)
	if err != nil {
		return Receipt{}, err
	}
	if err := o.tell(ctx, n, letterOf(n, nil), text); err != nil {
		return Receipt{}, err
	}
	return receipt(o.Channel(), n, n.Incident.ID), nil
}

func (o *Opsgenie) tell(ctx context.Context, n Notice, l Letter, text string) error {
	note := clip(l.Word+": "+l.Title+"\n"+text, opsgenieNote)
	switch action := pageAction(n); {
	case action == "resolve":
		return o.ask(ctx, n, http.MethodPost, "/close", map[string]any{"source": "shapewatch", "note": note})
	case action == "acknowledge":
		return o.ask(ctx, n, http.MethodPost, "/acknowledge", map[string]any{"source": "shapewatch", "note": note})
	case n.Receipt.Ref == "" || n.Transition.Kind == Reopened:
		return o.open(ctx, n, l, text)
	case n.Transition.Kind == Worsened:
		if err := o.ask(ctx, n, http.MethodPut, "/priority", map[string]any{"priority": priority(n.Incident.Severity)}); err != nil {
			return err
		}
	}
	return o.ask(ctx, n, http.MethodPost, "/notes", map[string]any{"source": "shapewatch", "note": note})
}

func (o *Opsgenie) open(ctx context.Context, n Notice, l Letter, text string) error {
	alert := map[string]any{
		"message": clip(l.API+": "+l.Title, opsgenieMessage), "alias": n.Incident.ID, "description": text,
		"priority": priority(n.Incident.Severity), "source": "shapewatch", "entity": clip(l.API, opsgenieEntity),
		"tags": []string{"api-drift", l.Severity}, "details": map[string]string{"operations": l.Operations, "owner": l.Owner, "link": l.Link},
	}
	if o.options.Team != "" {
		alert["responders"] = []map[string]string{{"name": o.options.Team, "type": "team"}}
	}
	return o.courier.send(ctx, http.MethodPost, o.options.URL+"/v2/alerts", o.header(), alert, nil)
}

// ask changes the alert of an incident; one that is gone needs no change.
func (o *Opsgenie) ask(ctx context.Context, n Notice, method, what string, body any) error {
	address := o.options.URL + "/v2/alerts/" + url.PathEscape(n.Incident.ID) + what + "?identifierType=alias"
	err := o.courier.send(ctx, method, address, o.header(), body, nil)
	if answered(err, http.StatusNotFound) {
		return nil
	}
	return err
}

func (o *Opsgenie) header() http.Header {
	return http.Header{"Authorization": {"GenieKey " + o.options.APIKey}}
}

// priority is a severity in Opsgenie's words.
func priority(s contracts.Severity) string {
	switch s {
	case contracts.Breaking:
		return "P1"
	case contracts.Warning:
		return "P3"
	}
	return "P5"
}
