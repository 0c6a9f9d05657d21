package tracing

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"

	"shapewatch/probes"
)

// maxText bounds one text of a span, in bytes.
const maxText = 512

// Options say where traces go.
type Options struct {
	URL     string            // that traces are sent to, by POST: "http://127.0.0.1:4318/v1/traces"
	Headers map[string]string // sent along; secrets
	Sample  float64           // share of checks and deliveries that are told, above 0 to 1; 0 leaves it to the OTEL_TRACES_SAMPLER of the environment, else all
	Timeout time.Duration     // of one request; 0 means 10 s
	Version string            // of this program
	Log     *slog.Logger      // nil logs nothing
}

// A Tracer gathers spans and sends them, a few seconds' worth at a time. What
// a collector cannot take for long is thrown away: nothing waits for it.
type Tracer struct {
	host     string
	provider *trace.TracerProvider
	tracer   api.Tracer

	mu      sync.Mutex
	secrets []string
	filter  atomic.Pointer[probes.Redactor]
}

// New returns a tracer; close it. The variables OTEL_SERVICE_NAME,
// OTEL_RESOURCE_ATTRIBUTES and OTEL_BSP_… of the environment hold.
func New(ctx context.Context, o Options) *Tracer {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	// The library tells its own trouble to the whole process: it goes where all
	// else that is logged goes.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { o.Log.Warn("tracing", "err", err) }))
	otel.SetLogger(logr.FromSlogHandler(o.Log.Handler()))
	options := []trace.TracerProviderOption{trace.WithResource(o.resource(ctx)), trace.WithBatcher(newExporter(o))}
	if o.Sample > 0 {
		options = append(options, trace.WithSampler(trace.ParentBased(trace.TraceIDRatioBased(o.Sample))))
	}
	t := &Tracer{provider: trace.NewTracerProvider(options...)}
	if u, err := url.Parse(o.URL); err == nil {
		t.host = u.Host
	}
	t.tracer = t.provider.Tracer("shapewatch", api.WithInstrumentationVersion(o.Version))
	for _, value := range o.Headers {
		t.Hide(append(strings.Fields(value), value)) // "Bearer x": the x alone, too
	}
	return t
}

// Host is who is sent traces, as a person may read it.
func (t *Tracer) Host() string { return t.host }

// Carry makes t the tracer of all that is done in the context returned; a nil
// Tracer leaves it as it is.
func (t *Tracer) Carry(ctx context.Context) context.Context {
	if t == nil {
		return ctx
	}
	return context.WithValue(ctx, tracerKey{}, t)
}

// Hide keeps more secrets out of every span from now on.
func (t *Tracer) Hide(secrets []string) {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.secrets = append(t.secrets, secrets...)
	slices.Sort(t.secrets)
	t.secrets = slices.Compact(t.secrets)
	t.filter.Store(probes.NewRedactor(t.secrets...))
}

// clean is a text as it may leave: valid, short, without a secret.
func (t *Tracer) clean(text string) string {
	text = string(t.filter.Load().Bytes([]byte(strings.ToValidUTF8(text, "�"))))
	if len(text) <= maxText {
		return text
	}
	cut := maxText
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// Close sends what is gathered, as long as ctx allows, and stops.
func (t *Tracer) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// resource says who sends spans. What the environment says of it may have been
// written for other programs: what cannot be read is left out.
func (o Options) resource(ctx context.Context) *resource.Resource {
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "shapewatch"), attribute.String("service.version", o.Version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		o.Log.Warn("tracing: not all that the environment says of this program is understood", "err", err)
	}
	return about
}

// header is what is sent along with spans.
func (o Options) header() http.Header {
	h := http.Header{"Content-Type": {"application/x-protobuf"}, "User-Agent": {"shapewatch/" + o.Version}}
	for name, value := range o.Headers {
		h.Set(name, value)
	}
	return h
}
