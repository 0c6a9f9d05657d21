package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// TestEndToEnd_ListensToAWebSocket to whose messages three things happen: one
// type of them changes, nothing comes any more, and the credential is refused.
func TestEndToEnd_ListensToAWebSocket(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	var mood atomic.Value
	mood.Store("well")
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if mood.Load() == "locked" || r.Header.Get("Authorization") != "Bearer tok_market_4711" {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error":"invalid_token"}`)
			return
		}
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return // the client tells
		}
		defer c.CloseNow()
		if _, text, err := c.Read(r.Context()); err != nil || string(text) != `{"op":"subscribe"}` {
			return
		}
		for i := range 6 {
			text := fmt.Sprintf(`{"type":%q,"amount":%d}`, []string{"price", "trade"}[i%2], 100+i)
			if mood.Load() == "changed" && i%2 == 1 {
				text = fmt.Sprintf(`{"type":"trade","amount":"%d.00"}`, 100+i)
			}
			if mood.Load() != "mute" && c.Write(r.Context(), websocket.MessageText, []byte(text)) != nil {
				return
			}
		}
		<-c.CloseRead(r.Context()).Done()
	}))
	t.Cleanup(vendor.Close)
	writeFile(t, dir, "shapewatch.yaml", `
apis:
  - name: market
    base: "`+vendor.URL+`"
    auth: { bearer: tok_market_4711 }
    allow_private: true
    sensitivity: alert
    every: 1s
    probes:
      - websocket: /v2/stream
        send: { op: subscribe }
        events: { most: 6, for: 5s, type: /type }
`)
	s := startServer(t, bin, dir)
	answers := regexp.MustCompile(`From (\d+) answers`)
	within(t, 180*time.Second, "learned", func() bool {
		found := answers.FindSubmatch(fetched(s, "/apis/market"))
		if found == nil {
			return false
		}
		n, err := strconv.Atoi(string(found[1]))
		return err == nil && n >= 25
	})
	tells := func(what string, words ...string) {
		t.Helper()
		within(t, 120*time.Second, what+" told", func() bool {
			text := incidentsOf(t, s)
			for _, w := range words {
				if !strings.Contains(text, w) {
					return false
				}
			}
			return true
		})
	}
	mood.Store("changed")
	tells("the amount of trades", "kind-changed", "/trade/[]/amount")
	mood.Store("mute")
	tells("the silence", "unreachable", "the WebSocket brought no message within 5 s")
	mood.Store("locked")
	tells("the credential", "status-changed", `"auth"`)
	if strings.Contains(incidentsOf(t, s), "tok_market_4711") {
		t.Error("the token is told")
	}
	s.stop()
}
