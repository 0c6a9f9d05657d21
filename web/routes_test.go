package web_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"shapewatch/web"
)

const (
	asPage = "text/html; charset=utf-8"
	asText = "text/plain; charset=utf-8"
	asJSON = "application/json"
)

// here is a request from this machine.
func here(method, address string, body io.Reader) *http.Request {
	r := httptest.NewRequest(method, address, body)
	r.RemoteAddr, r.Host = "127.0.0.1:50000", "localhost:8080"
	return r
}

func send(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, r)
	return recorder
}

// get asks a handler as a browser would.
func get(h http.Handler, method, address string) *httptest.ResponseRecorder {
	return send(h, here(method, address, nil))
}

// everyRoute is each route with an address that it answers, right and wrong.
var everyRoute = []struct {
	pattern, address string
	status           int
	media, says      string
}{
	{"GET /{$}", "/", 200, asPage, "1 of 8 APIs has a breaking change"},
	{"GET /{$}", "/?q=stri", 200, asPage, "1 API for “stri”"},
	{"GET /{$}", "/?q=none", 200, asPage, "0 APIs for"},
	{"GET /{$}", "/?page=-3", 200, asPage, "stripe"},
	{"GET /{$}", "/?page=99999999999999999999", 200, asPage, "stripe"},
	{"GET /apis/{api}", "/apis/stripe", 200, asPage, "Learned shape"},
	{"GET /apis/{api}", "/apis/stripe?operation=GET+/v1/charges/%7Bid%7D", 200, asPage, "<h2 id=\"op-h\" class=\"path\">GET /v1/charges/{id}</h2>"},
	{"GET /apis/{api}", "/apis/nobody", 404, asPage, "No API of this name is watched"},
	{"GET /apis/{api}/history", "/apis/stripe/history?operation=GET+/v1/charges&days=7", 200, asPage, `data-zoom="/api/v1/apis/stripe/hours?operation=GET&#43;%2Fv1%2Fcharges&amp;days=7"`},
	{"GET /apis/{api}/history", "/apis/nobody/history", 404, asPage, "No API of this name is watched"},
	{"GET /incidents", "/incidents", 200, asPage, "Open now"},
	{"GET /incidents", "/incidents?api=ups", 200, asPage, "Incidents of ups"},
	{"GET /incidents/{id}", "/incidents/inc_00000000000000a1", 200, asPage, "<code>customer</code> was renamed <code>customer_id</code>"},
	{"GET /incidents/{id}", "/incidents/inc_0", 404, asPage, "There is nothing at this address"},
	{"GET /calendar", "/calendar", 200, asPage, "Nothing ends"},
	{"GET /api/v1/deadlines", "/api/v1/deadlines", 200, asJSON, `{"deadlines":[]}`},
	{"GET /api/v1/proposals", "/api/v1/proposals", 200, asJSON, `{"proposals":[]}`},
	{"GET /api/v1/pull-requests", "/api/v1/pull-requests", 200, asJSON, `{"wishes":[]}`},
	{"GET /api/v1/contracts", "/api/v1/contracts?api=stripe", 200, asJSON, `"probe":"stripe/GET /v1/charges","operation":"GET /v1/charges","source":"","agreed":"","answers":0,"known":[]}`},
	{"GET /api/v1/openapi.json", "/api/v1/openapi.json", 200, asJSON, `"openapi": "3.1.0"`},
	{"GET /api/v2/summary.json", "/api/v2/summary.json", 200, asJSON, `"indicator":"major"`},
	{"GET /calendar.ics", "/calendar.ics", 200, "text/calendar; charset=utf-8", "VCALENDAR"},
	{"GET /badge/{file}", "/badge/stripe.svg", 200, "image/svg+xml", "breaking change"},
	{"GET /badge/{file}", "/badge/nobody.svg", 404, "image/svg+xml", "not watched"},
	{"GET /badge/{file}", "/badge/stripe.png", 404, asText, "no such badge"},
	{"GET /metrics", "/metrics", 200, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", "shapewatch_apis"},
	{"GET /apis/{api}/feed.atom", "/apis/ups/feed.atom", 200, "application/atom+xml; charset=utf-8", "The rate limit fell"},
	{"GET /incidents.csv", "/incidents.csv?severity=warning", 200, "text/csv; charset=utf-8", "ups,\"The rate limit fell"},
	{"GET /incidents", "/incidents?q=customer&severity=breaking&state=open", 200, asPage, "was renamed"},
	{"GET /incidents", "/incidents?q=nothing", 200, asPage, "No incident is like that"},
	{"GET /incidents", "/incidents", 200, asPage, "Contract stability"},
	{"GET /silences", "/silences", 200, asPage, "Begin a silence"},
	{"GET /login", "/login", 303, asPage, "See Other"},
	{"GET /login/oidc", "/login/oidc", 404, asPage, "nothing at this address"},
	{"GET /login/callback", "/login/callback?code=x", 404, asPage, "nothing at this address"},
	{"GET /api/v1/silences", "/api/v1/silences", 200, asJSON, `{"silences":[]}`},
	{"GET /api/v1/audit", "/api/v1/audit", 200, asJSON, `{"acts":[]}`},
	{"GET /api/v1/webhooks", "/api/v1/webhooks", 200, asJSON, `{"unknown":0,"sources":[]}`},
	{"GET /api/v1/forwards", "/api/v1/forwards", 200, asJSON, `{"sources":[]}`},
	{"GET /about", "/about", 200, asPage, "1.5 MB of at most 1.1 GB"},
	{"GET /api/v1/overview", "/api/v1/overview", 200, asJSON, `"verdict":"1 of 8 APIs has a breaking change`},
	{"GET /api/v1/apis/{api}", "/api/v1/apis/stripe", 200, asJSON, `"operation":"GET /v1/charges"`},
	{"GET /api/v1/apis/{api}", "/api/v1/apis/nobody", 404, asJSON, `{"error":"not found"}`},
	{"GET /api/v1/apis/{api}/shape", "/api/v1/apis/stripe/shape?operation=GET+/v1/charges/%7Bid%7D", 200, asJSON, `"operation":"GET /v1/charges/{id}","answers":`},
	{"GET /api/v1/apis/{api}/hours", "/api/v1/apis/stripe/hours?days=7", 200, asJSON, `"latency_ms":`},
	{"GET /api/v1/apis/{api}/hours", "/api/v1/apis/stripe/hours?operation=none", 404, asJSON, `{"error":"not found"}`},
	{"GET /api/v1/apis/{api}/shape", "/api/v1/apis/stripe/shape?operation=none", 404, asJSON, `{"error":"not found"}`},
	{"GET /api/v1/incidents", "/api/v1/incidents", 200, asJSON, `"id":"inc_00000000000000d4"`},
	{"GET /api/v1/incidents/{id}", "/api/v1/incidents/inc_00000000000000a1", 200, asJSON, `"timeline":[`},
	{"GET /api/v1/incidents/{id}", "/api/v1/incidents/inc_0", 404, asJSON, `{"error":"not found"}`},
	{"/api/", "/api/v2/overview", 404, asJSON, `{"error":"not found"}`},
	{"GET /feed.atom", "/feed.atom", 200, "application/atom+xml; charset=utf-8", "The rate limit fell"},
	{"GET /healthz", "/healthz", 200, asText, "ok"},
	{"GET /readyz", "/readyz", 200, asText, "ready"},
	{"GET /static/{file}", "/static/page.css", 200, "text/css; charset=utf-8", "body"},
	{"GET /static/{file}", "/static/page.js", 200, "text/javascript; charset=utf-8", "use strict"},
	{"GET /static/{file}", "/static/icon.svg", 200, "image/svg+xml", "<svg"},
	{"GET /static/{file}", "/static/other.css", 404, asText, "no such file"},
	{"GET /static/{file}", "/static/..%2Fweb.go", 404, asText, "no such file"},
	{"/", "/nowhere", 404, asPage, "There is nothing at this address"},
}

// guarded are headers of every answer, whatever it is.
var guarded = map[string]string{
	"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY",
	"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-cache",
}

func TestRoutes_AnswerWithStatusTypeAndHeaders(t *testing.T) {
	w := newWorld(time.Now())
	h := w.handler()
	met := map[string]bool{"GET /events": true} // see TestEvents
	for _, r := range everyRoute {
		met[r.pattern] = true
		got := get(h, "GET", r.address)
		if got.Code != r.status || got.Header().Get("Content-Type") != r.media || !strings.Contains(got.Body.String(), r.says) {
			t.Errorf("%s: %d %s, want %d %s with %q:\n%.600s", r.address, got.Code, got.Header().Get("Content-Type"), r.status, r.media, r.says, got.Body)
		}
		checkGuarded(t, r.address, got.Header())
		for _, private := range []string{"secret.internal.example", "hunter2"} {
			if curl := strings.HasPrefix(r.address, "/incidents/"); strings.Contains(got.Body.String(), private) && !(curl && private != "hunter2") {
				t.Errorf("%s shows %q", r.address, private)
			}
		}
	}
	for pattern, need := range web.Patterns() {
		if strings.HasPrefix(pattern, "GET ") && !met[pattern] {
			t.Errorf("no test asks %q", pattern)
		}
		if needs[pattern] != need {
			t.Errorf("%q needs %q, the table says %q", pattern, need, needs[pattern])
		}
	}
}

// needs is what every route asks of its visitor: a new one must be thought
// about here.
var needs = map[string]string{
	"GET /{$}": "reading", "GET /apis/{api}": "knowing", "GET /incidents": "knowing", "GET /incidents/{id}": "knowing",
	"POST /incidents/{id}/acts": "acting", "GET /silences": "knowing", "POST /silences": "acting", "POST /forwards": "acting", "POST /silences/{id}/end": "acting",
	"GET /about": "knowing", "GET /login": "anyone", "POST /login": "anyone", "GET /login/oidc": "anyone", "GET /login/callback": "anyone",
	"POST /logout": "anyone", "GET /static/{file}": "anyone", "/": "anyone",
	"GET /api/v1/overview": "reading", "GET /api/v1/apis/{api}": "knowing", "GET /api/v1/apis/{api}/shape": "knowing", "GET /api/v1/apis/{api}/hours": "knowing", "GET /apis/{api}/history": "knowing", "GET /api/v1/incidents": "knowing",
	"GET /api/v1/incidents/{id}": "knowing", "POST /api/v1/incidents/{id}/acts": "acting", "GET /api/v1/silences": "knowing",
	"POST /api/v1/silences": "acting", "POST /api/v1/apis/{api}/forget": "acting", "DELETE /api/v1/silences/{id}": "acting", "GET /api/v1/audit": "knowing", "GET /api/v1/webhooks": "knowing", "GET /api/v1/forwards": "knowing", "POST /api/v1/forwards": "acting",
	"GET /incidents.csv": "knowing", "GET /calendar": "knowing", "GET /api/v1/deadlines": "knowing", "GET /api/v1/contracts": "knowing", "GET /api/v1/proposals": "knowing", "GET /api/v1/pull-requests": "knowing", "POST /api/v1/pull-requests": "acting", "GET /api/v1/openapi.json": "anyone", "GET /api/v2/summary.json": "reading",
	"GET /calendar.ics": "reading", "GET /badge/{file}": "reading", "GET /metrics": "knowing", "GET /apis/{api}/feed.atom": "reading",
	"GET /feed.atom": "reading", "GET /events": "reading", "GET /healthz": "anyone", "GET /readyz": "anyone", "/api/": "anyone",
}

// TestRoutes_RefuseWhoLacksWhatTheyNeed asks every route from elsewhere, with
// a login configured and without the public view.
func TestRoutes_RefuseWhoLacksWhatTheyNeed(t *testing.T) {
	w := newWorld(time.Now())
	w.access = web.Access{Token: token}
	h := w.handler()
	fill := strings.NewReplacer("{$}", "", "{api}", "stripe", "{id}", "inc_00000000000000a1", "{file}", "page.css")
	for pattern, need := range web.Patterns() {
		method, address, found := strings.Cut(fill.Replace(pattern), " ")
		if !found {
			continue
		}
		r := httptest.NewRequest(method, address, nil)
		elsewhere(r)
		got := send(h, r)
		if refused := got.Code == http.StatusUnauthorized; refused != (need != "anyone") && pattern != "POST /login" {
			t.Errorf("%s needs %s: %d", pattern, need, got.Code)
		}
		checkGuarded(t, address, got.Header())
	}
}

func checkGuarded(t *testing.T, address string, header http.Header) {
	t.Helper()
	for name, want := range guarded {
		if strings.HasPrefix(address, "/badge/") && (name == "Cache-Control" || strings.HasSuffix(name, "Resource-Policy")) {
			continue // a picture for other pages
		}
		if got := header.Get(name); got != want {
			t.Errorf("%s: %s is %q, want %q", address, name, got, want)
		}
	}
	policy := header.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("%s: policy %q", address, policy)
	}
}

