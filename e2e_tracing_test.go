package main

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// A traceReceiver takes traces as a collector does, and knows them by the
// types that OpenTelemetry publishes.
type traceReceiver struct {
	*httptest.Server
	mu       sync.Mutex
	raw      []byte
	faults   []string
	token    string
	services map[string]bool
	spans    []*spans.Span
}

func newTraceReceiver(t *testing.T) *traceReceiver {
	r := &traceReceiver{services: map[string]bool{}}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *traceReceiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	var request collector.ExportTraceServiceRequest
	if err == nil {
		err = proto.Unmarshal(body, &request)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil || q.URL.Path != "/v1/traces" || q.Header.Get("Content-Type") != "application/x-protobuf" {
		r.faults = append(r.faults, fmt.Sprintf("%s %s: %v", q.URL.Path, q.Header.Get("Content-Type"), err))
	}
	r.raw, r.token = append(r.raw, body...), q.Header.Get("Authorization")
	for _, of := range request.ResourceSpans {
		for _, a := range of.Resource.Attributes {
			if a.Key == "service.name" {
				r.services[a.Value.GetStringValue()] = true
			}
		}
		for _, scope := range of.ScopeSpans {
			r.spans = append(r.spans, scope.Spans...)
		}
	}
}

// steps are the names below each check of an API, and how each delivery ended.
func (r *traceReceiver) steps(api string) (steps map[string]bool, delivered bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	checks := map[string]bool{}
	for _, s := range r.spans {
		for _, a := range s.Attributes {
			if s.Name == "check" && a.Key == "shapewatch.api" && a.Value.GetStringValue() == api {
				checks[string(s.SpanId)] = true
			}
		}
		delivered = delivered || s.Name == "deliver" && s.Status.GetCode() != spans.Status_STATUS_CODE_ERROR
	}
	steps = map[string]bool{}
	for _, s := range r.spans {
		if checks[string(s.ParentSpanId)] {
			steps[s.Name] = true
		}
	}
	return steps, delivered
}

// TestTracing_FromTheBinary watches two APIs with the built binary. Every step
// of a check and every delivery arrives; no secret and nothing of the vendor's
// does; the header that joins traces goes to the API that is named, and to no
// other.
func TestTracing_FromTheBinary(t *testing.T) {
	t.Parallel()
	bin, r := builtBinary(t), newTraceReceiver(t)
	var mu sync.Mutex
	joined := map[string]int{}
	asked := map[string]int{}
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		api := strings.Split(q.URL.Path, "/")[1]
		if asked[api]++; q.Header.Get("Traceparent") != "" {
			joined[api]++
		}
		fmt.Fprint(w, `{"customer": "Ada Lovelace"}`)
	}))
	t.Cleanup(vendor.Close)
	told := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(told.Close)
	dir := t.TempDir()
	config := fmt.Sprintf(`
apis:
  - { name: shop, url: "%[1]s/shop/${ITEM:-path-canary}?key=query-canary", auth: { bearer: "${SHOP_KEY}" }, allow_private: true, every: 1s }
  - { name: own, url: "%[1]s/own/x", allow_private: true, every: 1s }
  - { name: down, url: "http://127.0.0.1:1/down", allow_private: true, every: 1s }
alerts: { channels: [{ name: hook, webhook: { url: "%[2]s/hook-canary" } }], routes: [{ channels: [hook] }] }
store: { path: shapewatch.db }
tracing: { endpoint: %[3]q, headers: { Authorization: "Bearer otlp-canary" }, propagate: [own] }
`, vendor.URL, told.URL, r.URL)
	if err := os.WriteFile(filepath.Join(dir, "shapewatch.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, bin, dir)
	within(t, 60*time.Second, "every step of a check, and a delivery", func() bool {
		steps, delivered := r.steps("shop")
		own, _ := r.steps("own")
		return steps["request"] && steps["observe"] && steps["detect"] && steps["commit"] && own["request"] && delivered
	})
	s.stop()
	mu.Lock()
	defer mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.faults) > 0 || r.token != "Bearer otlp-canary" || !r.services["shapewatch"] {
		t.Errorf("the collector: %v, token %q, services %v", r.faults, r.token, r.services)
	}
	if joined["shop"] > 0 || joined["own"] != asked["own"] {
		t.Errorf("asked %v, with traceparent %v: only own is to have it", asked, joined)
	}
	for _, secret := range []string{"sk_canary", "path-canary", "query-canary", "hook-canary", "otlp-canary", "Lovelace", "customer"} {
		if at := bytes.Index(r.raw, []byte(secret)); at >= 0 {
			t.Errorf("%q is in a trace: %q", secret, r.raw[max(at-60, 0):min(at+60, len(r.raw))])
		}
	}
	if log := s.log(); strings.Contains(log, "otlp-canary") || !strings.Contains(log, "traces    "+strings.TrimPrefix(r.URL, "http://")) {
		t.Errorf("serve says:\n%s", log)
	}
}

