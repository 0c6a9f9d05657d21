package probes

import (
	"context"
	"net/http"
)

type header struct {
	hidden
	name, value string
}

// Header authenticates by a header of the vendor's own, as in "X-Api-Key: value".
func Header(name, value string) Auth { return &header{"header", name, value} }

// Apply implements [Auth].
func (h *header) Apply(_ context.Context, r *http.Request) error {
	r.Header.Set(h.name, h.value)
	return nil
}

// Secrets implements [Auth].
func (h *header) Secrets() []string { return partsOf([]string{h.value}) }
