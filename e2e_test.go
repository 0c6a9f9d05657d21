package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"shapewatch/alerting/slacktest"
	"shapewatch/demo"
)

// scripted is what the vendor does, and how a person must hear of it.
var scripted = []struct {
	change   string
	path     string // must be in the message
	severity string
}{
	{"rename", "customer", "breaking"},
	{"enum", "/status", "warning"},
	{"limit", "x-ratelimit-limit", "breaking"},
	{"retype", "/total", "breaking"},
	{"grow", "4,000", "breaking"},
	{"gone", "/country", "breaking"},
	{"sunset", "sunset", "warning"},
}

// TestEndToEnd_TellsEachChangeOnce starts the built binary against a vendor
// and a Slack, and follows the promise of the README: silence while only
// content varies, one alert per change with path and severity, an update when
// it is over, nothing twice after kill -9.
func TestEndToEnd_TellsEachChangeOnce(t *testing.T) {
	t.Parallel()
	bin := builtBinary(t)
	vendor, slack := newCountedVendor(t), newFakeSlack(t)
	dir := t.TempDir()
	writeConfig(t, dir, vendor.URL, slack.URL)
	s := startServer(t, bin, dir)

	within(t, 90*time.Second, "300 noisy checks", func() bool { return vendor.asked.Load() >= 300 })
	if messages, _ := slack.opened(); len(messages) > 0 {
		t.Fatalf("told although only content varied: %v\n%s", messages, s.log())
	}
	for _, c := range scripted {
		if err := vendor.Apply(c.change); err != nil {
			t.Fatal(err)
		}
		within(t, 60*time.Second, "an alert of "+c.change, func() bool { return told(slack, c.path, c.severity) })
	}
	s.kill()
	s = startServer(t, bin, dir)
	revertAt := vendor.asked.Load()
	if err := vendor.Revert("retype"); err != nil {
		t.Fatal(err)
	}
	within(t, 40*time.Second, "the end of retype", func() bool { return resolved(slack, "/total") })
	within(t, 30*time.Second, "more checks", func() bool { return vendor.asked.Load() > revertAt+60 })
	s.stop()

	messages, times := slack.opened()
	if len(messages) != len(scripted) {
		t.Errorf("%d incidents told, want %d: %s", len(messages), len(scripted), allTexts(messages))
	}
	for id, n := range times {
		if n != 1 {
			t.Errorf("incident %s was posted %d times: %s", id, n, messages[id].text)
		}
	}
	if refused, limited := slack.Refused(); limited != 1 || len(refused) > 0 {
		t.Errorf("Slack answered 429 %d times (want 1) and refused: %v", limited, refused)
	}
	if strings.Contains(s.log(), slacktest.BotToken) || strings.Contains(s.log(), "sk_canary") {
		t.Error("a secret is in the log")
	}
}

// A countedVendor is the demo's vendor with a request counter.
type countedVendor struct {
	*httptest.Server
	*demo.Vendor
	asked atomic.Int64
}

func newCountedVendor(t *testing.T) *countedVendor {
	v := &countedVendor{Vendor: demo.New(7)}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.asked.Add(1)
		v.Vendor.ServeHTTP(w, r)
	}))
	t.Cleanup(v.Close)
	return v
}

func writeConfig(t *testing.T, dir, vendor, slack string) {
	t.Helper()
	config := fmt.Sprintf(`
apis:
  - name: shop
    base: %s
    auth: { bearer: "${SHOP_KEY}" }
    allow_private: true
    every: 1s
    limits: { per_second: 50, concurrent: 8 }
    probes:
      - get: /v1/orders
      - get: /v1/orders/ord_4711
      - get: /v1/customers
      - get: /v1/invoices
      - get: /v1/products
      - get: /v1/balances
      - get: /v1/status
slack:
  bot_token: "${SLACK_TOKEN}"
  channel: "#api-drift"
  api_url: %s/api/
store: { path: shapewatch.db }
`, vendor, slack)
	if err := os.WriteFile(filepath.Join(dir, "shapewatch.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A server is one run of `shapewatch serve`.
type server struct {
	t    *testing.T
	cmd  *exec.Cmd
	done chan struct{}
	mu   sync.Mutex
	out  bytes.Buffer
	addr string
}

func startServer(t *testing.T, bin, dir string) *server {
	t.Helper()
	return startServerAt(t, bin, dir, freeAddress(t))
}

func startServerAt(t *testing.T, bin, dir, address string) *server {
	t.Helper()
	s := beginServerAt(t, bin, dir, address)
	within(t, 20*time.Second, "the page", func() bool {
		response, err := http.Get("http://" + s.addr + "/healthz")
		if err != nil {
			return false
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	return s
}

// beginServerAt starts a server and waits for nothing.
func beginServerAt(t *testing.T, bin, dir, address string) *server {
	t.Helper()
	s := &server{t: t, done: make(chan struct{}), addr: address}
	s.cmd = exec.Command(bin, "serve", "--listen", s.addr)
	s.cmd.Dir = dir
	s.cmd.Env = append(os.Environ(), "SHOP_KEY=sk_canary", "SLACK_TOKEN="+slacktest.BotToken)
	pipe, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stdout = s.cmd.Stderr
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.done)
		for scan := bufio.NewScanner(pipe); scan.Scan(); {
			s.mu.Lock()
			s.out.WriteString(scan.Text() + "\n")
			s.mu.Unlock()
		}
	}()
	t.Cleanup(s.kill)
	return s
}

func (s *server) log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

// kill ends the server as a power cut would.
func (s *server) kill() {
	_ = s.cmd.Process.Kill() // it may be gone already
	<-s.done
	_ = s.cmd.Wait() // killed: the error says so
}

// stop ends the server as a person would, and wants it to end well.
func (s *server) stop() {
	s.t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Fatal(err)
	}
	<-s.done
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("serve ended with %v:\n%s", err, s.log())
	}
}

// told reports whether some incident's message names the path and severity.
func told(f fakeSlack, path, severity string) bool {
	messages, _ := f.opened()
	for _, p := range messages {
		if whole := p.text + p.blocks; strings.Contains(whole, path) && strings.Contains(strings.ToLower(whole), severity) {
			return true
		}
	}
	return false
}

// resolved reports whether the message about a path says that it is over.
func resolved(f fakeSlack, path string) bool {
	messages, _ := f.opened()
	for _, p := range messages {
		if strings.Contains(p.blocks, path) && strings.Contains(strings.ToLower(p.text), "resolved") {
			return true
		}
	}
	return false
}

func allTexts(messages map[string]slackPost) string {
	var all []string
	for _, m := range messages {
		all = append(all, m.text)
	}
	return strings.Join(all, "\n")
}
