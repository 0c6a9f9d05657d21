package probes

import (
	"context"
	"net/http"
	"net/url"
)

type query struct {
	hidden
	name, value string
}

// Query authenticates by a query parameter, as in "?api_key=value". It is in
// no URL that anybody sees but the vendor.
func Query(name, value string) Auth { return &query{"query", name, value} }

// Apply implements [Auth].
func (q *query) Apply(_ context.Context, r *http.Request) error {
	r.URL.RawQuery = withQuery(r.URL.RawQuery, http.Header{q.name: {q.value}})
	return nil
}

// Secrets implements [Auth].
func (q *query) Secrets() []string { return []string{q.value, url.QueryEscape(q.value)} }
