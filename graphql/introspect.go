package graphql

import (
	"context"
	"encoding/json"
	"net/http"

	"shapewatch/probes"
)

// Introspect asks a probe's GraphQL API for its schema and brings back what the
// queries use of it: a sample whose body is an object with one key for each
// fact, and whose Schema says which queries do not fit.
func Introspect(ctx context.Context, a probes.Asker, p probes.Probe, queries []Query) probes.Sample {
	s := a.Do(ctx, p)
	if s.Class != probes.Valid {
		return s
	}
	schema, err := readSchema(s.Body)
	if err != nil {
		s.Class, s.Problem = probes.ErrorEnvelope, err.Error()
		return s
	}
	l := use(schema, queries)
	body, _ := json.Marshal(l.facts) // a map of texts always marshals
	s.Body, s.MediaType, s.Schema = body, "application/json", &l.found
	return s
}

// Ask is the body of a request that runs an operation of a document.
func Ask(text, operation string, variables json.RawMessage) []byte {
	body, _ := json.Marshal(struct { // texts and valid JSON always marshal
		Query         string          `json:"query"`
		OperationName string          `json:"operationName,omitempty"`
		Variables     json.RawMessage `json:"variables,omitempty"`
	}{text, operation, variables})
	return body
}

// Accept is what a GraphQL client says it reads.
func Accept(h http.Header) {
	if h.Get("Accept") == "" {
		h.Set("Accept", "application/graphql-response+json, application/json;q=0.9")
	}
}