// TestTracing_ByTheEnvironment has the built binary find the collector by the
// variables of OpenTelemetry alone.
func TestTracing_ByTheEnvironment(t *testing.T) {
	t.Parallel()
	bin, r, dir := builtBinary(t), newTraceReceiver(t), t.TempDir()
	vendor := newCountedVendor(t)
	config := fmt.Sprintf("apis: [{ name: shop, url: \"%s/v1/status\", allow_private: true, every: 1s }]\nstore: { path: shapewatch.db }\n", vendor.URL)
	script := fmt.Sprintf("#!/bin/sh\nOTEL_EXPORTER_OTLP_ENDPOINT=%s OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%%20env-canary OTEL_SERVICE_NAME=watchers OTEL_BSP_SCHEDULE_DELAY=200 exec %s \"$@\"\n", r.URL, bin)
	wrapped := filepath.Join(dir, "wrapped")
	for name, text := range map[string]string{filepath.Join(dir, "shapewatch.yaml"): config, wrapped: script} {
		if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s := startServer(t, wrapped, dir)
	within(t, 60*time.Second, "a check", func() bool { steps, _ := r.steps("shop"); return steps["request"] })
	s.stop()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.faults) > 0 || r.token != "Bearer env-canary" || !r.services["watchers"] || strings.Contains(s.log(), "env-canary") {
		t.Errorf("the collector: %v, token %q, services %v\n%s", r.faults, r.token, r.services, s.log())
	}
}

// TestTracing_IsOffUnlessAsked reads what decides where traces go.
func TestTracing_IsOffUnlessAsked(t *testing.T) {
	const plainly = "apis: [{ name: a, url: 'https://a.example' }]\n"
	const block = plainly + "tracing: { endpoint: 'http://c:4318/', sample: 0.5 }\n"
	for _, c := range []struct {
		name, config string
		env          []string
		url, why     string
	}{
		{name: "nothing", config: plainly},
		{name: "a block without an endpoint", config: plainly + "tracing: { sample: 0.5 }\n"},
		{name: "a block", config: block, url: "http://c:4318/v1/traces"},
		{name: "a block, turned off", config: block, env: []string{"OTEL_SDK_DISABLED", "TRUE"}},
		{name: "the file before the environment", config: block, env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://e:1", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}, url: "http://c:4318/v1/traces"},
		{name: "the environment", config: plainly, env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://e:1/base/"}, url: "http://e:1/base/v1/traces"},
		{name: "an address for traces alone", config: plainly, env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://e:1", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://t/x"}, url: "https://t/x"},
		{name: "grpc", config: plainly, env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://e:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}, why: "http/protobuf"},
		{name: "another exporter", config: plainly, env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://e:4318", "OTEL_TRACES_EXPORTER", "none"}, why: "OTEL_TRACES_EXPORTER"},
		{name: "no address", config: plainly, env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "e:4317"}, why: "no address"},
	} {
		o, on, why := load(t, c.config).Tracing(variables(c.env...))
		if on != (c.url != "") || on && o.URL != c.url || (why != "") != (c.why != "") || !strings.Contains(why, c.why) {
			t.Errorf("%s: %t %q %q", c.name, on, o.URL, why)
		}
	}
	for config, want := range map[string]string{
		"tracing: { propagate: [b] }":                      `no API "b"`,
		"tracing: { endpoint: 'http://c:4318/v1/traces' }": "/v1/traces is added",
		"tracing: { sample: 1.5 }":                         "1.5",
		"tracing: { headers: { X-Key: secret } }":          "headers without an endpoint",
	} {
		if _, err := parseConfig("x", []byte(plainly+config), variables()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", config, err)
		}
	}
}

// TestTracing_SendsHeadersToTheirOwnAddressAlone keeps what is written for one
// collector from another.
func TestTracing_SendsHeadersToTheirOwnAddressAlone(t *testing.T) {
	env := variables("OTEL_EXPORTER_OTLP_ENDPOINT", "http://e:1", "OTEL_EXPORTER_OTLP_HEADERS", "x-key=theirs")
	const plainly = "apis: [{ name: a, url: 'https://a.example' }]\n"
	for config, want := range map[string]string{
		plainly + "tracing: { endpoint: 'http://c:4318' }":                           "http://c:4318/v1/traces map[]",
		plainly + "tracing: { endpoint: 'http://c:4318', headers: { X-Key: ours } }": "http://c:4318/v1/traces map[X-Key:ours]",
		plainly: "http://e:1/v1/traces map[x-key:theirs]",
	} {
		if o, _, _ := load(t, config).Tracing(env); fmt.Sprint(o.URL, " ", o.Headers) != want {
			t.Errorf("%s: %s %v", config, o.URL, o.Headers)
		}
	}
}

// TestTracing_NeverInTheDemo has the environment ask for traces in vain.
func TestTracing_NeverInTheDemo(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
	p := &program{programOptions: programOptions{Config: load(t, "apis: [{ name: a, url: 'https://a.example' }]\n"), Log: slog.New(slog.DiscardHandler), Untraced: true}}
	if p.startTracing(t.Context()) != nil {
		t.Error("the demo is traced")
	}
}
