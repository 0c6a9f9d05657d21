package webhooks

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// standard is Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over
// "id.timestamp.body", the secret in base64 after whsec_.
func standard() Scheme {
	return Scheme{Name: "standard", Verify: func(h http.Header, body []byte, secrets []string, now time.Time) (d Delivery, err error) {
		id, stamp := h.Get("webhook-id"), h.Get("webhook-timestamp")
		seconds, err := strconv.ParseInt(stamp, 10, 64)
		if id == "" || err != nil {
			return d, ErrUnsigned
		}
		var signatures [][]byte
		for _, part := range strings.Fields(h.Get("webhook-signature")) {
			if text, ok := strings.CutPrefix(part, "v1,"); ok {
				if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
					signatures = append(signatures, raw)
				}
			}
		}
		if err := signed(append([]byte(id+"."+stamp+"."), body...), decoded(secrets), signatures); err != nil {
			return d, err
		}
		at, err := fresh(seconds, now)
		return Delivery{ID: id, Type: said(body, "type")[0], Event: happened(body, "timestamp", at)}, err
	}}
}

// decoded are the bytes of secrets that are written in base64.
func decoded(secrets []string) (keys []string) {
	for _, s := range secrets {
		if raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, "whsec_")); err == nil {
			keys = append(keys, string(raw))
		}
	}
	return keys
}
