package webhooks

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// slack signs "v0:timestamp:body" with HMAC-SHA256 in X-Slack-Signature.
func slack() Scheme {
	return Scheme{Name: "slack", Verify: func(h http.Header, body []byte, secrets []string, now time.Time) (d Delivery, err error) {
		stamp := h.Get("X-Slack-Request-Timestamp")
		seconds, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil {
			return d, ErrUnsigned
		}
		signature := inHex(strings.CutPrefix(h.Get("X-Slack-Signature"), "v0="))
		if err := signed(append([]byte("v0:"+stamp+":"), body...), secrets, signature); err != nil {
			return d, err
		}
		at, err := fresh(seconds, now)
		top := said(body, "event_id", "type")
		d = Delivery{ID: top[0], Type: top[1], Event: happened(body, "event_time", at)}
		var inner struct {
			Event struct {
				Type string `json:"type"`
			} `json:"event"`
		}
		if json.Unmarshal(body, &inner) == nil && inner.Event.Type != "" {
			d.Type = inner.Event.Type
		}
		return d, err
	}}
}
