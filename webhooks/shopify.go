package webhooks

import (
	"encoding/base64"
	"net/http"
	"time"
)

// shopify signs the body with HMAC-SHA256, in base64, in
// X-Shopify-Hmac-Sha256.
func shopify() Scheme {
	return Scheme{Name: "shopify", Verify: func(h http.Header, body []byte, secrets []string, _ time.Time) (d Delivery, err error) {
		raw, err := base64.StdEncoding.DecodeString(h.Get("X-Shopify-Hmac-Sha256"))
		if err != nil || len(raw) == 0 {
			return d, ErrUnsigned
		}
		if err := signed(body, secrets, [][]byte{raw}); err != nil {
			return d, err
		}
		at, _ := time.Parse(time.RFC3339, h.Get("X-Shopify-Triggered-At")) // older ones do not say
		return Delivery{ID: h.Get("X-Shopify-Webhook-Id"), Type: h.Get("X-Shopify-Topic"), Event: at}, nil
	}}
}
