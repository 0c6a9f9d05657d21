package alerting_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

const (
	one   = "https://forge.example/acme/contracts/pull/1"
	other = "https://forge.example/acme/contracts/pull/2"
)

func asked(url string, state alerting.RequestState, content string) alerting.PullRequest {
	return alerting.PullRequest{URL: url, Branch: "shapewatch/shop", State: state, At: minutes(1), Content: content}
}

// requested is an incident that slack was told of.
func requested(t *testing.T) alerting.Incident {
	w := &world{t: t}
	w.wants(checked("GET /orders", noon, found("GET /orders", "/amount", "kind-changed", contracts.Breaking)), alerting.Opened)
	w.incidents[0].Channels = []string{"slack"}
	return w.incidents[0]
}

// TestRequest_TellsEachTurnOnce walks through the life of two requests: what is
// said of each turn, and that the same again says nothing.
func TestRequest_TellsEachTurnOnce(t *testing.T) {
	inc := requested(t)
	for _, turn := range []struct {
		request alerting.PullRequest
		said    string
	}{
		{asked(one, alerting.RequestOpen, "a"), "pull request opened: " + one + " (because)"},
		{asked(one, alerting.RequestOpen, ""), ""}, // a person's commit is on its branch
		{asked(one, alerting.RequestOpen, "b"), "pull request updated: " + one + " (because)"},
		{asked(one, alerting.RequestClosed, ""), "pull request closed: " + one + " (because)"},
		{asked(one, alerting.RequestOpen, "b"), "pull request opened again: " + one + " (because)"},
		{asked(one, alerting.RequestMerged, "b"), "pull request merged: " + one + " (because)"},
		{asked(other, alerting.RequestMerged, "b"), "pull request merged: " + other + " (because)"},
		{asked("javascript:alert(1)", alerting.RequestOpen, "b"), ""},
	} {
		for _, said := range []string{turn.said, ""} {
			after, steps, differs := alerting.Request(inc, turn.request, "because", alerting.Policy{})
			if differs != (said != "") || len(steps) != len(after.Timeline)-len(inc.Timeline) {
				t.Fatalf("%+v: differs %t, tells %+v; want %q", turn.request, differs, steps, said)
			}
			if differs && (steps[0].Kind != alerting.Requested || steps[0].Reason != said || after.Version != inc.Version+1) {
				t.Errorf("%+v: tells %+v, want %q", turn.request, steps, said)
			}
			inc = after
		}
	}
	want := []alerting.PullRequest{asked(one, alerting.RequestMerged, "b"), asked(other, alerting.RequestMerged, "b")}
	if diff := cmp.Diff(want, inc.Requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// TestRequest_LeavesWhatWasMergedAlone: the next request from the branch is
// about others, unless the incident comes back.
func TestRequest_LeavesWhatWasMergedAlone(t *testing.T) {
	inc, _, _ := alerting.Request(requested(t), asked(one, alerting.RequestMerged, "a"), "", alerting.Policy{})
	if _, _, differs := alerting.Request(inc, asked(other, alerting.RequestOpen, "b"), "", alerting.Policy{}); !differs {
		t.Error("open, and not told of the next")
	}
	inc.Condition, inc.Resolved = alerting.Resolved, minutes(2)
	if after, _, differs := alerting.Request(inc, asked(other, alerting.RequestOpen, "b"), "", alerting.Policy{}); differs {
		t.Errorf("over and merged, and told of the next: %+v", after.Requests)
	}
}

// TestRequest_CallsNobody: no channel joins for it, nobody who never heard is
// told, nobody is mentioned or paged.
func TestRequest_CallsNobody(t *testing.T) {
	for name, change := range map[string]func(inc *alerting.Incident){
		"muted": func(inc *alerting.Incident) {
			inc.Muted = alerting.Muting{Mute: alerting.Silenced, By: "sil_1", Words: "silenced"}
		},
		"never heard": func(inc *alerting.Incident) { inc.Heard = alerting.Heard{As: alerting.HeardNothing} },
		"flapping":    func(inc *alerting.Incident) { inc.Flapping = true },
	} {
		inc := requested(t)
		change(&inc)
		after, steps, differs := alerting.Request(inc, asked(one, alerting.RequestOpen, "a"), "", alerting.Policy{})
		if !differs || len(steps) > 0 || len(after.Requests) != 1 {
			t.Errorf("%s: kept %t, told %+v", name, differs, steps)
		}
	}
	inc, steps, _ := alerting.Request(requested(t), asked(one, alerting.RequestOpen, "a"), "", alerting.Policy{})
	routes := alerting.Routes{{Channels: []string{"slack", "pager"}}}
	rows := routes.Deliveries([]alerting.Incident{inc}, steps, minutes(1))
	if len(rows) != 1 || rows[0].Channel != "slack" {
		t.Errorf("rows %+v, want one of the channel that was told of it", rows)
	}
}

// TestRequest_IsInEveryLetter: its address and state are in what channels say.
func TestRequest_IsInEveryLetter(t *testing.T) {
	n := alerting.SampleNotice(noon)
	n.Incident.Requests = []alerting.PullRequest{asked(one, alerting.RequestMerged, "a"), asked(other, alerting.RequestOpen, "b")}
	text := wordsOf(t, "", n)
	if !strings.Contains(text, "pull request, merged: "+one+"\n") || !strings.Contains(text, "pull request, open: "+other+"\n") {
		t.Errorf("the usual words lack them:\n%s", text)
	}
}

// TestPagers_DoNotLookUpForAPullRequest: not those who were woken, and not those
// who were not.
func TestPagers_DoNotLookUpForAPullRequest(t *testing.T) {
	v := newVendor(t, http.StatusAccepted, checkPagerDuty)
	pager, err := alerting.NewPagerDuty(alerting.PagerDutyOptions{Name: "pd", RoutingKey: pagerKey, URL: v.URL + "/v2/enqueue", HTTPClient: v.Client()})
	if err != nil {
		t.Fatal(err)
	}
	genie, err := alerting.NewOpsgenie(alerting.OpsgenieOptions{Name: "og", APIKey: pagerKey, URL: v.URL, HTTPClient: v.Client()})
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []alerting.Notifier{pager, genie} {
		notice := alerting.SampleNotice(noon)
		notice.Transition.Kind = alerting.Requested
		for _, ref := range []string{"", notice.Incident.ID} {
			notice.Receipt.Ref = ref
			if receipt, err := n.Notify(t.Context(), notice); err != nil || receipt.Ref != ref {
				t.Errorf("%s: %+v, %v", n.Channel(), receipt, err)
			}
		}
	}
	if calls := v.take(); len(calls) > 0 {
		t.Errorf("asked %d times", len(calls))
	}
}
