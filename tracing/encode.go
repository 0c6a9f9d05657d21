package tracing

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
	api "go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/slim/otlp/common/v1"
	source "go.opentelemetry.io/proto/slim/otlp/resource/v1"
	spans "go.opentelemetry.io/proto/slim/otlp/trace/v1"
)

// encode writes spans in the words of OTLP. All of them are of this program,
// so they share one resource and one scope.
func encode(list []trace.ReadOnlySpan) *collector.ExportTraceServiceRequest {
	if len(list) == 0 {
		return &collector.ExportTraceServiceRequest{}
	}
	first := list[0]
	scope := &spans.ScopeSpans{Scope: &otlp.InstrumentationScope{
		Name: first.InstrumentationScope().Name, Version: first.InstrumentationScope().Version,
	}}
	for _, s := range list {
		scope.Spans = append(scope.Spans, encodeSpan(s))
	}
	return &collector.ExportTraceServiceRequest{ResourceSpans: []*spans.ResourceSpans{{
		Resource:   &source.Resource{Attributes: encodeAttributes(first.Resource().Attributes())},
		ScopeSpans: []*spans.ScopeSpans{scope},
		SchemaUrl:  first.Resource().SchemaURL(),
	}}}
}

// encodeSpan writes one span. We make no events and no links.
func encodeSpan(s trace.ReadOnlySpan) *spans.Span {
	id, trace := s.SpanContext().SpanID(), s.SpanContext().TraceID()
	out := &spans.Span{
		TraceId: trace[:], SpanId: id[:], TraceState: s.SpanContext().TraceState().String(),
		Flags: uint32(s.SpanContext().TraceFlags()), Name: s.Name(), Kind: encodeKind(s.SpanKind()),
		StartTimeUnixNano: uint64(s.StartTime().UnixNano()), EndTimeUnixNano: uint64(s.EndTime().UnixNano()),
		Attributes: encodeAttributes(s.Attributes()), DroppedAttributesCount: uint32(s.DroppedAttributes()),
	}
	if s.Parent().IsValid() {
		parent := s.Parent().SpanID()
		out.ParentSpanId = parent[:]
	}
	if s.Status().Code == codes.Error {
		out.Status = &spans.Status{Code: spans.Status_STATUS_CODE_ERROR, Message: s.Status().Description}
	}
	return out
}

func encodeKind(k api.SpanKind) spans.Span_SpanKind {
	if k == api.SpanKindClient {
		return spans.Span_SPAN_KIND_CLIENT
	}
	return spans.Span_SPAN_KIND_INTERNAL
}

func encodeAttributes(list []attribute.KeyValue) (out []*otlp.KeyValue) {
	for _, a := range list {
		out = append(out, &otlp.KeyValue{Key: string(a.Key), Value: encodeValue(a.Value)})
	}
	return out
}

func encodeValue(v attribute.Value) *otlp.AnyValue {
	switch v.Type() {
	case attribute.BOOL:
		return &otlp.AnyValue{Value: &otlp.AnyValue_BoolValue{BoolValue: v.AsBool()}}
	case attribute.INT64:
		return &otlp.AnyValue{Value: &otlp.AnyValue_IntValue{IntValue: v.AsInt64()}}
	case attribute.FLOAT64:
		return &otlp.AnyValue{Value: &otlp.AnyValue_DoubleValue{DoubleValue: v.AsFloat64()}}
	}
	return &otlp.AnyValue{Value: &otlp.AnyValue_StringValue{StringValue: v.String()}}
}
