package probes

import (
	"context"
	"crypto/tls"
	"fmt"
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

// A TLSAuth is an [Auth] that authenticates by client certificate. Its dynamic
// type is comparable (a pointer): probes with the same one share connections.
type TLSAuth interface {
	Auth
	Certificate() (*tls.Certificate, error) // loaded anew for each handshake
}

// renewable is an Auth whose credential can be had anew when it is refused.
type renewable interface {
	// renew forgets the credential, and reports false when it is too young for
	// another to be any better.
	renew() bool
}

// hidden makes an Auth print as its kind alone, whatever the verb.
type hidden string

// Format implements [fmt.Formatter].
func (h hidden) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "%s %s", string(h), Redacted) }
