package alerting_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting"
)

const pagerKey = "0123456789abcdef0123456789abcdef"

// checkPagerDuty holds an event to the Events API v2.
func checkPagerDuty(r *http.Request, body []byte) (any, error) {
	var e struct {
		RoutingKey string `json:"routing_key"`
		Action     string `json:"event_action"`
		DedupKey   string `json:"dedup_key"`
		Client     string `json:"client"`
		ClientURL  string `json:"client_url"`
		Links      []struct{ Href, Text string }
		Payload    *struct {
			Summary, Source, Severity, Timestamp, Component, Group, Class string
			Details                                                       map[string]any `json:"custom_details"`
		}
	}
	if err := strictly(body, &e); err != nil {
		return nil, err
	}
	switch {
	case r.URL.Path != "/v2/enqueue" || len(e.RoutingKey) != 32:
		return nil, errors.New("Invalid routing key")
	case len(body) > 512<<10 || len(e.DedupKey) > 255:
		return nil, errors.New("Event too large")
	case e.Action == "trigger" && e.Payload == nil:
		return nil, errors.New("payload is missing")
	case e.Action != "trigger" && (e.DedupKey == "" || !slices.Contains([]string{"acknowledge", "resolve"}, e.Action)):
		return nil, errors.New("event_action")
	}
	if p := e.Payload; p != nil {
		_, err := time.Parse(time.RFC3339, p.Timestamp)
		if p.Summary == "" || len([]rune(p.Summary)) > 1024 || p.Source == "" || err != nil || !slices.Contains([]string{"critical", "error", "warning", "info"}, p.Severity) {
			return nil, errors.New("payload")
		}
	}
	return map[string]string{"status": "success", "message": "Event processed", "dedup_key": e.DedupKey}, nil
}

func TestPagerDuty_TriggersAcknowledgesResolves(t *testing.T) {
	v := newVendor(t, http.StatusAccepted, checkPagerDuty)
	n, err := alerting.NewPagerDuty(alerting.PagerDutyOptions{Name: "pd", RoutingKey: pagerKey, URL: v.URL + "/v2/enqueue", HTTPClient: v.Client()})
	if err != nil {
		t.Fatal(err)
	}
	receipts := lifeOf(t, n, alerting.Opened, alerting.Updated, alerting.Closed)
	acked := stories(t)["one"]
	acked.Incident.Handling, acked.Transition.Kind, acked.Receipt = alerting.Acknowledged, alerting.Handled, receipts[0]
	if _, err := n.Notify(t.Context(), acked); err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, c := range v.take() {
		for _, action := range []string{"trigger", "acknowledge", "resolve"} {
			if strings.Contains(c.Body, `"event_action":"`+action+`"`) && strings.Contains(c.Body, `"dedup_key":"`+receipts[0].Incident+`"`) {
				actions = append(actions, action)
			}
		}
	}
	if diff := cmp.Diff([]string{"trigger", "trigger", "resolve", "acknowledge"}, actions); diff != "" {
		t.Error(diff)
	}
	tellsAnything(t, n)
	for _, c := range v.take() {
		if strings.Contains(c.Body, "nickname") {
			t.Error("an additive change paged somebody")
		}
	}
	classes(t, v, n, pagerKey)
}

// checkOpsgenie holds a request to the Alert API.
func checkOpsgenie(r *http.Request, body []byte) (any, error) {
	if r.Header.Get("Authorization") != "GenieKey genie-secret" {
		return nil, errors.New("key format is not valid")
	}
	accepted := map[string]any{"result": "Request will be processed", "took": 0.1, "requestId": "1"}
	if r.URL.Path == "/v2/alerts" {
		var a struct {
			Message, Alias, Description, Priority, Source, Entity string
			Tags                                                  []string
			Details                                               map[string]string
			Responders                                            []struct{ Name, Type string }
		}
		err := strictly(body, &a)
		if err == nil && (a.Message == "" || !slices.Contains([]string{"P1", "P2", "P3", "P4", "P5"}, a.Priority)) {
			err = errors.New("message or priority")
		}
		return accepted, errors.Join(err, within(map[string]int{a.Message: 130, a.Alias: 512, a.Description: 15000, a.Entity: 512, a.Source: 100}))
	}
	parts := strings.Split(r.URL.Path, "/")
	if len(parts) != 5 || !strings.HasPrefix(parts[3], "inc_") || r.URL.Query().Get("identifierType") != "alias" {
		return nil, errors.New("no such request")
	}
	var a struct{ Source, Note, User, Priority string }
	method := map[string]string{"close": "POST", "acknowledge": "POST", "notes": "POST", "priority": "PUT"}[parts[4]]
	if err := strictly(body, &a); err != nil || r.Method != method || parts[4] == "notes" && a.Note == "" {
		return nil, errors.New("body or method of " + parts[4])
	}
	return accepted, within(map[string]int{a.Note: 25000, a.Source: 100})
}

func TestOpsgenie_OpensNotesRaisesCloses(t *testing.T) {
	v := newVendor(t, http.StatusAccepted, checkOpsgenie)
	n, err := alerting.NewOpsgenie(alerting.OpsgenieOptions{Name: "og", APIKey: "genie-secret", URL: v.URL, Team: "payments", HTTPClient: v.Client()})
	if err != nil {
		t.Fatal(err)
	}
	receipts := lifeOf(t, n, alerting.Opened, alerting.Updated, alerting.Worsened, alerting.Closed)
	id := receipts[0].Ref
	want := []string{"POST /v2/alerts"}
	for _, what := range []string{"POST notes", "PUT priority", "POST notes", "POST close"} {
		method, name, _ := strings.Cut(what, " ")
		want = append(want, method+" /v2/alerts/"+id+"/"+name+"?identifierType=alias")
	}
	if diff := cmp.Diff(want, lines(v.take())); diff != "" {
		t.Error(diff)
	}
	gone := stories(t)["resolved"]
	gone.Receipt = receipts[0]
	v.answer(fault{http.StatusNotFound, "", "{}"})
	if _, err := n.Notify(t.Context(), gone); err != nil {
		t.Errorf("an alert that is gone need not be closed: %v", err)
	}
	tellsAnything(t, n)
	classes(t, v, n, "genie-secret")
}
