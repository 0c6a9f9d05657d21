package webhooks

import (
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

// github signs the body with HMAC-SHA256 in X-Hub-Signature-256. There is no
// time in it: only the delivery's ID keeps a replay from counting twice.
func github() Scheme {
	return Scheme{Name: "github", Verify: func(h http.Header, body []byte, secrets []string, _ time.Time) (d Delivery, err error) {
		if err := signed(body, secrets, inHex(strings.CutPrefix(h.Get("X-Hub-Signature-256"), "sha256="))); err != nil {
			return d, err
		}
		d = Delivery{ID: h.Get("X-GitHub-Delivery"), Type: h.Get("X-GitHub-Event")}
		if action := said(body, "action")[0]; action != "" {
			d.Type += "." + action
		}
		return d, nil
	}}
}

// inHex decodes a signature that has the prefix it should.
func inHex(text string, prefixed bool) [][]byte {
	raw, err := hex.DecodeString(text)
	if err != nil || !prefixed || len(raw) == 0 {
		return nil
	}
	return [][]byte{raw}
}
