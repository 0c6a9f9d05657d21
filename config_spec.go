package main

import (
	"net/http"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"shapewatch/contracts"
	"shapewatch/contracts/openapi"
	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/workflows"
)

// specBlock is a vendor's published document that is watched.
type specBlock struct {
	url            leaf[string]
	every, timeout leaf[time.Duration]
	maxBody        leaf[int64]
	auth           authBlock
	headers        map[string]leaf[string]
}

// freshSpec has the document read once an hour, most often without its being
// sent, and allows for the largest that are published.
func freshSpec() specBlock {
	return specBlock{every: given("1h", anInterval), timeout: given("1m", aDuration), maxBody: given("32MiB", aSize)}
}

var specKey = key[apiBlock]{"spec",
	"The vendor's published OpenAPI or Swagger document, JSON or YAML: a URL, or a block. It is read on a schedule and compared with what was known of it; what it announces of the operations that the probes ask, and of the fields under `uses:`, is told before any answer changes.",
	"https://docs.acme.dev/openapi.json",
	func(b *apiBlock) setting {
		return shorthand[specBlock]{section[specBlock]{&b.spec, &specKeys}, a(&b.spec.url, anURL)}
	}}

var specKeys = block[specBlock]{
	name: "Spec", doc: "A URL alone may be written without `url:`. The credentials of the API are not sent there.",
	fresh: freshSpec, needs: []string{"url"},
	keys: []key[specBlock]{
		{"url", "Where the document is.", "https://docs.acme.dev/openapi.json", func(b *specBlock) setting { return a(&b.url, anURL) }},
		{"every", "How often it is read. A server that knows ETag or Last-Modified sends it only when it changed.", "6h", func(b *specBlock) setting { return a(&b.every, anInterval) }},
		{"timeout", "How long one read may take.", "2m", func(b *specBlock) setting { return a(&b.timeout, aDuration) }},
		{"max_body", "The largest document that is read, after decompression.", "16MiB", func(b *specBlock) setting { return a(&b.maxBody, aSize) }},
		{"auth", "How to authenticate there.", "{ bearer: \"${DOCS_KEY}\" }", func(b *specBlock) setting { return in(&b.auth, &authKeys) }},
		{"headers", "Request headers.", "{ Accept: application/yaml }", func(b *specBlock) setting {
			return pairs[string]{into: &b.headers, kind: aHeader, name: checkHeaderName, secret: looksSecretName}
		}},
	},
}

// shorthand is a section of which one value may be written alone.
type shorthand[B any] struct {
	section[B]
	alone setting
}

func (s shorthand[B]) read(r *reader, n *yaml.Node, path string) {
	if follow(n).Kind == yaml.ScalarNode {
		s.alone.read(r, n, path)
		return
	}
	s.section.read(r, n, path)
}

func (s shorthand[B]) words() string { return s.alone.words() + ", or keys and values" }

func (s shorthand[B]) schema() map[string]any {
	return object{"anyOf": []any{s.alone.schema(), s.section.schema()}}
}

func (s shorthand[B]) show() *yaml.Node {
	if s.alone.show() == nil {
		return nil
	}
	return s.section.show()
}

// acceptsDocuments is what a document is asked for as.
const acceptsDocuments = "application/json, application/yaml, text/yaml, */*;q=0.5"

// documentsOf makes the watches of an API that read documents at addresses:
// its contracts, and what the vendor publishes. What its other watches ask is
// what is looked for in them.
func (m *assembly) documentsOf(api *apiBlock, others []monitor.Watch) (watches []monitor.Watch) {
	for i, r := range m.remotes {
		name := "contract"
		if i > 0 {
			name += " " + r.address.value
		}
		block := freshSpec()
		block.url, block.auth, block.headers = r.address, r.auth, r.headers
		if w, ok := m.document(api, name, "contract document", &block); ok {
			w.Spec.Uses, w.Spec.Holds = usesOf(others, r.holds), r.holds
			watches = append(watches, w)
		}
		if r.address.value == api.spec.url.value {
			m.problem(api.spec.url.at, "a contract at an address is watched as well: remove spec", "spec and contract are the same document")
		}
	}
	m.remotes = nil
	if w, ok := m.document(api, "spec", "published document", &api.spec); ok {
		w.Spec.Uses = usesOf(others, nil)
		watches = append(watches, w)
	}
	return watches
}

// document makes the watch of a document at an address.
func (m *assembly) document(api *apiBlock, name, operation string, s *specBlock) (w monitor.Watch, ok bool) {
	if s.url.text == "" || api.name.text == "" {
		return w, false
	}
	asked, err := m.address(&apiBlock{url: s.url}, &probeBlock{}, s.url)
	if err != nil {
		m.fault(s.url.at, err)
		return w, false
	}
	p := probes.Probe{
		API: api.name.value, Name: name, ID: api.name.value + "/" + name, Operation: operation,
		Group: api.group.value, Owner: api.owner.value, Labels: plain(api.labels),
		Method: http.MethodGet, URL: asked.url, Query: http.Header(asked.query), Auth: m.auth(&s.auth), Document: true,
		Header: http.Header{"Accept": {acceptsDocuments}}, Timeout: s.timeout.value, MaxBody: s.maxBody.value,
		AllowPrivate: api.allowPrivate.value, Schedule: probes.Schedule{Every: s.every.value},
	}
	for name, l := range s.headers {
		p.Header.Set(name, l.value)
	}
	p.Secrets = m.secretsIn(p)
	m.unique(p.ID, s.url.at, "probe", "the document has this name: give the other one name: …")
	w = monitor.Watch{Probe: p, Policy: (&probeBlock{settings: api.settings}).policy(p), Spec: &monitor.Spec{Refs: api.remoteRefs.value}}
	w.Policy.Uses = nil // the comparison follows use
	if w.Policy.Off == nil {
		w.Policy.Off = map[string]bool{}
	}
	w.Policy.Off["latency"] = true // a document that is not sent again comes in no time
	return w, true
}

// usesOf is what watches ask of an API, and what of the answers is used; named
// says how some probes are looked up.
func usesOf(watches []monitor.Watch, named map[string]openapi.Asked) (uses []openapi.Use) {
	for _, w := range watches {
		switch {
		case w.Heartbeat != nil || w.Source != nil || w.Spec != nil:
		case w.Workflow != nil:
			for _, s := range w.Workflow.Steps {
				asked, known := named[workflows.StepID(w.Probe.ID, s.Name)]
				if !known {
					asked = openapi.Asked{Method: s.Ask.Method, URL: s.Ask.URL}
				}
				uses = append(uses, openapi.Use{Asked: asked, Paths: under(contracts.StepPath(s.Name), w.Policy.Uses)})
			}
		default:
			asked, known := named[w.Probe.ID]
			if !known {
				asked = openapi.Asked{Method: w.Probe.Method, URL: w.Probe.URL}
			}
			uses = append(uses, openapi.Use{Asked: asked, Paths: w.Policy.Uses})
		}
	}
	return uses
}

// under are the paths below a prefix, without it. When none is and some are
// elsewhere, nothing there is used.
func under(prefix string, paths []string) (below []string) {
	for _, path := range paths {
		if rest, ok := strings.CutPrefix(path, prefix); ok && (rest == "" || rest[0] == '/') {
			below = append(below, rest)
		}
	}
	if len(paths) > 0 && len(below) == 0 {
		return []string{"/\x00"}
	}
	return below
}
