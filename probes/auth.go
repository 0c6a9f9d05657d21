package probes

import (
	"context"
	"crypto/tls"
	"net/http"
)

// Auth adds credentials to a request. One file per way of doing it.
type Auth interface {
	// Apply adds the credential to r, fetching a token if it must. The error
	// says what is wrong without the secret.
	Apply(ctx context.Context, r *http.Request) error
	// Secrets are the values that must never appear in any output.
	Secrets() []string
}

// A TLSAuth is an [Auth] that authenticates by client certificate.
type TLSAuth interface {
	Auth
	Certificate() (*tls.Certificate, error) // loaded anew for each handshake
}