func TestRoutes_OnlyAnswerQuestions(t *testing.T) {
	h := newWorld(time.Now()).handler()
	for _, r := range everyRoute {
		for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT"} {
			if path, _, _ := strings.Cut(r.address, "?"); method == "POST" && needs["POST "+path] != "" {
				continue
			}
			got := get(h, method, r.address)
			if got.Code != http.StatusMethodNotAllowed || got.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %d, allows %q", method, r.address, got.Code, got.Header().Get("Allow"))
			}
			checkGuarded(t, r.address, got.Header())
		}
	}
	if got := get(h, "GET", "/?q="+strings.Repeat("x", 3000)); got.Code != http.StatusRequestURITooLong {
		t.Errorf("a query of 3 KB: %d", got.Code)
	}
}

// TestRoutes_AreDocumented holds docs/http-api.md to the truth: each address
// that only asks answers, and each route is in it.
func TestRoutes_AreDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/http-api.md")
	if err != nil {
		t.Fatal(err)
	}
	server := newTestServer(t, newWorld(time.Now()))
	examples := strings.NewReplacer("{api}", "stripe", "{id}", "inc_00000000000000a1", "{name}", "x", "{text}", "stri", "{n}", "1", "{file}", "stripe.svg")
	documented := []string{"/static/{file}"} // parts of pages
	for _, m := range regexp.MustCompile("`(/[^`]*)`").FindAllSubmatch(page, -1) {
		path, _, _ := strings.Cut(string(m[1]), "?")
		documented = append(documented, path)
	}
	for row := range strings.Lines(string(page)) {
		first, _, isRow := strings.Cut(strings.TrimPrefix(row, "| `"), " | ")
		if !isRow || !strings.HasPrefix(row, "| `/") {
			continue
		}
		for address := range strings.SplitSeq(strings.Trim(first, "`"), "` · `") {
			for _, method := range []string{"GET", "HEAD"} {
				if status, length := ask(t, method, server+examples.Replace(address)); status != 200 || method == "HEAD" && length != 0 {
					t.Errorf("%s %s: %d, %d bytes", method, address, status, length)
				}
			}
		}
	}
	for pattern := range web.Patterns() {
		_, path, found := strings.Cut(strings.TrimSuffix(pattern, "{$}"), " ")
		if found && !slices.Contains(documented, path) {
			t.Errorf("docs/http-api.md does not list %s", path)
		}
	}
}

