package webhooks

import (
	"encoding/base64"
	"net/http"
	"strings"
	"time"
)

// HMAC is a scheme for vendors that sign the body with HMAC-SHA256 in a header
// of their own. prefix, such as "sha256=", goes before the signature, which may
// be in hex or in base64; idHeader and typeHeader may be empty, then a JSON
// body's id and type count.
func HMAC(header, prefix, idHeader, typeHeader string) Scheme {
	return Scheme{Name: "hmac", Verify: func(h http.Header, body []byte, secrets []string, _ time.Time) (d Delivery, err error) {
		text, prefixed := strings.CutPrefix(h.Get(header), prefix)
		signatures := inHex(text, prefixed)
		if raw, err := base64.StdEncoding.DecodeString(text); err == nil && prefixed && len(raw) > 0 {
			signatures = append(signatures, raw)
		}
		if err := signed(body, secrets, signatures); err != nil {
			return d, err
		}
		return calledBy(h, body, idHeader, typeHeader), nil
	}}
}

// Unsigned is a scheme for vendors that sign nothing: the secret is part of
// the address, which the caller has checked.
func Unsigned(idHeader, typeHeader string) Scheme {
	return Scheme{Name: "unsigned", Verify: func(h http.Header, body []byte, _ []string, _ time.Time) (Delivery, error) {
		return calledBy(h, body, idHeader, typeHeader), nil
	}}
}

// calledBy reads ID and type from headers, or else from the body.
func calledBy(h http.Header, body []byte, idHeader, typeHeader string) Delivery {
	event := said(body, "id", "type")
	d := Delivery{ID: event[0], Type: event[1]}
	if idHeader != "" {
		d.ID = h.Get(idHeader)
	}
	if typeHeader != "" {
		d.Type = h.Get(typeHeader)
	}
	return d
}
