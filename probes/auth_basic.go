package probes

import (
	"context"
	"encoding/base64"
	"net/http"
)

type basic struct {
	hidden
	user, password string
}

// Basic authenticates by user name and password (RFC 7617). Some vendors want
// their key as the user name and no password.
func Basic(user, password string) Auth { return &basic{"basic", user, password} }

// Apply implements [Auth].
func (b *basic) Apply(_ context.Context, r *http.Request) error {
	r.SetBasicAuth(b.user, b.password)
	return nil
}

// Secrets implements [Auth]. A user name without a password is a key.
func (b *basic) Secrets() []string {
	pair := base64.StdEncoding.EncodeToString([]byte(b.user + ":" + b.password))
	if b.password == "" {
		return []string{b.user, pair}
	}
	return []string{b.password, pair}
}
