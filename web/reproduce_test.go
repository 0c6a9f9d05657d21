package web

import (
	"net/http"
	"strings"
	"testing"

	"shapewatch/probes"
)

// TestCurl_TellsNoSecret writes probes as commands.
func TestCurl_TellsNoSecret(t *testing.T) {
	for _, c := range []struct {
		probe probes.Probe
		want  string
	}{
		{probes.Probe{API: "stripe", Operation: "GET /v1/charges/{CHARGE_ID}", URL: "https://api.stripe.com/v1/charges/ch_hunter2", Auth: probes.Bearer("hunter2")},
			"curl -i \\\n  -H \"Authorization: Bearer ${STRIPE_TOKEN}\" \\\n  \"https://api.stripe.com/v1/charges/${CHARGE_ID}\""},
		{probes.Probe{API: "shop", Operation: "POST /orders", URL: "https://shop.example/orders?page=hunter2", Query: http.Header{"api_key": {"hunter2"}},
			Header: http.Header{"X-Key": {"hunter2"}, "Accept": {"application/json"}}, Body: []byte("hunter2")},
			"curl -i \\\n  -X \"POST\" \\\n  -H \"Accept: application/json\" \\\n  -H \"X-Key: ${X_KEY}\" \\\n  --data @body.json \\\n  \"https://shop.example/orders?api_key=${API_KEY}&page=${PAGE}\""},
		{probes.Probe{API: "x", Operation: "GET /a\"$(rm -rf)`b`", URL: "https://x.example/a"},
			"curl -i \\\n  \"https://x.example/a\\\"\\$(rm -rf)\\`b\\`\""},
		{probes.Probe{API: "x", Operation: "a job", URL: ""}, ""},
	} {
		if got := curl(c.probe); got != c.want || strings.Contains(got, "hunter2") {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
}