// ask returns the status of a real answer and how many of its first bytes came.
func ask(t *testing.T, method, address string) (status, length int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	length, err = answer.Body.Read(make([]byte, 64)) // an event stream does not end
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return answer.StatusCode, length
}

func TestRoutes_SayThatTheStoreCannotBeRead(t *testing.T) {
	w := newWorld(time.Now())
	w.err = errors.New("disk on fire at /var/lib/private.db")
	h := w.handler()
	alive := map[string]int{"/healthz": 200, "/static/page.css": 200, "/nowhere": 404, "/api/v2": 404}
	for _, address := range []string{
		"/", "/apis/stripe", "/incidents", "/incidents/inc_00000000000000a1", "/about", "/readyz", "/feed.atom", "/calendar", "/calendar.ics", "/badge/stripe.svg",
		"/silences", "/api/v1/silences", "/api/v1/audit", "/api/v1/deadlines", "/api/v1/contracts", "/api/v2/summary.json",
		"/api/v1/overview", "/api/v1/apis/stripe", "/api/v1/incidents", "/api/v1/incidents/inc_00000000000000a1",
	} {
		alive[address] = http.StatusServiceUnavailable
	}
	for address, want := range alive {
		got := get(h, "GET", address)
		if got.Code != want || strings.Contains(got.Body.String(), "fire") {
			t.Errorf("%s: %d, want %d:\n%.300s", address, got.Code, want, got.Body)
		}
		var reply struct{ Error string }
		if strings.HasPrefix(address, "/api/") && (json.Unmarshal(got.Body.Bytes(), &reply) != nil || reply.Error == "") {
			t.Errorf("%s: %s is no error in JSON", address, got.Body)
		}
	}
}

