package probes

import (
	"context"
	"net/http"
)

type bearer struct {
	hidden
	token string
}

// Bearer authenticates by "Authorization: Bearer token" (RFC 6750).
func Bearer(token string) Auth { return &bearer{"bearer", token} }

// Apply implements [Auth].
func (b *bearer) Apply(_ context.Context, r *http.Request) error {
	r.Header.Set("Authorization", "Bearer "+b.token)
	return nil
}

// Secrets implements [Auth].
func (b *bearer) Secrets() []string { return []string{b.token} }
