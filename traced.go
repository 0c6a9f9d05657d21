package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/tracing"
)

// traceTime bounds how long the last traces may take at the end.
const traceTime = 3 * time.Second

// startTracing begins to trace, when the configuration or the environment says
// where to; nil otherwise.
func (p *program) startTracing(ctx context.Context) *tracing.Tracer {
	if p.Untraced {
		return nil
	}
	o, wanted, why := p.Config.Tracing(os.LookupEnv)
	if why != "" {
		p.Log.Warn("nothing is traced", "why", why)
	}
	if !wanted {
		return nil
	}
	if p.Hide != nil {
		for _, value := range o.Headers {
			p.Hide(append(strings.Fields(value), value))
		}
	}
	o.Log = p.Log
	return tracing.New(ctx, o)
}

// stopTracing sends what is left.
func (p *program) stopTracing(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), traceTime)
	defer cancel()
	if err := p.tracer.Close(ctx); err != nil {
		p.Log.Warn("the last traces are not sent", "err", err)
	}
}

// asker is who asks probes, each request a step of a trace when there are any.
func (p *program) asker() monitor.Asker {
	if p.tracer == nil {
		return p.clock
	}
	return tracedAsker{p.clock, func(api string) bool { return p.config.Load().Propagates(api) }}
}

// A tracedAsker asks, and makes each request a step of a trace.
type tracedAsker struct {
	monitor.Asker
	propagates func(api string) bool
}

// Do asks a probe. Only who is named in the configuration hears of the trace.
func (a tracedAsker) Do(ctx context.Context, p probes.Probe) probes.Sample {
	ctx, span := tracing.Ask(ctx, "request", slog.String("http.request.method", p.Method), slog.String("server.address", hostOf(p.URL)))
	defer span.End()
	if parent := tracing.Parent(ctx); parent != "" && a.propagates(p.API) {
		if p.Header = p.Header.Clone(); p.Header == nil {
			p.Header = http.Header{}
		}
		p.Header.Set("Traceparent", parent)
	}
	s := a.Asker.Do(ctx, p)
	tracing.Note(ctx, slog.Int("http.response.status_code", s.Status), slog.Int64("http.response.body.size", s.Bytes),
		slog.Int("shapewatch.attempts", s.Attempts), slog.Duration("shapewatch.latency", s.Latency), slog.String("shapewatch.class", string(s.Class)))
	if s.Class != probes.Valid {
		tracing.Fail(ctx, fmt.Errorf("%s", s.Class))
	}
	return s
}

// hostOf is where a probe asks: the host alone, since a path may hold what was
// expanded from a reference.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
