package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestEndToEnd_FindsWhatWasNeverAnnounced has a shop that announces every
// change (announces_all), and a row in the books that it said nothing of.
func TestEndToEnd_FindsWhatWasNeverAnnounced(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	books := sqliteBooks(t, dir)
	books.exec(t, "PRAGMA busy_timeout = 30000")
	books.exec(t, "CREATE TABLE orders (ref TEXT, state TEXT, total TEXT, changed TEXT)")
	books.exec(t, "INSERT INTO orders VALUES ('1', 'paid', '1.50', '2026-01-01 10:00:00')") // from before anybody listened
	writeFile(t, dir, "shapewatch.yaml", strings.Replace(announcedConfig, "deleted_by: [orders/delete]", "deleted_by: [orders/delete]\n            announces_all: true", 1))
	s := startServer(t, bin, dir)
	insert := func(id int) (changed time.Time) { // later than the lag after the first event
		changed = time.Now().UTC().Add(8 * time.Second).Truncate(time.Second)
		books.exec(t, fmt.Sprintf("INSERT INTO orders VALUES ('%d', 'paid', '%d.50', '%s')", id, id, changed.Format(time.DateTime)))
		return changed
	}
	first := insert(2000)
	announce(t, s, "orders/create", "e2000", announcedOrder(2000, "paid", first.Format(time.RFC3339)))
	silent := insert(2001)
	within(t, 60*time.Second, "what was never announced told", func() bool {
		return strings.Contains(incidentsOf(t, s), "1 row of books missing in shopify")
	})
	announce(t, s, "orders/create", "e2001", announcedOrder(2001, "paid", silent.Format(time.RFC3339)))
	within(t, 60*time.Second, "the end told", func() bool {
		text := incidentsOf(t, s)
		return strings.Contains(text, `"condition":"resolved"`) && !strings.Contains(text, `"condition":"firing"`)
	})
	s.stop()
}

// TestEndToEnd_AsksCanariesBeforeItBlamesAnAPI takes an API away: with a canary
// that answers that is told, and with one that does not it is our own network.
func TestEndToEnd_AsksCanariesBeforeItBlamesAnAPI(t *testing.T) {
	t.Parallel()
	bin := builtBinary(t)
	var asked atomic.Int64
	canary := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(canary.Close)
	begin := func(t *testing.T, canary string) *server {
		dir := t.TempDir()
		writeFile(t, dir, "shapewatch.yaml", fmt.Sprintf(`
apis: [{ name: gone, base: "http://%s", allow_private: true, every: 1s, timeout: 1s, probes: [{ get: /v1/orders }] }]
alerts: { canaries: ["%s"] }
`, freeAddress(t), canary))
		return startServer(t, bin, dir)
	}
	const own = "it is our own network"
	t.Run("answers", func(t *testing.T) {
		t.Parallel()
		s := begin(t, canary.URL)
		within(t, 60*time.Second, "the API blamed", func() bool { return strings.Contains(incidentsOf(t, s), `"kind":"unreachable"`) })
		s.stop()
		if asked.Load() == 0 || strings.Contains(s.log(), own) {
			t.Errorf("the canary was asked %d times: %s", asked.Load(), s.log())
		}
	})
	t.Run("does not", func(t *testing.T) {
		t.Parallel()
		s := begin(t, "http://"+freeAddress(t))
		within(t, 60*time.Second, "our own network blamed", func() bool { return strings.Contains(s.log(), own) })
		s.stop()
	})
}

// TestEndToEnd_DropsDeadEvents drops one event that was given up by its number
// and the rest without: they are gone for good, and the audit trail says who.
func TestEndToEnd_DropsDeadEvents(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	receiver := newOwnReceiver(t, everyTime(http.StatusUnprocessableEntity))
	writeFile(t, dir, "shapewatch.yaml", forwardConfig(receiver.URL))
	s := startServer(t, bin, dir)
	for i := range 3 {
		vend(t, s, fmt.Sprint("evt_", i), fmt.Sprintf(`{"id":"evt_%d","type":"charge.paid"}`, i))
	}
	text := ""
	within(t, 60*time.Second, "all given up", func() bool {
		text = runForwards(t, bin, dir, s.addr)
		return strings.Contains(text, "payments: 0 taken, 0 waiting, 3 given up")
	})
	receiver.change(everyTime(http.StatusOK))
	line := regexp.MustCompile(`(?m)^  (\d+) .* evt_1, 1 attempt`).FindStringSubmatch(text)
	if line == nil {
		t.Fatalf("listed:\n%s", text)
	}
	for _, c := range []struct{ args, want string }{
		{"drop payments " + line[1], "1 dropped\n"}, {"drop payments", "2 dropped\n"},
	} {
		if got := runForwards(t, bin, dir, s.addr, strings.Fields(c.args)...); got != c.want {
			t.Errorf("%s: %q, want %q", c.args, got, c.want)
		}
	}
	if text := runForwards(t, bin, dir, s.addr); !strings.Contains(text, "payments: 0 taken, 0 waiting, 0 given up") {
		t.Errorf("still listed: %s", text)
	}
	if page := string(fetched(s, "/silences")); !strings.Contains(page, "2 events of payments") {
		t.Errorf("the audit trail does not have it: %s", page)
	}
	s.stop()
	if len(receiver.taken()) > 0 {
		t.Errorf("sent all the same: %v", receiver.taken())
	}
}
