package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestForget_SaysWhatWasUnlearnedOfEachProbe, and refuses what makes no sense.
func TestForget_SaysWhatWasUnlearnedOfEachProbe(t *testing.T) {
	h := newWorld(time.Now()).handler()
	for _, x := range []struct {
		api, body, want string
		status          int
	}{
		{"stripe", `{"from":"2026-03-02T14:00:00Z","to":"2026-03-02T15:00:00Z"}`, `"answers":12,"from":"2026-03-02T14:00:00Z","to":"2026-03-02T15:00:00Z"`, 200},
		{"adyen", `{"from":"2026-03-02T14:00:00Z"}`, `"answers":0}`, 200},
		{"stripe", `{"from":"2026-03-02T14:00:00Z","probes":["adyen/1"]}`, `not found`, 404},
		{"nobody", `{"from":"2026-03-02T14:00:00Z"}`, `not found`, 404},
		{"stripe", `{}`, `from is a time such as`, 400},
		{"stripe", `{"from":"2026-03-02T14:00:00Z","to":"2026-03-01T14:00:00Z"}`, `from is not before to`, 400},
		{"stripe", `{"from":"2026-03-02T14:00:00Z","reason":"` + strings.Repeat("x", 501) + `"}`, `at most 500`, 400},
	} {
		r := httptest.NewRequest("POST", "/api/v1/apis/"+x.api+"/forget", strings.NewReader(x.body))
		r.Header.Set("Content-Type", "application/json")
		atHome(r)
		w := send(h, r)
		if w.Code != x.status || !strings.Contains(w.Body.String(), x.want) {
			t.Errorf("%s %.80s: %d %.200s, want %d with %s", x.api, x.body, w.Code, w.Body, x.status, x.want)
		}
	}
}
