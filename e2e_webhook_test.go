package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shapewatch/store"
	"shapewatch/webhooks"
)

const webhookConfig = `
apis:
  - name: payments
    probes:
      - webhook: { name: payments, signed: stripe, secrets: [canary-old-secret, canary-secret] }
      - webhook: { name: parcels, signed: "no", key: canary-key }
`

// TestEndToEnd_ReceivesWebhooks sends events as a vendor does: signed and not,
// twice, of two types, and then in another shape.
func TestEndToEnd_ReceivesWebhooks(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	writeFile(t, dir, "shapewatch.yaml", webhookConfig)
	s := startServer(t, bin, dir)
	send := func(id, kind, rest string) int {
		return sendStripe(t, "http://"+s.addr+"/in/payments", "canary-secret", fmt.Sprintf(`{"id":%q,"type":%q,%s}`, id, kind, rest))
	}
	for i := range 40 {
		status := send(fmt.Sprint("evt_", i), []string{"charge.paid", "charge.refunded"}[i%2], fmt.Sprintf(`"amount":%d`, 100+i))
		if status != http.StatusOK {
			t.Fatalf("event %d: status %d", i, status)
		}
	}
	if status := send("evt_1", "charge.refunded", `"amount":101`); status != http.StatusOK {
		t.Errorf("the same event again: status %d", status)
	}
	s.kill() // what was answered with 200 is on disk
	s = startServer(t, bin, dir)
	for i := range 20 {
		send(fmt.Sprint("new_", i), "charge.paid", fmt.Sprintf(`"amount":"%d.00"`, 100+i))
	}
	within(t, 60*time.Second, "another type of amount told", func() bool {
		text := incidentsOf(t, s)
		return strings.Contains(text, "kind-changed") && strings.Contains(text, "/charge.paid/amount")
	})
	if text := incidentsOf(t, s); strings.Contains(text, "/charge.refunded") {
		t.Errorf("the other type is told too: %s", text)
	}
	for address, want := range map[string]int{"/in/unknown": 404, "/in/parcels": 404, "/in/wrong/parcels": 404, "/in/canary-key/parcels": 200} {
		if status := post(t, "http://"+s.addr+address, `{"id":"p1","type":"packed"}`, nil); status != want {
			t.Errorf("%s: status %d, want %d", address, status, want)
		}
	}
	for range 3 {
		if status := sendStripe(t, "http://"+s.addr+"/in/payments", "rotated", `{"id":"x","type":"charge.paid"}`); status != http.StatusUnauthorized {
			t.Errorf("another secret: status %d", status)
		}
	}
	within(t, 60*time.Second, "refusals told", func() bool {
		text := incidentsOf(t, s)
		return strings.Contains(text, "webhook-refused") && strings.Contains(text, "the signature is wrong")
	})
	s.stop()
	if strings.Contains(s.log(), "canary-") {
		t.Error("a secret is in the log")
	}
}

// TestEndToEnd_HearsSilence starts on a store in which events of two types came
// every half hour for nine days; those of one stopped three hours ago. What
// comes of the other meanwhile says nothing about it.
func TestEndToEnd_HearsSilence(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	writeFile(t, dir, "shapewatch.yaml", webhookConfig)
	_, kept := keepSilence(t, filepath.Join(dir, "shapewatch.db"))
	s := startServer(t, bin, dir)
	within(t, 30*time.Second, "the silence told", func() bool {
		text := incidentsOf(t, s)
		return strings.Contains(text, "webhook-silent") && strings.Contains(text, "never quiet for longer than 30m0s")
	})
	send := func(id, kind string) {
		if status := sendStripe(t, "http://"+s.addr+"/in/payments", "canary-secret", fmt.Sprintf(`{"id":%q,"type":%q}`, id, kind)); status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
	}
	for i := range 10 {
		send(fmt.Sprint("evt_", 20000+i), "charge.refunded")
	}
	within(t, 80*time.Second, "the others learned", func() bool {
		return strings.Contains(string(fetched(s, "/api/v1/apis/payments/shape")), fmt.Sprintf(`"answers":%d,`, kept+10))
	})
	send("evt_30000", "charge.paid")
	within(t, 80*time.Second, "its end told", func() bool { return strings.Contains(incidentsOf(t, s), `"condition":"resolved"`) })
	if text := incidentsOf(t, s); strings.Contains(text, `"reopened"`) {
		t.Errorf("it was told over before it was: %s", text)
	}
	s.stop()
}

// TestEndToEnd_HearsNoSilenceOfItsOwn starts on the same store, by which
// shapewatch was stopped just after the last event: it is we who did not listen.
func TestEndToEnd_HearsNoSilenceOfItsOwn(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	writeFile(t, dir, "shapewatch.yaml", webhookConfig)
	path := filepath.Join(dir, "shapewatch.db")
	stopped, kept := keepSilence(t, path)
	state, err := store.OpenBolt(store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := state.Listened(t.Context(), stopped.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, bin, dir)
	within(t, 80*time.Second, "all learned", func() bool {
		return strings.Contains(string(fetched(s, "/api/v1/apis/payments/shape")), fmt.Sprintf(`"answers":%d,`, kept))
	})
	if text := incidentsOf(t, s); strings.Contains(text, "webhook-silent") {
		t.Errorf("told of our own downtime: %s", text)
	}
	s.stop()
}

// keepSilence makes a store in which events of two types came every half hour
// for nine days, and those of one, charge.paid, stopped three hours ago; kept is
// how many events it keeps.
func keepSilence(t *testing.T, path string) (stopped time.Time, kept int) {
	t.Helper()
	state, err := store.OpenBolt(store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	keep := func(kind string, at time.Time) {
		body := fmt.Appendf(nil, `{"id":"evt_%d","type":%q}`, 10000+kept, kind)
		if _, err := state.KeepArrival(context.Background(), "payments/webhook payments", webhooks.Arrival{Type: kind, At: at, Body: body}); err != nil {
			t.Fatal(err)
		}
		kept++
	}
	stopped = time.Now().Add(-3 * time.Hour)
	for at := stopped.Add(-9 * 24 * time.Hour); at.Before(time.Now()); at = at.Add(30 * time.Minute) {
		keep("charge.refunded", at)
		if !at.After(stopped) {
			keep("charge.paid", at)
		}
	}
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
	return stopped, kept
}

func sendStripe(t *testing.T, url, secret, body string) int {
	t.Helper()
	stamp := fmt.Sprint(time.Now().Unix())
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "." + body))
	return post(t, url, body, map[string]string{"Stripe-Signature": "t=" + stamp + ",v1=" + hex.EncodeToString(mac.Sum(nil))})
}

func post(t *testing.T, url, body string, header map[string]string) int {
	t.Helper()
	status, _ := postHeard(t, url, body, header)
	return status
}

// postHeard sends a body, and returns the status and what was answered.
func postHeard(t *testing.T, url, body string, header map[string]string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(said)
}
