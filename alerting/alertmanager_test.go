package alerting_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"shapewatch/alerting"
)

var promLabel = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// checkAlerts holds a request to postableAlerts of the API v2.
func checkAlerts(r *http.Request, body []byte) (any, error) {
	var alerts []struct {
		Labels, Annotations map[string]string
		StartsAt, EndsAt    time.Time
		GeneratorURL        string
	}
	if err := strictly(body, &alerts); err != nil || r.URL.Path != "/api/v2/alerts" {
		return nil, errors.Join(err, errors.New("path or body"))
	}
	if user, password, _ := r.BasicAuth(); user != "me" || password != "am-secret" {
		return nil, errors.New("unauthorized")
	}
	for _, a := range alerts {
		if a.Labels["alertname"] == "" || a.EndsAt.Before(a.StartsAt) {
			return nil, errors.New("alertname, or the end before the start")
		}
		for name, value := range a.Labels {
			if !promLabel.MatchString(name) || value == "" {
				return nil, errors.New("label " + name)
			}
		}
	}
	return nil, nil
}

func TestPrometheus_PostsAlertsThatHoldTogether(t *testing.T) {
	v := newVendor(t, http.StatusOK, checkAlerts)
	n, err := alerting.NewPrometheus(alerting.PrometheusOptions{
		Name: "am", URL: v.URL, User: "me", Password: "am-secret", Labels: map[string]string{"team": "x", "no-label": "y"}, HTTPClient: v.Client(),
	})
	if err != nil {
		t.Fatal(err)
	}
	lifeOf(t, n, alerting.Opened, alerting.Updated, alerting.Closed)
	if n := len(v.take()); n != 3 {
		t.Errorf("%d calls", n)
	}
	if err := n.Keep(t.Context(), []alerting.Notice{stories(t)["one"], stories(t)["noted"], stories(t)["resolved"]}); err != nil {
		t.Error(err)
	}
	tellsAnything(t, n)
	classes(t, v, n, "am-secret")
}

// anAlert is what an Alertmanager says of one.
type anAlert struct {
	Labels   map[string]string `json:"labels"`
	EndsAt   time.Time         `json:"endsAt"`
	StartsAt time.Time         `json:"startsAt"`
}

// TestPrometheus_DrivesARealAlertmanager opens, worsens, repeats and ends an
// incident against the program that shops run.
func TestPrometheus_DrivesARealAlertmanager(t *testing.T) {
	program := tool(t, "alertmanager")
	config := filepath.Join(t.TempDir(), "alertmanager.yml")
	if err := os.WriteFile(config, []byte("route: { receiver: none }\nreceivers: [{ name: none }]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := address(t)
	started(t, "http://"+at+"/-/ready", program, "--config.file="+config, "--web.listen-address="+at, "--cluster.listen-address=", "--storage.path="+t.TempDir())
	n, err := alerting.NewPrometheus(alerting.PrometheusOptions{Name: "am", URL: "http://" + at})
	if err != nil {
		t.Fatal(err)
	}
	active := func() (alerts []anAlert) {
		getJSON(t, "http://"+at+"/api/v2/alerts", &alerts)
		return alerts
	}
	notice := stories(t)["one"]
	notice.Incident.Opened, notice.Incident.Severity = time.Now().Add(-time.Minute), 1 // a warning
	tell := func(kind alerting.TransitionKind) {
		t.Helper()
		notice.Transition.Kind = kind
		receipt, err := n.Notify(t.Context(), notice)
		if err != nil {
			t.Fatal(err)
		}
		notice.Receipt = receipt
	}
	tell(alerting.Opened)
	if got := active(); len(got) != 1 || got[0].Labels["severity"] != "warning" || got[0].Labels["incident"] != notice.Incident.ID {
		t.Fatalf("opened: %+v", got)
	}
	notice.Incident.Severity = 2
	tell(alerting.Worsened)
	if got := active(); len(got) != 1 || got[0].Labels["severity"] != "breaking" {
		t.Fatalf("worsened: %+v", got)
	}
	before := active()[0].EndsAt
	time.Sleep(10 * time.Millisecond)
	if err := n.Keep(t.Context(), []alerting.Notice{notice}); err != nil {
		t.Fatal(err)
	}
	if got := active(); len(got) != 1 || !got[0].EndsAt.After(before) {
		t.Fatalf("not kept: %+v", got)
	}
	notice.Incident.Condition, notice.Incident.Resolved = alerting.Resolved, time.Now()
	tell(alerting.Closed)
	if got := active(); len(got) != 0 {
		t.Fatalf("not over: %+v", got)
	}
}
