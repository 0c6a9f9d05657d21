package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// An ownReceiver is a user's receiver that notes all that it gets, and takes
// what the test lets it.
type ownReceiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []received
	answer func(id string, nth int) int // a status; 0 loses the answer after the event was taken
}

type received struct {
	id, body, attempt string
	header            http.Header
	taken             bool
}

func newOwnReceiver(t *testing.T, answer func(id string, nth int) int) *ownReceiver {
	r := &ownReceiver{answer: answer}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *ownReceiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	var said struct{ ID string }
	_ = json.Unmarshal(body, &said)
	r.mu.Lock()
	nth := len(slices.DeleteFunc(slices.Clone(r.got), func(g received) bool { return g.id != said.ID })) + 1
	status := r.answer(said.ID, nth)
	r.got = append(r.got, received{said.ID, string(body), q.Header.Get("Shapewatch-Attempt"), q.Header, status/100 == 2 || status == 0})
	r.mu.Unlock()
	if status == 0 {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(status)
}

func (r *ownReceiver) change(answer func(id string, nth int) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func (r *ownReceiver) requests() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// taken are the events that it took, in the order of the first time.
func (r *ownReceiver) taken() (ids []string) {
	for _, g := range r.requests() {
		if g.taken && !slices.Contains(ids, g.id) {
			ids = append(ids, g.id)
		}
	}
	return ids
}

func everyTime(status int) func(string, int) int { return func(string, int) int { return status } }

func forwardConfig(url string) string {
	return `
apis:
  - name: payments
    probes:
      - webhook:
          name: payments
          signed: stripe
          secrets: [canary-secret]
          forward: { url: "` + url + `?key=canary-query", headers: { Authorization: "Bearer canary-token" } }
`
}

// vend sends an event as a vendor does, again until it is accepted; false when
// it never was.
func vend(t *testing.T, s *server, id, body string) bool {
	stamp := fmt.Sprint(time.Now().Unix())
	mac := hmac.New(sha256.New, []byte("canary-secret"))
	mac.Write([]byte(stamp + "." + body))
	for range 200 {
		request, err := http.NewRequest(http.MethodPost, "http://"+s.addr+"/in/payments", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Stripe-Signature", "t="+stamp+",v1="+hex.EncodeToString(mac.Sum(nil)))
		request.Header.Set("X-Vendor", "caf\xe9 "+id)
		request.Header.Set("Connection", "X-Hop")
		request.Header.Set("X-Hop", "only to you")
		request.Header.Set("User-Agent", "Vendor/2.0")
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return true
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false
}

// runForwards asks the server at an address, or the store when it is stopped.
func runForwards(t *testing.T, bin, dir, address string, args ...string) string {
	t.Helper()
	args = append([]string{"forwards"}, args...)
	if address != "" {
		args = append(args, "--server", "http://"+address)
	}
	cmd := exec.Command(bin, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// TestEndToEnd_HandsWebhooksOn sends events to a program that is killed between
// them: all arrive at the user's own receiver as they came, in order, and what
// comes twice says so.
func TestEndToEnd_HandsWebhooksOn(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	receiver := newOwnReceiver(t, func(id string, nth int) int {
		switch {
		case id == "evt_7" && nth == 1:
			return http.StatusServiceUnavailable
		case id == "evt_11" && nth == 1:
			return 0 // taken, and nobody heard of it
		}
		return http.StatusOK
	})
	writeFile(t, dir, "shapewatch.yaml", forwardConfig(receiver.URL+"/hooks"))
	s := startServer(t, bin, dir)
	const events = 60
	var want []string
	for i := range events {
		id := fmt.Sprint("evt_", i)
		if !vend(t, s, id, fmt.Sprintf("{ \"id\":%q,\"type\" : \"charge.paid\",\n\t\"amount\": %d.50 }", id, i)) {
			t.Fatalf("%s was never accepted", id)
		}
		want = append(want, id)
		if i%15 == 9 {
			s.kill()
			s = startServerAt(t, bin, dir, s.addr)
		}
	}
	within(t, 90*time.Second, "all events at the receiver", func() bool { return len(receiver.taken()) >= events })
	if got := receiver.taken(); !slices.Equal(got, want) {
		t.Errorf("in another order: %v", got)
	}
	text := ""
	within(t, 60*time.Second, "all settled", func() bool {
		text = runForwards(t, bin, dir, s.addr)
		return strings.Contains(text, ": 60 taken, 0 waiting, 0 given up")
	})
	checkReceived(t, receiver.requests(), text)
	s.stop()
	if strings.Contains(s.log(), "canary-") {
		t.Errorf("a secret is in the log:\n%s", s.log())
	}
}

// checkReceived wants every request as the vendor sent it, and each that may be
// the second of its event marked and counted.
func checkReceived(t *testing.T, requests []received, listed string) {
	t.Helper()
	twice, seen := map[string]bool{}, map[string]bool{}
	for _, r := range requests {
		number := strings.TrimPrefix(r.id, "evt_")
		if want := fmt.Sprintf("{ \"id\":%q,\"type\" : \"charge.paid\",\n\t\"amount\": %s.50 }", r.id, number); r.body != want {
			t.Errorf("body %q", r.body)
		}
		h := r.header
		if h.Get("X-Vendor") != "caf\xe9 "+r.id || h.Get("User-Agent") != "Vendor/2.0" || h.Get("X-Hop") != "" || h.Get("Authorization") != "Bearer canary-token" || h.Get("Stripe-Signature") == "" {
			t.Errorf("header %q", h)
		}
		if seen[r.id] && r.attempt == "" {
			t.Errorf("%s came again and does not say so", r.id)
		}
		if seen[r.id] && r.taken {
			twice[r.id] = true
		}
		seen[r.id] = seen[r.id] || r.taken
	}
	counted := 0
	if m := regexp.MustCompile(`(\d+) may have come twice`).FindStringSubmatch(listed); m != nil {
		_, _ = fmt.Sscan(m[1], &counted)
	}
	if !twice["evt_11"] || counted < len(twice) {
		t.Errorf("%d came twice (%v), counted are %d", len(twice), twice, counted)
	}
}

// TestEndToEnd_SendsDeadEventsAgain: what a receiver refuses for good is told,
// listed without its payload, overtaken by what comes, and sent again.
func TestEndToEnd_SendsDeadEventsAgain(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	receiver := newOwnReceiver(t, func(id string, _ int) int {
		if id == "evt_1" {
			return http.StatusUnprocessableEntity
		}
		return http.StatusOK
	})
	writeFile(t, dir, "shapewatch.yaml", forwardConfig(receiver.URL+"/hooks"))
	s := startServer(t, bin, dir)
	for i := range 3 {
		vend(t, s, fmt.Sprint("evt_", i), fmt.Sprintf(`{"id":"evt_%d","type":"charge.paid","card":"canary-card"}`, i))
	}
	within(t, 60*time.Second, "the third event", func() bool { return slices.Equal(receiver.taken(), []string{"evt_0", "evt_2"}) })
	text := ""
	within(t, 60*time.Second, "one given up", func() bool {
		text = runForwards(t, bin, dir, s.addr)
		return strings.Contains(text, "payments: 2 taken, 0 waiting, 1 given up")
	})
	line := regexp.MustCompile(`(?m)^  (\d+) .*charge\.paid evt_1, 1 attempt: answered 422`).FindStringSubmatch(text)
	if line == nil || strings.Contains(text, "canary-") {
		t.Fatalf("listed:\n%s", text)
	}
	within(t, 90*time.Second, "that it is told", func() bool { return strings.Contains(incidentsOf(t, s), "webhook-not-handed-on") })
	receiver.change(everyTime(http.StatusOK))
	if text := runForwards(t, bin, dir, s.addr, "send", "payments", line[1]); text != "1 sent again\n" {
		t.Errorf("send: %q", text)
	}
	within(t, 60*time.Second, "the event sent again", func() bool { return slices.Equal(receiver.taken(), []string{"evt_0", "evt_2", "evt_1"}) })
	within(t, 90*time.Second, "its end told", func() bool { return strings.Contains(incidentsOf(t, s), `"condition":"resolved"`) })
	s.stop()
	if text := runForwards(t, bin, dir, ""); !strings.Contains(text, "payments: 3 taken, 0 waiting, 0 given up") {
		t.Errorf("of a server that is stopped: %s", text)
	}
}
