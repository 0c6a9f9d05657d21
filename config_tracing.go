package main

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"shapewatch/tracing"
)

// tracingBlock is the block `tracing`.
type tracingBlock struct {
	endpoint  leaf[string]
	headers   map[string]leaf[string]
	sample    leaf[float64]
	propagate []leaf[string]
}

var tracingKey = key[configFile]{"tracing", "Where traces go: how long each check and each delivery took, step by step. Nothing is traced without it, unless the environment has the OTEL_EXPORTER_OTLP_ENDPOINT of OpenTelemetry.", "{ endpoint: \"http://127.0.0.1:4318\" }",
	func(f *configFile) setting { return in(&f.tracing, &tracingKeys) }}

var tracingKeys = block[tracingBlock]{
	name:  "Tracing",
	doc:   "Traces for OpenTelemetry, by OTLP over HTTP with protobuf, for `serve`. A span says names, numbers and classes: no body, no query, no header, no value of a vendor, no secret. These keys take effect with a restart. What is not said here is taken from the environment: OTEL_EXPORTER_OTLP_ENDPOINT, …_TRACES_ENDPOINT, …_HEADERS, …_TIMEOUT, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER, OTEL_BSP_*; OTEL_SDK_DISABLED turns all of it off.",
	fresh: func() (b tracingBlock) { return b },
	keys: []key[tracingBlock]{
		{"endpoint", "Address of the collector; /v1/traces is added.", "\"http://127.0.0.1:4318\"", func(b *tracingBlock) setting { return a(&b.endpoint, anURL) }},
		{"headers", "Request headers for the collector at `endpoint`, which must be said beside them; all their values are taken as secrets. Headers go only to the address that they are written for: those of the environment to its own endpoint.", "{ Authorization: \"Bearer ${OTLP_TOKEN}\" }", func(b *tracingBlock) setting {
			return pairs[string]{into: &b.headers, kind: aHeader, name: checkHeaderName, secret: func(string) bool { return true }}
		}},
		{"sample", "Share of the checks and deliveries that are traced; all when nothing is said.", "0.1", func(b *tracingBlock) setting { return a(&b.sample, aShare) }},
		{"propagate", "APIs whose requests carry the header `traceparent`, so that their own traces join ours. Name only APIs of your own: to others it tells which requests belong together, and nothing they need. None when nothing is said.", "[billing]", func(b *tracingBlock) setting { return many[string]{&b.propagate, aName} }},
	},
	after: func(r *reader, b *tracingBlock, f fields) {
		if at, said := f.at["headers"]; said && b.endpoint.text == "" {
			r.problem(at, "add endpoint: who is to have them", "headers without an endpoint")
		}
		if b.endpoint.text != "" && strings.HasSuffix(b.endpoint.value, tracesPath) {
			r.problem(b.endpoint.at, "write "+strings.TrimSuffix(b.endpoint.value, tracesPath), "the endpoint is the collector's: %s is added", tracesPath)
		}
	},
}

// tracesPath is where collectors take traces, below their endpoint.
const tracesPath = "/v1/traces"

// checkTracing refuses names that no API has.
func (r *reader) checkTracing(f *configFile) {
	var names []string
	for _, api := range f.apis {
		names = append(names, api.name.value)
	}
	for _, l := range f.tracing.propagate {
		if !slices.Contains(names, l.value) {
			r.problem(l.at, didYouMean(l.value, names), "no API %q", l.value)
		}
	}
}

// Propagates reports whether requests to an API carry traceparent.
func (c *Config) Propagates(api string) bool {
	return slices.ContainsFunc(c.file.tracing.propagate, func(l leaf[string]) bool { return l.value == api })
}

// tracesAs reports whether two configurations send the same traces to the same
// place. Whom they propagate to is asked anew each time.
func (c *Config) tracesAs(other *Config) bool {
	a, b := c.file.tracing, other.file.tracing
	return a.endpoint.text == b.endpoint.text && a.sample.text == b.sample.text && maps.Equal(plain(a.headers), plain(b.headers))
}

// Tracing says where traces go, by the file and else by the variables of
// OpenTelemetry; ok is false when they go nowhere. The words say why not, when
// somebody seems to want them.
func (c *Config) Tracing(env func(string) (string, bool)) (o tracing.Options, ok bool, why string) {
	get := func(name string) string { v, _ := env(name); return strings.TrimSpace(v) }
	if strings.EqualFold(get("OTEL_SDK_DISABLED"), "true") {
		return o, false, ""
	}
	b := c.file.tracing
	o = tracing.Options{Sample: b.sample.value, Timeout: otelTimeout(get), Version: programVersion()}
	if b.endpoint.text != "" {
		o.URL, o.Headers = strings.TrimSuffix(b.endpoint.value, "/")+tracesPath, plain(b.headers)
		return o, true, ""
	}
	if o.URL = otelEndpoint(get); o.URL == "" {
		return o, false, ""
	}
	o.Headers = otelHeaders(get)
	why = otelRefusal(get, o.URL)
	return o, why == "", why
}

// otelRefusal is why what the environment wants cannot be.
func otelRefusal(get func(string) string, address string) string {
	if exporter := get("OTEL_TRACES_EXPORTER"); exporter != "" && exporter != "otlp" {
		return "OTEL_TRACES_EXPORTER is not otlp"
	}
	if p := cmp.Or(get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"), get("OTEL_EXPORTER_OTLP_PROTOCOL")); p != "" && p != "http/protobuf" {
		return "OTEL_EXPORTER_OTLP_PROTOCOL is not http/protobuf, the one that is spoken here"
	}
	if u, err := url.Parse(address); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "OTEL_EXPORTER_OTLP_ENDPOINT is no address such as http://127.0.0.1:4318"
	}
	return ""
}

func otelEndpoint(get func(string) string) string {
	if whole := get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"); whole != "" {
		return whole
	}
	if base := get("OTEL_EXPORTER_OTLP_ENDPOINT"); base != "" {
		return strings.TrimSuffix(base, "/") + tracesPath
	}
	return ""
}

// otelHeaders reads "api-key=x,other=y%20z".
func otelHeaders(get func(string) string) map[string]string {
	headers := map[string]string{}
	for pair := range strings.SplitSeq(cmp.Or(get("OTEL_EXPORTER_OTLP_TRACES_HEADERS"), get("OTEL_EXPORTER_OTLP_HEADERS")), ",") {
		name, value, _ := strings.Cut(pair, "=")
		if name = strings.TrimSpace(name); checkHeaderName(name) != nil {
			continue
		}
		if plain, err := url.PathUnescape(strings.TrimSpace(value)); err == nil && checkHeaderValue(plain) == nil {
			headers[name] = plain
		}
	}
	return headers
}

// otelTimeout reads milliseconds; 0 when nothing is said.
func otelTimeout(get func(string) string) time.Duration {
	n, err := strconv.Atoi(cmp.Or(get("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"), get("OTEL_EXPORTER_OTLP_TIMEOUT")))
	if err != nil || n < 1 {
		return 0
	}
	return time.Duration(n) * time.Millisecond
}
