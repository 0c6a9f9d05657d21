package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestEndToEnd_HoldsNoMoreThanMayWait lets three events wait for a receiver that
// is down: the vendor of the fourth hears 503, also after a restart, and once
// the receiver is back it gets the three, and what comes then.
func TestEndToEnd_HoldsNoMoreThanMayWait(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	receiver := newOwnReceiver(t, everyTime(http.StatusServiceUnavailable))
	config := strings.Replace(forwardConfig(receiver.URL), "headers:", "most: 3, headers:", 1) +
		strings.Replace(strings.Split(forwardConfig(receiver.URL), "probes:\n")[1], "name: payments", "name: others", 1)
	writeFile(t, dir, "shapewatch.yaml", config)
	s := startServer(t, bin, dir)
	send := func(name, id string) (int, string) {
		body := `{"id":"` + id + `","type":"charge.paid"}`
		return postHeard(t, "http://"+s.addr+"/in/"+name, body, signings["stripe"].sign("canary-secret", body, time.Now()))
	}
	for _, id := range []string{"evt_0", "evt_1", "evt_2"} {
		if status, says := send("payments", id); status != http.StatusOK {
			t.Fatalf("%s: %d %s", id, status, says)
		}
	}
	for range 2 {
		if status, says := send("payments", "evt_3"); status != http.StatusServiceUnavailable || !strings.Contains(says, "too much waits for its receiver") {
			t.Errorf("the fourth: %d %s", status, says)
		}
	}
	if status, says := send("payments", "evt_1"); status != http.StatusOK {
		t.Errorf("one that waits, sent again: %d %s", status, says)
	}
	if status, says := send("others", "evt_3"); status != http.StatusOK {
		t.Errorf("another source: %d %s", status, says)
	}
	tellsOfTheBound(t, bin, dir, s)
	s.stop()
	s = startServerAt(t, bin, dir, s.addr)
	if status, says := send("payments", "evt_3"); status != http.StatusServiceUnavailable {
		t.Errorf("the fourth after a restart: %d %s", status, says)
	}
	within(t, 90*time.Second, "the incident", func() bool {
		told := incidentsOf(t, s)
		return strings.Contains(told, "webhook-not-handed-on") && strings.Contains(told, "3 waiting since") && strings.Contains(told, "no more may wait, and the vendor hears 503")
	})
	receiver.change(everyTime(http.StatusOK))
	within(t, 120*time.Second, "all that waited", func() bool { return strings.Contains(runForwards(t, bin, dir, s.addr), "payments: 3 taken, 0 waiting") })
	if status, says := send("payments", "evt_3"); status != http.StatusOK {
		t.Errorf("the fourth, with room: %d %s", status, says)
	}
	within(t, 60*time.Second, "the fourth", func() bool { return strings.Contains(runForwards(t, bin, dir, s.addr), "payments: 4 taken, 0 waiting") })
	var got []string
	for _, id := range receiver.taken() { // of the other source there is evt_3, too
		if id != "evt_3" {
			got = append(got, id)
		}
	}
	if !slices.Equal(got, []string{"evt_0", "evt_1", "evt_2"}) {
		t.Errorf("in order: %v", got)
	}
	within(t, 90*time.Second, "its end", func() bool { return strings.Contains(incidentsOf(t, s), `"condition":"resolved"`) })
	s.stop()
}

// tellsOfTheBound wants what was turned away counted, on the page, as JSON and
// in the metrics, and how much waits of what may.
func tellsOfTheBound(t *testing.T, bin, dir string, s *server) {
	t.Helper()
	if text := runForwards(t, bin, dir, s.addr); !strings.Contains(text, "payments: 0 taken, 3 waiting, 0 given up; 3 of 3 events and ") || !strings.Contains(text, "no more do, and the vendor hears 503") {
		t.Errorf("listed: %s", text)
	}
	page := string(fetched(s, "/apis/payments?operation="+url.QueryEscape("webhook payments")))
	for _, want := range []string{"2 turned away because too many wait for your receiver", "3 of 3 events"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q on the page", want)
		}
	}
	if text := string(fetched(s, "/api/v1/webhooks")); !strings.Contains(text, `"backlog":2`) {
		t.Errorf("as JSON: %s", text)
	}
	if text := string(fetched(s, "/api/v1/forwards")); !strings.Contains(text, `"most":3,"most_bytes":268435456,"full":true`) {
		t.Errorf("as JSON: %s", text)
	}
	text, of := string(fetched(s, "/metrics")), `{api="payments",operation="webhook payments"`
	for _, want := range []string{"shapewatch_webhook_requests_total" + of + `,outcome="backlog"} 2`, "shapewatch_forward_fill_ratio" + of + "} 1"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
}
