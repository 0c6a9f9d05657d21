package probes

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"time"
)

// An Expiry says when what a probe relies on ends. Zero times are unknown.
type Expiry struct {
	Certificate time.Time `json:"certificate,omitzero"` // of the server
	Client      time.Time `json:"client,omitzero"`      // our client certificate
	Token       time.Time `json:"token,omitzero"`       // access token
}

// expiring is an [Auth] whose credential says when it ends.
type expiring interface{ expires() time.Time }

// expiry reads the ends that a response and the credentials show.
func (a *ask) expiry(r *http.Response) (e Expiry) {
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		e.Certificate = r.TLS.PeerCertificates[0].NotAfter.UTC()
	}
	auth, ok := a.probe.Auth.(expiring)
	if !ok {
		return e
	}
	if _, certificate := a.probe.Auth.(TLSAuth); certificate {
		e.Client = auth.expires()
	} else {
		e.Token = auth.expires()
	}
	return e
}

// maxToken bounds the token that is looked into, bytes.
const maxToken = 16 << 10

// expires is the exp of a token that is a JWT (RFC 7519, section 4.1.4). What
// it says is not verified: the vendor does that.
func (b *bearer) expires() time.Time {
	parts := strings.Split(b.token, ".")
	if len(parts) != 3 || len(b.token) > maxToken {
		return time.Time{}
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return time.Time{}
	}
	var said struct {
		Exp float64 `json:"exp"`
	}
	if json.Unmarshal(claims, &said) != nil || said.Exp <= 0 || said.Exp > math.MaxInt32*4 {
		return time.Time{}
	}
	return time.Unix(int64(said.Exp), 0).UTC()
}

// expires is the end of the token held now; it is renewed before.
func (o *oauth2Client) expires() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.token == nil || o.token.Expiry.IsZero() {
		return time.Time{}
	}
	return o.token.Expiry.UTC().Truncate(time.Second)
}

// expires is the end of the client certificate loaded last.
func (m *mtls) expires() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.loaded == nil || len(m.loaded.Certificate) == 0 {
		return time.Time{}
	}
	leaf := m.loaded.Leaf
	if leaf == nil {
		var err error
		if leaf, err = x509.ParseCertificate(m.loaded.Certificate[0]); err != nil {
			return time.Time{}
		}
	}
	return leaf.NotAfter.UTC()
}
