// Package tracingtest is a collector of traces for tests. Only tests import it.
package tracingtest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"shapewatch/tracing"
)

// A Collector takes traces as they come, encoded: enough to look for texts
// that must be in them, and for those that must not.
type Collector struct {
	Tracer *tracing.Tracer // sends to it

	mu   sync.Mutex
	took bytes.Buffer
}

// New starts a collector on the loopback interface, until the test ends.
func New(tb testing.TB) *Collector {
	tb.Helper()
	c := &Collector{}
	server := httptest.NewServer(c)
	tb.Cleanup(server.Close)
	c.Tracer = tracing.New(tb.Context(), tracing.Options{URL: server.URL})
	return c
}

// ServeHTTP takes one batch of spans.
func (c *Collector) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = io.Copy(&c.took, r.Body) // what is missing shows in Holds
}

// Holds ends the tracing and fails on each text that was traced and should not
// have been, or the other way round.
func (c *Collector) Holds(tb testing.TB, texts map[string]bool) {
	tb.Helper()
	if err := c.Tracer.Close(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for text, want := range texts {
		if bytes.Contains(c.took.Bytes(), []byte(text)) != want {
			tb.Errorf("%q is traced: %t", text, !want)
		}
	}
}
