package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"shapewatch/probes"
	"shapewatch/store"
)

// TestEndToEnd_DeliversAfterAnOutageAndARestart keeps Slack down while a vendor
// changes, kills the server, and wants the alert when both are back: once, and
// only by then.
func TestEndToEnd_DeliversAfterAnOutageAndARestart(t *testing.T) {
	t.Parallel()
	bin, vendor, hook := builtBinary(t), newCountedVendor(t), newSlackHook(t)
	dir := t.TempDir()
	learnedStore(t, dir, vendor, "/v1/invoices")
	writeFile(t, dir, "shapewatch.yaml", fmt.Sprintf(`
apis:
  - name: shop
    base: %s
    allow_private: true
    every: 1s
    probes: [{ get: /v1/invoices }]
slack: { webhook: "%s/services/T0/B0/canary-hook" }
page: { url: "https://drift.example" }
`, vendor.URL, hook.URL))
	s := startServer(t, bin, dir)
	if err := vendor.Apply("retype"); err != nil {
		t.Fatal(err)
	}
	within(t, 30*time.Second, "an attempt to tell", func() bool { return hook.count(true) > 0 })
	s.kill()
	hook.up()
	s = startServer(t, bin, dir)
	within(t, 30*time.Second, "the alert", func() bool { return hook.count(false) > 0 })
	time.Sleep(3 * time.Second) // time enough to tell it again
	s.stop()
	texts := hook.texts()
	if len(texts) != 1 {
		t.Fatalf("told %d times, want once: %q", len(texts), texts)
	}
	for _, want := range []string{"/data/[]/total", "breaking", "https://drift.example/incidents/inc_"} {
		if !strings.Contains(texts[0], want) {
			t.Errorf("the alert does not say %q: %s", want, texts[0])
		}
	}
	if strings.Contains(s.log(), "canary-hook") {
		t.Error("the webhook's URL, a secret, is in the log")
	}
}

// TestEndToEnd_RoutesToChannels sends what breaks to two channels and a kind
// that nobody wants to none.
func TestEndToEnd_RoutesToChannels(t *testing.T) {
	t.Parallel()
	bin, vendor, slack := builtBinary(t), newCountedVendor(t), newFakeSlack(t)
	dir := t.TempDir()
	learnedStore(t, dir, vendor, "/v1/invoices", "/v1/balances")
	writeFile(t, dir, "shapewatch.yaml", fmt.Sprintf(`
apis:
  - name: shop
    base: %s
    allow_private: true
    every: 1s
    probes: [{ get: /v1/invoices }, { get: /v1/balances }]
slack: { bot_token: "${SLACK_TOKEN}", channel: "#api-drift", api_url: "%s/api/" }
alerts:
  routes:
    - { kind: provider-says, channels: [] }
    - { severity: breaking, channels: ["#oncall"], continue: true }
    - { channels: [slack] }
`, vendor.URL, slack.URL))
	s := startServer(t, bin, dir)
	for _, change := range []string{"sunset", "retype"} {
		if err := vendor.Apply(change); err != nil {
			t.Fatal(err)
		}
	}
	within(t, 40*time.Second, "two channels told", func() bool { return len(slack.channels()) == 2 })
	time.Sleep(2 * time.Second) // time enough for the one that nobody wants
	s.stop()
	for channel, texts := range slack.channels() {
		if channel != "#oncall" && channel != "#api-drift" || len(texts) != 1 || !strings.Contains(texts[0], "total") {
			t.Errorf("%s was told %q, want the change of total once", channel, texts)
		}
	}
}

// TestServe_ReloadsOnHangup sends SIGHUP after what the file names has changed,
// though the file itself has not.
func TestServe_ReloadsOnHangup(t *testing.T) {
	t.Parallel()
	bin, vendor := builtBinary(t), newCountedVendor(t)
	dir := t.TempDir()
	writeFile(t, dir, "shapewatch.yaml", fmt.Sprintf("include: [apis/*.yaml]\napis:\n  - { name: one, url: %q, allow_private: true }\n", vendor.URL+"/v1/status"))
	s := startServer(t, bin, dir)
	if err := os.Mkdir(filepath.Join(dir, "apis"), 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "apis/two.yaml", fmt.Sprintf("apis:\n  - { name: two, url: %q, allow_private: true }\n", vendor.URL+"/v1/orders"))
	if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	within(t, 10*time.Second, "the second API on the page", func() bool {
		response, err := http.Get("http://" + s.addr + "/api/v1/apis/two")
		if err != nil {
			return false
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	within(t, 10*time.Second, "word of it in the log", func() bool { return strings.Contains(s.log(), "configuration reloaded") })
	s.stop()
}

// A slackHook is Slack's end of an incoming webhook; it is down at first.
type slackHook struct {
	*httptest.Server
	mu               sync.Mutex
	serves           bool
	refused, accepts []string
}

func newSlackHook(t *testing.T) *slackHook {
	h := &slackHook{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		h.mu.Lock()
		defer h.mu.Unlock()
		if err != nil || !h.serves {
			h.refused = append(h.refused, string(body))
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if !json.Valid(body) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		h.accepts = append(h.accepts, string(body))
		io.WriteString(w, "ok")
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *slackHook) up() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.serves = true
}

func (h *slackHook) count(refused bool) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if refused {
		return len(h.refused)
	}
	return len(h.accepts)
}

func (h *slackHook) texts() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.accepts...)
}

func writeFile(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// learnedStore writes a store that has seen 40 answers of each path of the
// API "shop".
func learnedStore(t *testing.T, dir string, vendor *countedVendor, paths ...string) {
	t.Helper()
	state, err := store.OpenBolt(store.Options{Path: filepath.Join(dir, "shapewatch.db")})
	if err != nil {
		t.Fatal(err)
	}
	client := probes.NewClient(probes.Options{})
	defer client.Close()
	for _, path := range paths {
		err := learn(state, client, probes.Probe{
			ID: "shop/GET " + path, API: "shop", Operation: "GET " + path, URL: vendor.URL + path,
			AllowPrivate: true, Limits: probes.HostLimits{PerSecond: 1000, Concurrent: 8},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
}
