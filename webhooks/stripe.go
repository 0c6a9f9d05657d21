package webhooks

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// stripe signs "timestamp.body" with HMAC-SHA256; Stripe-Signature holds the
// time and one signature for each secret in use: "t=…,v1=…,v1=…".
func stripe() Scheme {
	return Scheme{Name: "stripe", Verify: func(h http.Header, body []byte, secrets []string, now time.Time) (d Delivery, err error) {
		var stamp string
		var signatures [][]byte
		for part := range strings.SplitSeq(h.Get("Stripe-Signature"), ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			switch name {
			case "t":
				stamp = value
			case "v1":
				signatures = append(signatures, inHex(value, true)...)
			}
		}
		seconds, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil {
			return d, ErrUnsigned
		}
		if err := signed(append([]byte(stamp+"."), body...), secrets, signatures); err != nil {
			return d, err
		}
		at, err := fresh(seconds, now)
		event := said(body, "id", "type")
		return Delivery{ID: event[0], Type: event[1], Event: happened(body, "created", at)}, err
	}}
}
