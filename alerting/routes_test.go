package alerting_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

func incident(severity contracts.Severity) alerting.Incident {
	return alerting.Incident{
		ID: "inc_1", API: "stripe-eu", Group: "payments", Owner: "@ana", Severity: severity,
		Condition: alerting.Firing, Handling: alerting.New, Labels: map[string]string{"tier": "1"},
		Entries: []alerting.Entry{
			{Finding: found("GET /charges", "/amount", "kind-changed", severity)},
			{Finding: found("POST /refunds", "/id", "id-changed", severity)},
		},
	}
}

func TestMatch_FitsByEveryPartOfAnIncident(t *testing.T) {
	for name, c := range map[string]struct {
		match alerting.Match
		want  bool
	}{
		"nothing asked":      {alerting.Match{}, true},
		"api":                {alerting.Match{APIs: []string{"github", "stripe-*"}}, true},
		"other api":          {alerting.Match{APIs: []string{"stripe"}}, false},
		"group and owner":    {alerting.Match{Groups: []string{"payments"}, Owners: []string{"@*"}}, true},
		"other owner":        {alerting.Match{Owners: []string{"@bo"}}, false},
		"any of its kinds":   {alerting.Match{Kinds: []string{"id-changed"}}, true},
		"operation":          {alerting.Match{Operations: []string{"POST *"}}, true},
		"other operation":    {alerting.Match{Operations: []string{"DELETE *"}}, false},
		"severity":           {alerting.Match{Severity: contracts.Warning}, true},
		"higher severity":    {alerting.Match{Severity: contracts.Breaking}, false},
		"label":              {alerting.Match{Labels: map[string]string{"tier": "*"}}, true},
		"label it has not":   {alerting.Match{Labels: map[string]string{"team": "*"}}, false},
		"middle of a word":   {alerting.Match{Operations: []string{"*/ref*s"}}, true},
		"no overlap of ends": {alerting.Match{APIs: []string{"stripe-eu*stripe-eu"}}, false},
	} {
		if got := c.match.Fits(incident(contracts.Warning)); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

func TestRoutes_StopAtTheFirstMatchUnlessToldToContinue(t *testing.T) {
	routes := alerting.Routes{
		{Match: alerting.Match{APIs: []string{"github"}}, Channels: []string{"never"}},
		{Match: alerting.Match{Severity: contracts.Breaking}, Channels: []string{"oncall", "drift"}, Continue: true},
		{Channels: []string{"drift", "all"}},
		{Channels: []string{"unreached"}},
	}
	if diff := cmp.Diff([]string{"oncall", "drift", "all"}, routes.Channels(incident(contracts.Breaking))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"drift", "all"}, routes.Channels(incident(contracts.Info))); diff != "" {
		t.Error(diff)
	}
}

// Whoever was told of the opening hears of the end, whatever the routes say by
// then; nobody hears of the end only.
func TestRoutes_TellTheEndToThoseWhoHeardOfIt(t *testing.T) {
	routes := alerting.Routes{
		{Match: alerting.Match{Severity: contracts.Breaking}, Channels: []string{"oncall"}},
		{Match: alerting.Match{Severity: contracts.Warning}, Channels: []string{"drift"}},
	}
	inc := incident(contracts.Warning)
	tell := func(kind alerting.TransitionKind) (channels []string) {
		changed := []alerting.Incident{inc}
		step := alerting.Transition{Incident: inc.ID, Kind: kind, Version: 7, At: noon, Reason: "because"}
		for _, d := range routes.Deliveries(changed, []alerting.Transition{step}, minutes(1)) {
			want := alerting.Delivery{Channel: d.Channel, Incident: inc.ID, Transition: step, Severity: inc.Severity, Created: minutes(1), NotBefore: minutes(1)}
			if diff := cmp.Diff(want, d); diff != "" {
				t.Error(diff)
			}
			channels = append(channels, d.Channel)
		}
		inc = changed[0]
		return channels
	}
	steps := []struct {
		kind     alerting.TransitionKind
		severity contracts.Severity
		want     []string
	}{
		{alerting.Closed, contracts.Warning, nil},
		{alerting.Opened, contracts.Warning, []string{"drift"}},
		{alerting.Worsened, contracts.Breaking, []string{"drift", "oncall"}},
		{alerting.Closed, contracts.Breaking, []string{"drift", "oncall"}},
	}
	for _, s := range steps {
		inc.Severity = s.severity
		if diff := cmp.Diff(s.want, tell(s.kind)); diff != "" {
			t.Errorf("%s: %s", s.kind, diff)
		}
	}
	routes = nil
	if diff := cmp.Diff([]string{"drift", "oncall"}, tell(alerting.Reopened)); diff != "" {
		t.Errorf("after a reload: %s", diff)
	}
}
