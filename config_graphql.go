package main

import (
	"encoding/json"
	"net/url"
	"strings"

	"shapewatch/contracts/detectors"
	"shapewatch/graphql"
	"shapewatch/monitor"
)

// graphqlBlock is what a GraphQL API is asked.
type graphqlBlock struct {
	at        place
	query     leaf[string]
	file      leaf[string]
	operation leaf[string]
	variables leaf[[]byte]
	schema    leaf[bool]
	text      string // of the query, wherever it was written
	name      string // of the operation that is run; may be empty
}

var graphqlRows = []key[probeBlock]{
	{"graphql", "A GraphQL query, sent with `post`; or with `schema: true` the API's schema, held against all queries of the same address.", "{ query: \"query Me { viewer { login } }\" }",
		func(b *probeBlock) setting { return in(&b.graphql, &graphqlKeys) }},
}

var graphqlKeys = block[graphqlBlock]{
	name: "GraphQL", doc: "Exactly one of `query`, `file` and `schema`.", fresh: func() (b graphqlBlock) { return b },
	rules: exactlyOne("query", "file", "schema"),
	keys: []key[graphqlBlock]{
		{"query", "The document that is sent.", "\"query Me { viewer { login } }\"", func(b *graphqlBlock) setting { return a(&b.query, aText) }},
		{"file", "A file with the document, relative to this file.", "queries/order.graphql", func(b *graphqlBlock) setting { return a(&b.file, aFile) }},
		{"operation", "Which operation of the document runs, when it has several.", "Me", func(b *graphqlBlock) setting { return a(&b.operation, aText) }},
		{"variables", "Values of its variables.", "{ id: \"4711\" }", func(b *graphqlBlock) setting { return jsonSetting{&b.variables} }},
		{"schema", "Asks for the schema instead (introspection) and tells what changes under your queries. Ask rarely: `every: 1h`.", "true", func(b *graphqlBlock) setting { return a(&b.schema, aFlag) }},
	},
	after: func(r *reader, b *graphqlBlock, f fields) { b.at = f.at[""]; r.readQuery(b, f) },
}

// readQuery finds the document and checks that it can be sent.
func (r *reader) readQuery(b *graphqlBlock, f fields) {
	var said []string
	for _, name := range []string{"query", "file", "schema"} {
		if _, ok := f.at[name]; ok {
			said = append(said, name)
		}
	}
	if len(said) != 1 {
		r.problem(b.at, "write query: …, file: … or schema: true", "%d of query, file and schema", len(said))
		return
	}
	at := f.at[said[0]]
	switch said[0] {
	case "schema":
		b.text, b.name = graphql.Introspection, "IntrospectionQuery"
		return
	case "file":
		text, err := readBounded(b.file.file(), maxFile)
		if err != nil {
			r.problem(at, "", "%s: %s", b.file.value, reason(err))
			return
		}
		r.documents, b.text = append(r.documents, b.file.file()), string(text)
	default:
		b.text = b.query.value
	}
	name, err := graphql.Operation(b.text, b.operation.value)
	if err != nil && b.text != "" {
		r.problem(at, "check the document where it says", "not a GraphQL query: %s", err)
	}
	b.name = name
}

// checkGraphQL checks that a query goes with post and nothing else.
func (r *reader) checkGraphQL(f fields) {
	at, asks := f.at["graphql"]
	if !asks {
		return
	}
	for _, name := range []string{"workflow", "heartbeat", "webhook", "get", "put", "patch", "delete", "head", "body", "json"} {
		if _, both := f.at[name]; both {
			r.problem(at, "a GraphQL query is the body of a post: /graphql", "graphql with %s", name)
		}
	}
}

// asks reports whether the probe is a GraphQL query.
func (b *graphqlBlock) asks() bool { return b.text != "" }

func (b *graphqlBlock) body() []byte {
	return graphql.Ask(b.text, b.name, json.RawMessage(b.variables.value))
}

// schemaWatch makes the watch of a schema: its answer is a list of facts, which
// only what is about schemas judges.
func (m *assembly) schemaWatch(_ *apiBlock, _ *probeBlock, w monitor.Watch) monitor.Watch {
	w.Queries, w.Contract = []graphql.Query{}, nil
	w.Probe.Operation, w.Policy.Operation = "graphql schema", "graphql schema"
	return ofSchema(w)
}

// ofSchema judges the facts of a schema by what is about schemas alone.
func ofSchema(w monitor.Watch) monitor.Watch {
	w.Policy.View.Records = append(w.Policy.View.Records, "")
	w.Policy.Uses = nil // the queries say what is used
	off := map[string]bool{}
	for _, d := range detectors.All() {
		about := strings.HasPrefix(d.Name, "schema-") || d.Name == "query-invalid" || d.Always || strings.HasPrefix(d.Name, "provider-") || strings.HasPrefix(d.Name, "rate-limit")
		off[d.Name] = w.Policy.Off[d.Name] || !about
	}
	w.Policy.Off = off
	return w
}

// giveQueries tells each schema which queries are sent to its address.
func giveQueries(watches []monitor.Watch, texts map[string]string) {
	for i := range watches {
		if watches[i].Queries == nil {
			continue
		}
		for _, w := range watches {
			if text := texts[w.Probe.ID]; text != "" && w.Queries == nil && sameAddress(w.Probe.URL, watches[i].Probe.URL) {
				watches[i].Queries = append(watches[i].Queries, graphql.Query{Name: w.Probe.Name, Text: text})
			}
		}
	}
}

func sameAddress(a, b string) bool {
	x, err := url.Parse(a)
	y, err2 := url.Parse(b)
	return err == nil && err2 == nil && x.Host == y.Host && x.Path == y.Path
}
