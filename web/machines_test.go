package web_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/mmcdole/gofeed"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"shapewatch/contracts"
	"shapewatch/web"
)

// endingWorld has deadlines of every kind.
func endingWorld(now time.Time) *world {
	w := newWorld(now)
	receives(w)
	w.pulls = requesting()
	w.proposals = func(context.Context, []string) ([]web.Proposed, error) {
		change := contracts.Change{Finding: contracts.Finding{Kind: "kind-changed", Path: "/a"}, Line: 1, Words: "`a` is 2"}
		return []web.Proposed{{Contract: "shop.yaml", Proposal: contracts.Proposal{File: "a.yaml", Before: []byte("a: 1"), After: []byte("a: 2"), Patch: []byte("[]"), Changes: []contracts.Change{change}}}}, nil
	}
	ends := map[string]contracts.Terms{
		"stripe/GET /v1/charges":             {Deprecated: true, Deprecation: now.Add(-90 * 24 * time.Hour), Sunset: now.Add(12*24*time.Hour + time.Hour), Certificate: now.Add(20*24*time.Hour + time.Hour), Limit: 100, Remaining: 40, Newest: now.Add(-3 * time.Minute)},
		"stripe/GET /v1/charges/{id}":        {Certificate: now.Add(20*24*time.Hour + time.Hour)},
		"adyen/GET /v71/payments":            {Certificate: now.Add(300 * 24 * time.Hour), Token: now.Add(5*24*time.Hour + time.Hour)},
		"ups/GET /rating/v2403/shop":         {Sunset: now.Add(-3*24*time.Hour - time.Hour), Limit: 500, Remaining: 20},
		"shippo/GET /shipments":              {Client: now.Add(60*24*time.Hour + time.Hour)},
		"openweather/GET /data/2.5/forecast": {Token: now.Add(50 * time.Minute)},
	}
	for id, terms := range ends {
		for i := range w.checks[id] {
			c := &w.checks[id][i]
			c.Terms = terms
			if terms.Limit > 0 {
				c.Terms.Remaining = terms.Remaining + int64(i%30)
				c.Terms.Newest = c.At.Add(-time.Duration(2+i%7) * time.Minute)
			}
		}
		var hours []contracts.Hour
		for i := len(w.checks[id]) - 1; i >= 0; i-- {
			c := w.checks[id][i]
			if n := len(hours); n == 0 || !hours[n-1].Start.Equal(c.At.UTC().Truncate(time.Hour)) {
				hours = append(hours, contracts.Hour{})
			}
			hours[len(hours)-1].Add(c)
		}
		w.hours[id] = hours
	}
	w.remember(now)
	return w
}

// remember adds hours of the days before, up to 90, with a bad day now and
// then.
func (w *world) remember(now time.Time) {
	for n, p := range w.probes {
		if hours := w.hours[p.ID]; len(hours) > 24 {
			var before []contracts.Hour
			for at := now.UTC().Truncate(time.Hour).Add(-89 * 24 * time.Hour); at.Before(hours[0].Start); at = at.Add(time.Hour) {
				h := contracts.Hour{Probe: p.ID, Start: at, Checks: 12, Answered: 12, Latency: hours[0].Latency, Slowest: hours[0].Slowest, MinItems: -1, MaxItems: -1}
				switch day := at.YearDay() + 7*n; {
				case day%41 == 0:
					h.Failed = 3
				case day%29 < 2 && n%3 == 0:
					h.Drifted, h.Worst = 12, contracts.Warning
				case day%53 == 0:
					h.Drifted, h.Worst = 12, contracts.Breaking
				}
				before = append(before, h)
			}
			w.hours[p.ID] = append(before, hours...)
		}
	}
}

