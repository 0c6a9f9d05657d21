package alerting

import (
	"context"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// PrometheusOptions say which Alertmanager routes.
type PrometheusOptions struct {
	Name       string            // of the channel in routes
	URL        string            // of the Alertmanager, without /api/v2
	User       string            // of basic authentication; empty for none
	Password   string            // a secret
	Bearer     string            // token instead; a secret
	Labels     map[string]string // added to every alert
	Template   string            // of the annotation description; empty for the usual words
	HTTPClient *http.Client
}

// Prometheus keeps one alert per incident firing in an Alertmanager, and
// resolves it at the end: routing, grouping and silencing are done there.
// An Alertmanager forgets alerts that are not repeated, so [Prometheus.Keep]
// repeats them. Additive changes are no alerts.
type Prometheus struct {
	options PrometheusOptions
	courier courier
	words   *Template
}

// alertLasts is how long an alert fires without being repeated; it is repeated
// every [alertEvery].
const (
	alertLasts = 15 * time.Minute
	alertEvery = 2 * time.Minute
)

// NewPrometheus returns a notifier, or an error about its template.
func NewPrometheus(o PrometheusOptions) (*Prometheus, error) {
	o.URL = strings.TrimRight(o.URL, "/")
	words, err := newTemplate(o.Template, nil, 8000)
	return &Prometheus{o, newCourier(o.Name, o.HTTPClient, o.Password, o.Bearer), words}, err
}

// Channel is the name used in routes and on the page.
func (a *Prometheus) Channel() string { return a.options.Name }

// An amAlert is an alert as /api/v2/alerts takes it. Its labels are its
// identity.
type amAlert struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
}

// Notify tells one step. The receipt keeps the severity that was told: it is a
// label, so when it changes the alert with the old one ends.
func (a *Prometheus) Notify(ctx context.Context, n Notice) (Receipt, error) {
	if quietStep(n) {
		return receipt(a.Channel(), n, n.Receipt.Ref), nil
	}
	now := time.Now().UTC()
	alert, err := a.alert(n, now)
	if err != nil {
		return Receipt{}, err
	}
	alerts := []amAlert{alert}
	if was := n.Receipt.Ref; was != "" && was != alert.Labels["severity"] {
		before := alert
		before.Labels = maps.Clone(alert.Labels)
		before.Labels["severity"], before.EndsAt = was, now
		alerts = append(alerts, before)
	}
	if err := a.post(ctx, alerts); err != nil {
		return Receipt{}, err
	}
	return receipt(a.Channel(), n, alert.Labels["severity"]), nil
}

// KeepEvery is how often [Prometheus.Keep] is to be called.
func (a *Prometheus) KeepEvery() time.Duration { return alertEvery }

// Keep repeats the alerts of what is open, in portions.
func (a *Prometheus) Keep(ctx context.Context, open []Notice) error {
	now, alerts := time.Now().UTC(), []amAlert{}
	for _, n := range open {
		if quietStep(n) || n.Incident.Condition == Resolved {
			continue
		}
		alert, err := a.alert(n, now)
		if err != nil {
			return err
		}
		alerts = append(alerts, alert)
	}
	const portion = 100
	for len(alerts) > 0 {
		some := min(portion, len(alerts))
		if err := a.post(ctx, alerts[:some]); err != nil {
			return err
		}
		alerts = alerts[some:]
	}
	return nil
}

func (a *Prometheus) alert(n Notice, now time.Time) (amAlert, error) {
	text, err := a.words.body(a.Channel(), n)
	if err != nil {
		return amAlert{}, err
	}
	l := letterOf(n, nil)
	alert := amAlert{
		Labels: a.labels(n.Incident, l), StartsAt: l.Opened, EndsAt: now.Add(alertLasts), GeneratorURL: l.Link,
		Annotations: map[string]string{"summary": l.API + ": " + l.Title, "description": text},
	}
	if l.Over {
		alert.EndsAt = now
		if !l.Resolved.IsZero() && l.Resolved.After(l.Opened) && l.Resolved.Before(now) {
			alert.EndsAt = l.Resolved
		}
	}
	if l.Link != "" {
		alert.Annotations["link"] = l.Link
	}
	if alert.StartsAt.After(alert.EndsAt) {
		alert.StartsAt = alert.EndsAt
	}
	return alert, nil
}

var labelName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// labels are an alert's identity: yours, then the probe's as far as their names
// can be labels, then ours.
func (a *Prometheus) labels(inc Incident, l Letter) map[string]string {
	labels := map[string]string{}
	for _, more := range []map[string]string{a.options.Labels, inc.Labels} {
		for name, value := range more {
			if labelName.MatchString(name) && value != "" {
				labels[name] = line(value, maxLetterName)
			}
		}
	}
	for name, value := range map[string]string{
		"alertname": "ApiDrift", "api": l.API, "incident": l.ID, "severity": l.Severity, "group": l.Group, "owner": l.Owner,
	} {
		if value != "" {
			labels[name] = value
		}
	}
	return labels
}

func (a *Prometheus) post(ctx context.Context, alerts []amAlert) error {
	body, err := marshal(alerts)
	if err != nil {
		return a.courier.fail(err, true, 0)
	}
	_, err = a.courier.raw(ctx, http.MethodPost, a.options.URL+"/api/v2/alerts", a.header(), body)
	return err
}

func (a *Prometheus) header() http.Header {
	request := http.Request{Header: http.Header{}}
	switch {
	case a.options.Bearer != "":
		request.Header.Set("Authorization", "Bearer "+a.options.Bearer)
	case a.options.User != "":
		request.SetBasicAuth(a.options.User, a.options.Password)
	}
	return request.Header
}
