package tracing_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"shapewatch/tracing"
)

// A receiver takes traces as a collector does, and answers with the statuses
// it is given before it takes any.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	before []int
	bodies [][]byte
	header http.Header
}

func newReceiver(t *testing.T, before ...int) *receiver {
	r := &receiver{before: before}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body) // cut short, it does not decode
	r.mu.Lock()
	defer r.mu.Unlock()
	r.header = q.Header
	if len(r.before) > 0 {
		w.WriteHeader(r.before[0])
		r.before = r.before[1:]
		return
	}
	r.bodies = append(r.bodies, body)
}

// spans are what came, by the project's own types.
func (r *receiver) spans(t *testing.T) (list []*spans.Span, service map[string]string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	service = map[string]string{}
	for _, body := range r.bodies {
		var request collector.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &request); err != nil {
			t.Fatal(err)
		}
		for _, of := range request.ResourceSpans {
			for _, a := range of.Resource.Attributes {
				service[a.Key] = a.Value.GetStringValue()
			}
			for _, scope := range of.ScopeSpans {
				list = append(list, scope.Spans...)
			}
		}
	}
	return list, service
}

func said(s *spans.Span) map[string]string {
	texts := map[string]string{}
	for _, a := range s.Attributes {
		texts[a.Key] = a.Value.String()
	}
	return texts
}

// TestTracer_TellsStepsWithoutSecrets sends two steps, one below the other,
// through a collector that is busy at first.
func TestTracer_TellsStepsWithoutSecrets(t *testing.T) {
	r := newReceiver(t, http.StatusServiceUnavailable)
	tracer := tracing.New(t.Context(), tracing.Options{URL: r.URL + "/v1/traces", Headers: map[string]string{"Authorization": "Bearer otlp-token"}, Version: "1.2"})
	tracer.Hide([]string{"sk_canary"})
	ctx, outer := tracing.Start(tracer.Carry(t.Context()), "check", slog.String("api", "shop sk_canary"), slog.Int("n", 7), slog.Bool("yes", true), slog.Duration("took", 1500*time.Millisecond), slog.String("empty", ""))
	inner, span := tracing.Ask(ctx, "request")
	tracing.Note(inner, slog.String("long", strings.Repeat("é", 600)), slog.String("broken", "\xff"))
	tracing.Fail(inner, errors.New("refused: otlp-token, sk_canary"))
	parent := tracing.Parent(inner)
	span.End()
	outer.End()
	if err := tracer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, service := r.spans(t)
	if len(list) != 2 || service["service.name"] != "shapewatch" || service["service.version"] != "1.2" || r.header.Get("Authorization") != "Bearer otlp-token" {
		t.Fatalf("%d spans of %v, header %v", len(list), service, r.header)
	}
	request, check := list[0], list[1]
	if request.Name != "request" || check.Name != "check" || !bytes.Equal(request.ParentSpanId, check.SpanId) || len(check.ParentSpanId) > 0 ||
		request.Kind != spans.Span_SPAN_KIND_CLIENT || check.Kind != spans.Span_SPAN_KIND_INTERNAL || request.EndTimeUnixNano < request.StartTimeUnixNano {
		t.Errorf("%v\n%v", request, check)
	}
	if request.Status.GetCode() != spans.Status_STATUS_CODE_ERROR || request.Status.GetMessage() != "refused: [redacted], [redacted]" {
		t.Errorf("failure: %v", request.Status)
	}
	got := said(check)
	if len(got) != 4 || !strings.Contains(got["api"], "shop [redacted]") || !strings.Contains(got["n"], "7") || !strings.Contains(got["took"], "1.5") {
		t.Errorf("attributes: %v", got)
	}
	if long := request.Attributes[0].Value.GetStringValue(); len(long) > 520 || !strings.HasSuffix(long, "é…") {
		t.Errorf("a long text: %q", long)
	}
	if parts := strings.Split(parent, "-"); len(parts) != 4 || parts[0] != "00" || len(parts[1]) != 32 || len(parts[2]) != 16 {
		t.Errorf("traceparent %q", parent)
	}
}

// TestTracer_GivesUpInWords loses traces rather than wait, and says so once.
func TestTracer_GivesUpInWords(t *testing.T) {
	r := newReceiver(t, http.StatusForbidden, http.StatusForbidden)
	var log bytes.Buffer
	tracer := tracing.New(t.Context(), tracing.Options{URL: r.URL + "/v1/traces?key=otlp-token", Log: slog.New(slog.NewTextHandler(&log, nil))})
	_, span := tracing.Start(tracer.Carry(t.Context()), "check")
	span.End()
	if err := tracer.Close(t.Context()); err != nil {
		t.Errorf("its end: %v", err)
	}
	if text := log.String(); strings.Count(text, "traces cannot be sent") != 1 || !strings.Contains(text, "status 403") || strings.Contains(text, "otlp-token") {
		t.Errorf("the log says: %s", text)
	}
}

// TestStart_CostsNothingWithoutATracer counts allocations of a step as the
// monitor writes it.
func TestStart_CostsNothingWithoutATracer(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(t.Context(), key{}, "deep enough")
	var none *tracing.Tracer
	api, failed := strings.Repeat("x", 20), errors.New("x")
	n := testing.AllocsPerRun(100, func() {
		inner, span := tracing.Start(none.Carry(ctx), "check", slog.String("api", api), slog.Int("n", 7))
		tracing.Note(inner, slog.String("class", api))
		tracing.Fail(inner, failed)
		span.End()
	})
	if n > 0 || tracing.Parent(ctx) != "" {
		t.Errorf("a step that nobody traces allocates %v times", n)
	}
	none.Hide([]string{"x"})
	if err := none.Close(ctx); err != nil {
		t.Error(err)
	}
}

// TestNew_GoesOnWithWhatItUnderstands reads what the environment says for
// other programs, half of which is nothing.
func TestNew_GoesOnWithWhatItUnderstands(t *testing.T) {
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "prod,team=billing")
	r := newReceiver(t)
	var log bytes.Buffer
	tracer := tracing.New(t.Context(), tracing.Options{URL: r.URL, Log: slog.New(slog.NewTextHandler(&log, nil))})
	_, span := tracing.Start(tracer.Carry(t.Context()), "check")
	span.End()
	if err := tracer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, service := r.spans(t)
	if len(list) != 1 || service["team"] != "billing" || service["service.name"] != "shapewatch" || !strings.Contains(log.String(), "prod") {
		t.Errorf("%d spans of %v; the log says: %s", len(list), service, &log)
	}
}
