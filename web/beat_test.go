package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"shapewatch/heartbeats"
	"shapewatch/web"
)

func TestBeats_UnderstandsWhatJobsSay(t *testing.T) {
	type beat = heartbeats.Beat
	failed := func(text string) beat {
		b := beat{Kind: heartbeats.Failure, Items: -1}
		b.Fail(text)
		return b
	}
	for address, want := range map[string]beat{
		"GET /beat/export":                                     {Kind: heartbeats.Success, Items: -1},
		"HEAD /beat/export":                                    {Kind: heartbeats.Success, Items: -1},
		"GET /beat/export/":                                    {Kind: heartbeats.Success, Items: -1},
		"POST /beat/export/start?rid=7f1c":                     {Kind: heartbeats.Start, Run: "7f1c", Items: -1},
		"POST /beat/export?items=1200&attempt=2":               {Kind: heartbeats.Success, Attempt: 2, Items: 1200},
		"GET /beat/export/0":                                   {Kind: heartbeats.Success, Items: -1},
		"GET /beat/export/137":                                 failed("exit code 137"),
		"POST /beat/export/fail disk full on /dev/sda1":        failed("disk full on /dev/sda1"),
		`POST /beat/export {"items":0,"rid":"a","attempt":1}`:  {Kind: heartbeats.Success, Run: "a", Attempt: 1, Items: 0},
		`POST /beat/export/fail {"error":"timeout"}`:           failed("timeout"),
		"GET /beat/canary-key/billing/start":                   {Kind: heartbeats.Start, Items: -1},
		"GET /beat/export?items=-4&attempt=x&rid=" + long(200): {Kind: heartbeats.Success, Run: long(64), Items: -1},
	} {
		status, kept := beatOn(t, address, nil)
		if status != http.StatusOK || len(kept) != 1 {
			t.Errorf("%s: status %d, %d beats", address, status, len(kept))
			continue
		}
		if diff := cmp.Diff(want, kept[0], cmpopts.IgnoreFields(beat{}, "At")); diff != "" || kept[0].At.IsZero() {
			t.Errorf("%s: want -, got +:\n%s", address, diff)
		}
	}
}

func TestBeats_RefusesWhomItDoesNotKnow(t *testing.T) {
	for address, want := range map[string]int{
		"GET /beat/unknown":            404,
		"GET /beat/billing":            404, // it has a key
		"GET /beat/wrong/billing":      404,
		"GET /beat/canary-key/export":  404, // it has none
		"GET /beat/":                   404,
		"GET /beat/a/b/c/d":            404,
		"DELETE /beat/export":          405,
		"GET /beat/export/256":         404,
		"GET /beat/export/start/start": 404,
	} {
		status, kept := beatOn(t, address, nil)
		if status != want || len(kept) > 0 {
			t.Errorf("%s: status %d, want %d; %d beats", address, status, want, len(kept))
		}
	}
}

func TestBeats_AsksToTryAgainWhenNothingWasKept(t *testing.T) {
	if status, _ := beatOn(t, "GET /beat/export", errors.New("disk full")); status != http.StatusServiceUnavailable {
		t.Errorf("status %d", status)
	}
}

func long(n int) string { return strings.Repeat("x", n) }

// beatOn calls "METHOD /address body".
func beatOn(t *testing.T, call string, failure error) (status int, kept []heartbeats.Beat) {
	t.Helper()
	method, rest, _ := strings.Cut(call, " ")
	address, body, _ := strings.Cut(rest, " ")
	handler := web.Beats(web.BeatOptions{
		Known: func(key, name string) (string, bool) {
			return "jobs/" + name, key == "" && name == "export" || key == "canary-key" && name == "billing"
		},
		Keep: func(_ context.Context, probe string, beat heartbeats.Beat) error {
			if failure == nil {
				kept = append(kept, beat)
			}
			return failure
		},
	})
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(method, address, strings.NewReader(body)))
	return answer.Code, kept
}