func TestStatic_IsKeptByABrowserUntilItChanges(t *testing.T) {
	h := newWorld(time.Now()).handler()
	link := regexp.MustCompile(`/static/page\.css\?v=[0-9a-f]+`).FindString(get(h, "GET", "/").Body.String())
	got := get(h, "GET", link)
	if cache := got.Header().Get("Cache-Control"); got.Code != 200 || !strings.Contains(cache, "immutable") {
		t.Errorf("%q: %d, kept %q", link, got.Code, cache)
	}
	again := httptest.NewRequest("GET", "/static/page.css", nil)
	again.Header.Set("If-None-Match", got.Header().Get("ETag"))
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, again)
	if recorder.Code != http.StatusNotModified || recorder.Body.Len() > 0 {
		t.Errorf("what is known is sent again: %d, %d bytes", recorder.Code, recorder.Body.Len())
	}
}

func TestPages_SayWhatIsWrongWithOurselves(t *testing.T) {
	now := time.Now()
	w := newWorld(now)
	w.problems = []string{"the configuration on disk is broken: `every` of `stripe`"}
	w.outbox.Waiting, w.outbox.Oldest, w.outbox.LastError = 3, now.Add(-20*time.Minute), "slack answered 500"
	w.used = 900 << 20
	for _, address := range []string{"/", "/apis/stripe", "/incidents", "/incidents/inc_00000000000000a1", "/about"} {
		got := get(w.handler(), "GET", address).Body.String()
		for _, want := range []string{
			"broken: <code>every</code> of <code>stripe</code>.", "Alerts are not getting through: 3 waiting, the oldest for 20 min: slack answered 500.",
			"The store is nearly full, 944 MB of at most 1.1 GB",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("%s does not say %q", address, want)
			}
		}
	}
}

func TestPages_SayEachThingOnce(t *testing.T) {
	body := get(newWorld(time.Now()).handler(), "GET", "/apis/stripe").Body.String()
	for i, what := range []string{"Last 90 days", "Last 24 hours"} {
		caption, _, _ := strings.Cut(strings.Split(body, "<figcaption>")[i+1], "</figcaption>")
		if n := strings.Count(caption, what); n != 1 {
			t.Errorf("the caption says %d times that it is about the %s: %s", n, what, caption)
		}
	}
}
