// Package tracing tells a collector of OpenTelemetry what was done and how
// long it took: a [Span] for each step of a check and for each delivery.
//
// Whoever does something writes [Start] before it, [Note] and [Fail] on the
// way, and Span.End after it. Where they lead is decided once, by the program:
// a [Tracer] is carried by the context of everything that runs. Without one a
// step costs a look into the context and nothing else, which is how most
// programs run.
//
// What a span says of a check is names, numbers and classes: no body, no
// query, no header, no value of a vendor. Every text goes through a redactor
// of the configuration's secrets on its way out.
package tracing

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

type tracerKey struct{}

// A Span is one step with its beginning and its end. The zero Span takes
// nothing.
type Span struct{ span trace.Span }

// Start begins a step below the one that ctx is in; the context returned is in
// the new one. Without a [Tracer] in ctx, both are as if nobody had asked.
func Start(ctx context.Context, step string, about ...slog.Attr) (context.Context, Span) {
	return begin(ctx, step, trace.SpanKindInternal, about)
}

// Ask is [Start] for a step that asks somebody else.
func Ask(ctx context.Context, step string, about ...slog.Attr) (context.Context, Span) {
	return begin(ctx, step, trace.SpanKindClient, about)
}

func begin(ctx context.Context, step string, kind trace.SpanKind, about []slog.Attr) (context.Context, Span) {
	t, ok := ctx.Value(tracerKey{}).(*Tracer)
	if !ok {
		return ctx, Span{}
	}
	ctx, span := t.tracer.Start(ctx, t.clean(step), trace.WithSpanKind(kind), trace.WithAttributes(t.attributes(about)...))
	return ctx, Span{span}
}

// End ends a step, once.
func (s Span) End() {
	if s.span != nil {
		s.span.End()
	}
}

// Note says more of the step that ctx is in.
func Note(ctx context.Context, about ...slog.Attr) {
	if t, ok := ctx.Value(tracerKey{}).(*Tracer); ok {
		trace.SpanFromContext(ctx).SetAttributes(t.attributes(about)...)
	}
}

// Fail says that the step that ctx is in has failed; nil says nothing.
func Fail(ctx context.Context, err error) {
	if t, ok := ctx.Value(tracerKey{}).(*Tracer); ok && err != nil {
		trace.SpanFromContext(ctx).SetStatus(codes.Error, t.clean(err.Error()))
	}
}

// Parent is the step that ctx is in, as the header traceparent of W3C Trace
// Context; empty without one.
func Parent(ctx context.Context) string {
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier["traceparent"]
}

// attributes are what is said of a step: durations in seconds, all that is no
// number and no flag as text.
func (t *Tracer) attributes(about []slog.Attr) []attribute.KeyValue {
	list := make([]attribute.KeyValue, 0, len(about))
	for _, a := range about {
		switch v := a.Value; v.Kind() {
		case slog.KindInt64:
			list = append(list, attribute.Int64(a.Key, v.Int64()))
		case slog.KindBool:
			list = append(list, attribute.Bool(a.Key, v.Bool()))
		case slog.KindDuration:
			list = append(list, attribute.Float64(a.Key, v.Duration().Seconds()))
		default:
			if text := v.String(); text != "" {
				list = append(list, attribute.String(a.Key, t.clean(text)))
			}
		}
	}
	return list
}