// TestOpenAPI_DescribesEveryAnswer sends every request that the document
// knows, and some that fail, and holds each answer against it.
func TestOpenAPI_DescribesEveryAnswer(t *testing.T) {
	w := endingWorld(time.Now())
	handsOn(w)
	h := w.handler()
	document, err := openapi3.NewLoader().LoadFromData(get(h, "GET", "/api/v1/openapi.json").Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := document.Validate(context.Background(), openapi3.EnableSchemaPatternValidation()); err != nil {
		t.Fatalf("the document: %v", err)
	}
	router, err := legacy.NewRouter(document)
	if err != nil {
		t.Fatal(err)
	}
	w.teach(t, time.Now(), "stripe/GET /v1/charges", 20) // with a known mismatch
	covered := map[string]bool{}
	ask := func(method, address, body string, come func(*http.Request)) {
		r := httptest.NewRequest(method, address, strings.NewReader(body))
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		come(r)
		got := send(h, r)
		route, params, err := router.FindRoute(r)
		if err != nil {
			t.Fatalf("%s %s is not in the document: %v", method, address, err)
		}
		covered[route.Operation.OperationID] = true
		input := &openapi3filter.ResponseValidationInput{
			RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
			Status:                 got.Code, Header: got.Header(),
			Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
		}
		input.SetBodyBytes(got.Body.Bytes())
		if err := openapi3filter.ValidateResponse(context.Background(), input); err != nil {
			t.Errorf("%s %s: %d: %v\n%.400s", method, address, got.Code, err, got.Body)
		}
	}
	const incident = "/api/v1/incidents/inc_00000000000000a1"
	for _, come := range []func(*http.Request){atHome, elsewhere} {
		for _, address := range []string{
			"/api/v1/overview", "/api/v1/apis/stripe", "/api/v1/apis/fresh", "/api/v1/apis/nobody", "/api/v1/deadlines", "/api/v1/contracts", "/api/v1/contracts?api=stripe", "/api/v1/proposals", "/api/v1/proposals?name=stripe", "/api/v1/incidents", "/api/v1/apis/stripe/shape?operation=GET+/v1/charges", "/api/v1/apis/stripe/shape?operation=none",
			"/api/v1/incidents?api=ups", incident, "/api/v1/incidents/inc_0", "/api/v1/openapi.json", "/api/v2/summary.json", "/api/v1/apis/stripe/hours?operation=GET+/v1/charges&days=7", "/api/v1/apis/nobody/hours",
		} {
			ask("GET", address, "", come)
		}
		ask("POST", incident+"/acts", `{"act":"acknowledge","reason":"on it"}`, come)
		ask("POST", incident+"/acts", `{"act":"silence","for":"8h"}`, come)
		ask("POST", incident+"/acts", `{"act":"explode"}`, come)
		ask("POST", "/api/v1/incidents/inc_00000000000000c3/acts", `{"act":"accept"}`, come)
		ask("POST", incident+"/acts", `{"act":"accept","reason":"`+strings.Repeat("x", 20_000)+`"}`, come)
		ask("POST", "/api/v1/silences", `{"matcher":{"api":"acme-*","labels":{"a":"b"},"below":"breaking"},"until":"2999-01-01T00:00:00Z","reason":"x"}`, come)
		ask("POST", "/api/v1/silences", `{"matcher":{"api":"acme-*"}}`, come)
		ask("DELETE", "/api/v1/silences/sil_0000000000000001?reason=over", "", come)
		ask("DELETE", "/api/v1/silences/sil_none", "", come)
		ask("GET", "/api/v1/silences", "", come)
		ask("GET", "/api/v1/audit", "", come)
		ask("GET", "/api/v1/webhooks", "", come)
		ask("GET", "/api/v1/forwards", "", come)
		ask("POST", "/api/v1/forwards", `{"source":"payments","act":"send","numbers":[7]}`, come)
		ask("POST", "/api/v1/forwards", `{"source":"payments","act":"send"}`, come)
		ask("POST", "/api/v1/forwards", `{"source":"nobody","act":"drop"}`, come)
		ask("GET", "/api/v1/pull-requests", "", come)
		ask("POST", "/api/v1/pull-requests", `{"act":"sync"}`, come)
		ask("POST", "/api/v1/pull-requests", `{"act":"merge"}`, come)
		ask("POST", "/api/v1/apis/stripe/forget", `{"from":"2026-03-02T14:00:00Z","reason":"x"}`, come)
		ask("POST", "/api/v1/apis/nobody/forget", `{"from":"2026-03-02T14:00:00Z"}`, come)
		ask("POST", "/api/v1/apis/stripe/forget", `{}`, come)
	}
	w.err = os.ErrDeadlineExceeded
	ask("GET", "/api/v1/overview", "", atHome)
	for path, entry := range document.Paths.Map() {
		for method, operation := range entry.Operations() {
			if !covered[operation.OperationID] {
				t.Errorf("no request was sent to %s %s", method, path)
			}
		}
	}
	for pattern := range web.Patterns() {
		method, path, _ := strings.Cut(pattern, " ")
		if strings.HasPrefix(path, "/api/v1/") && (document.Paths.Value(path) == nil || document.Paths.Value(path).GetOperation(method) == nil) {
			t.Errorf("the document lacks %s", pattern)
		}
	}
}

// TestFeeds_AreReadByAParserOfOthers reads what a feed reader would, behind a
// proxy that speaks https for us.
func TestFeeds_AreReadByAParserOfOthers(t *testing.T) {
	w := newWorld(time.Now())
	w.url = "https://drift.example"
	w.access = web.Access{Token: token}
	h := w.handler()
	for address, want := range map[string]int{"/feed.atom": 4, "/apis/ups/feed.atom": 1} {
		r := httptest.NewRequest("GET", address, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		feed, err := gofeed.NewParser().Parse(send(h, r).Body)
		if err != nil {
			t.Fatalf("%s: %v", address, err)
		}
		if feed.FeedType != "atom" || len(feed.Items) != want || feed.FeedLink != "https://drift.example"+address || feed.UpdatedParsed == nil {
			t.Errorf("%s: %+v", address, feed)
		}
		for _, entry := range feed.Items {
			if !strings.HasPrefix(entry.Link, "https://drift.example/incidents/inc_") || entry.GUID == "" || entry.UpdatedParsed == nil || entry.Title == "" {
				t.Errorf("%s: entry %+v", address, entry)
			}
		}
	}
}

func TestCalendar_IsReadByAParserOfOthers(t *testing.T) {
	now := time.Now()
	w := endingWorld(now)
	h := w.handler()
	for _, come := range []func(*http.Request){atHome, elsewhere} {
		r := httptest.NewRequest("GET", "/calendar.ics", nil)
		come(r)
		body := send(h, r).Body.String()
		calendar, err := ics.ParseCalendar(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		for _, e := range calendar.Events() {
			ids[e.Id()] = true
			if start, err := e.GetAllDayStartAt(); err != nil || start.IsZero() || len(e.Alarms()) != 1 {
				t.Errorf("event %s: %v", e.Id(), err)
			}
		}
		if len(calendar.Events()) != 7 || len(ids) != 7 {
			t.Errorf("%d events with %d ids, want 7:\n%s", len(calendar.Events()), len(ids), body)
		}
		if known := strings.Contains(body, "/v1/charges"); known != (r.Host == "localhost:8080") {
			t.Errorf("from %s the calendar names an operation: %t", r.Host, known)
		}
		for line := range strings.SplitSeq(body, "\r\n") {
			if len(line) > 75 || strings.Contains(line, "\n") {
				t.Errorf("a line of %d bytes: %q", len(line), line)
			}
		}
	}
}

func TestCalendar_CountsDown(t *testing.T) {
	body := get(endingWorld(time.Now()).handler(), "GET", "/calendar").Body.String()
	for _, want := range []string{"in 12 days", "in 20 days", "in 5 days", "3 days ago", "server certificate", "access token", "client certificate"} {
		if !strings.Contains(body, want) {
			t.Errorf("the calendar does not say %q", want)
		}
	}
	if strings.Contains(body, "openweather") {
		t.Error("a token that is fetched anew every hour is on the calendar")
	}
	if empty := get(newWorld(time.Now()).handler(), "GET", "/calendar").Body.String(); !strings.Contains(empty, "Nothing ends") {
		t.Error("an empty calendar teaches nothing")
	}
}

// TestMetrics_FollowTheConventions lints what is measured with Prometheus' own
// linter and holds the number of rows to the configuration.
func TestMetrics_FollowTheConventions(t *testing.T) {
	w := endingWorld(time.Now())
	h := w.handler()
	body := get(h, "GET", "/metrics").Body.Bytes()
	problems, err := promlint.New(bytes.NewReader(body)).Lint()
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	for _, want := range []string{
		`shapewatch_apis{state="breaking"} 1`, `shapewatch_probe_state{api="ups",operation="GET /rating/v2403/shop",state="drifted"} 1`,
		`shapewatch_open_incidents{api="stripe",severity="breaking"} 1`, `shapewatch_build_info{version="v1.2.3"} 1`, "shapewatch_store_up 1",
		`shapewatch_probe_rate_limit_remaining_ratio{api="stripe",operation="GET /v1/charges"} 0.4`, "go_goroutines",
	} {
		if !bytes.Contains(body, []byte(want)) {
			t.Errorf("not measured: %s", want)
		}
	}
	if again := get(h, "GET", "/metrics").Body.Bytes(); bytes.Count(again, []byte("\nshapewatch_")) != bytes.Count(body, []byte("\nshapewatch_")) {
		t.Error("a second scrape has other rows")
	}
	w.err = os.ErrDeadlineExceeded
	if got := get(h, "GET", "/metrics"); got.Code != 200 || !strings.Contains(got.Body.String(), "shapewatch_store_up 0") {
		t.Errorf("with a store that cannot be read: %d", got.Code)
	}
}

// TestMetrics_SurviveHostileNames puts what a configuration would refuse into
// the labels.
func TestMetrics_SurviveHostileNames(t *testing.T) {
	for _, text := range payloads {
		h := hostileWorld(t, time.Now(), text).handler()
		if _, err := promlint.New(get(h, "GET", "/metrics").Body).Lint(); err != nil {
			t.Errorf("%.40q: %v", text, err)
		}
		if _, err := ics.ParseCalendar(get(h, "GET", "/calendar.ics").Body); err != nil {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

func TestBadge_TellsTheState(t *testing.T) {
	h := newWorld(time.Now()).handler()
	for file, want := range map[string]string{"stripe.svg": "breaking change", "shippo.svg": "as agreed", "nobody.svg": "not watched"} {
		got := get(h, "GET", "/badge/"+file)
		if !strings.Contains(got.Body.String(), want) || got.Header().Get("Content-Type") != "image/svg+xml" {
			t.Errorf("%s: %d %s", file, got.Code, got.Body)
		}
	}
	if got := get(h, "GET", "/badge/%3Cscript%3E.svg").Body.String(); strings.Contains(got, "<script") {
		t.Errorf("a badge of a name that is markup: %s", got)
	}
}

func TestSummary_IsInTheWordsOfStatuspage(t *testing.T) {
	body := get(newWorld(time.Now()).handler(), "GET", "/api/v2/summary.json").Body.String()
	for _, want := range []string{
		`"indicator":"major"`, `"name":"stripe","status":"partial_outage"`, `"name":"dhl","status":"major_outage"`,
		`"name":"ups","status":"degraded_performance"`, `"status":"identified"`, `"scheduled_maintenances":[]`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the summary lacks %s:\n%s", want, body)
		}
	}
	if strings.Contains(body, "customer") {
		t.Error("the summary tells of a field")
	}
}
