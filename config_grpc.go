package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"shapewatch/grpc"
	"shapewatch/monitor"
)

// grpcBlock is what a gRPC API is asked.
type grpcBlock struct {
	at      place
	method  leaf[string]
	request leaf[[]byte]
	schema  leaf[bool]
}

var grpcRows = []key[probeBlock]{
	{"grpc", "A method of a gRPC API at `base`, called as its reflection says; or with `schema: true` what the server says of all methods that are called at the same address. `headers` are its metadata; of a server that streams, `events` says how much is read.", "{ method: shop.v1.Orders/Get, request: { id: \"4711\" } }",
		func(b *probeBlock) setting {
			return optional(in(&b.grpc, &grpcKeys), func() bool { return !b.isGRPC() })
		}},
}

var grpcKeys = block[grpcBlock]{
	name: "gRPC", doc: "One of `method` and `schema`. `base` is https://host:port, or http:// for HTTP/2 without TLS.", fresh: func() (b grpcBlock) { return b },
	rules: exactlyOne("method", "schema"),
	keys: []key[grpcBlock]{
		{"method", "The method, with its service and package. It may answer a stream, and may not take one.", "shop.v1.Orders/Get", func(b *grpcBlock) setting { return a(&b.method, aGRPCMethod) }},
		{"request", "What it is asked, written as YAML and read as the JSON of protobuf; empty when nothing is said.", "{ id: \"4711\" }", func(b *grpcBlock) setting { return jsonSetting{&b.request} }},
		{"schema", "Asks for the descriptors instead (reflection) and tells what changes of the messages that your calls use. Ask rarely: `every: 1h`.", "true", func(b *grpcBlock) setting { return a(&b.schema, aFlag) }},
	},
	after: func(r *reader, b *grpcBlock, f fields) {
		b.at = f.at[""]
		_, calls := f.at["method"]
		_, asks := f.at["schema"]
		if at, ok := f.at["request"]; ok && !calls {
			r.problem(at, "add method: package.Service/Method, or remove it", "a request without a method")
		}
		if calls == asks {
			r.problem(b.at, "write method: package.Service/Method, or schema: true", "neither or both of method and schema")
		}
	},
}

var (
	grpcMethod  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*/[A-Za-z_][A-Za-z0-9_]*$`)
	aGRPCMethod = text("a method: shop.v1.Orders/Get", checkGRPCMethod, object{"pattern": `^[A-Za-z_][A-Za-z0-9_.]*/[A-Za-z_][A-Za-z0-9_]*$|\$\{`})
)

func checkGRPCMethod(s string) error {
	if !grpcMethod.MatchString(s) {
		return wrong("package, service and method: shop.v1.Orders/Get, without a / before it", "%q is no method of gRPC", s)
	}
	return nil
}

// isGRPC reports whether a probe calls a gRPC API, or asks for its descriptors.
func (b *probeBlock) isGRPC() bool { return b.grpc.method.text != "" || b.grpc.schema.value }

// checkGRPC checks that nothing else is asked, and reports whether the probe is
// of gRPC.
func (r *reader) checkGRPC(f fields) bool {
	_, calls := f.at["grpc"]
	if !calls {
		return false
	}
	for _, name := range append(methods[:], "websocket", "file", "reconcile", "webhook", "heartbeat", "workflow", "cleanup", "within", "grace", "max_runtime", "key", "body", "json", "params", "operation", "expect", "paginate", "graphql", "query") {
		if at, ok := f.at[name]; ok {
			r.problem(at, "what a method is asked is under grpc: request: keep one of them", "both grpc and %s", name)
		}
	}
	return true
}

// calls makes a watch of a gRPC method, or of what is said of methods.
func (m *assembly) calls(api *apiBlock, b *probeBlock) (w monitor.Watch, ok bool) {
	if api.name.text == "" {
		return w, false
	}
	if api.base.text == "" {
		m.problem(b.grpc.at, "add base: https://host:port to the API", "a gRPC method without a base")
		return w, false
	}
	if _, err := url.Parse(api.base.value); err != nil {
		return w, false // told where it stands
	}
	p := m.calling(api, b, http.MethodPost, address{url: strings.TrimSuffix(api.base.value, "/")})
	p.Operation = "grpc " + b.grpc.method.value
	if b.grpc.schema.value {
		p.Operation = "grpc schema"
	}
	said := string(b.grpc.request.value)
	for _, s := range m.secrets {
		if escaped := quoted(s); containsAny([]string{s, escaped[1 : len(escaped)-1]}, []string{said}) {
			p.Secrets = append(p.Secrets, s)
		}
	}
	p = b.named(p)
	m.unique(p.ID, b.grpc.at, "probe", "probes of one API need different names: give one of them name: …")
	w = monitor.Watch{Probe: p, Policy: b.policy(p)}
	if b.grpc.schema.value {
		w.Methods = []grpc.Call{}
		return ofSchema(w), true
	}
	w.Call = &grpc.Call{Method: b.grpc.method.value, Request: b.grpc.request.value}
	w.Policy.Uses = append(w.Policy.Uses, m.usesFrom(b, p.Operation)...)
	return w, true
}

// giveCalls tells each probe of descriptors which methods are called at its
// address.
func giveCalls(watches []monitor.Watch) {
	for i := range watches {
		if watches[i].Methods == nil {
			continue
		}
		for _, w := range watches {
			if w.Call != nil && sameAddress(w.Probe.URL, watches[i].Probe.URL) {
				watches[i].Methods = append(watches[i].Methods, *w.Call)
			}
		}
	}
}
