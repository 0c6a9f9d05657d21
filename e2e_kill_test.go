package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/store"
)

// TestEndToEnd_LosesNothingWhenKilled drains an outbox of many incidents, each
// opened and resolved, with the real binary, and kills it with SIGKILL at
// random instants until nothing waits: lost 0, out of order 0, and what was
// told twice is counted and named in the log. 10,000 incidents when
// SHAPEWATCH_REQUIRE_ALL is 1, else 1,000.
func TestEndToEnd_LosesNothingWhenKilled(t *testing.T) {
	t.Parallel()
	incidents := 1000
	if os.Getenv("SHAPEWATCH_REQUIRE_ALL") == "1" {
		incidents = 10_000
	}
	bin, ear, dir := builtBinary(t), newEar(t), t.TempDir()
	fillOutbox(t, dir, incidents)
	writeFile(t, dir, "shapewatch.yaml", killConfig(ear.URL))
	random := rand.New(rand.NewPCG(9, 9))
	deadline := time.Now().Add(time.Duration(incidents) * 90 * time.Millisecond)
	kills := 0
	for !ear.heardAll(incidents) {
		if time.Now().After(deadline) {
			t.Fatalf("after %d kills, %d of %d incidents are told to the end", kills, ear.ended(), incidents)
		}
		s := startServer(t, bin, dir)
		for end := time.Now().Add(time.Duration(random.IntN(400+incidents/5)) * time.Millisecond); time.Now().Before(end) && !ear.heardAll(incidents); {
			time.Sleep(5 * time.Millisecond)
		}
		s.kill()
		kills++
	}
	lost, unordered, doubled := ear.reckon(incidents)
	t.Logf("%d incidents, %d steps, %d kills: lost %d, out of order %d, told twice %d", incidents, 2*incidents, kills, lost, unordered, doubled)
	if lost+unordered > 0 || doubled > kills*killChannels {
		t.Errorf("lost %d, out of order %d, told twice %d: at most one for each kill and channel", lost, unordered, doubled)
	}
	if kills < 3 {
		t.Errorf("killed %d times only: that proves nothing", kills)
	}
}

const killChannels = 5

func killConfig(url string) string {
	var b strings.Builder
	b.WriteString("apis: [{ name: idle, url: \"http://127.0.0.1:9/\", allow_private: true, every: 12h }]\nalerts:\n  channels:\n")
	for i := range killChannels {
		fmt.Fprintf(&b, "    - { name: hook%d, webhook: { url: %q } }\n", i, url)
	}
	return b.String()
}

// fillOutbox writes a store in which every incident has opened and is over,
// and nobody has heard of either.
func fillOutbox(t *testing.T, dir string, incidents int) {
	t.Helper()
	state, err := store.OpenBolt(store.Options{Path: filepath.Join(dir, "shapewatch.db")})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	for first := 0; first < incidents; first += 500 {
		var open, over alerting.Ruling
		for i := first; i < min(first+500, incidents); i++ {
			inc := alerting.Incident{
				ID: fmt.Sprintf("inc_%016x", i), API: "shop", Title: "`a` is gone from GET /a", Severity: contracts.Breaking,
				Condition: alerting.Firing, Handling: alerting.New, Opened: now, Changed: now, Version: 1,
				Entries: []alerting.Entry{{Probe: "shop/a", Since: now, Finding: contracts.Finding{API: "shop", Operation: "GET /a", Path: "/a", Kind: "field-removed", Severity: contracts.Breaking}}},
			}
			row := func(kind alerting.TransitionKind, version uint64) alerting.Delivery {
				return alerting.Delivery{Channel: fmt.Sprint("hook", i%killChannels), Incident: inc.ID, Severity: inc.Severity, Created: now,
					Transition: alerting.Transition{Incident: inc.ID, Kind: kind, Version: version, At: now, Reason: "a test"}}
			}
			open.Incidents, open.Deliveries = append(open.Incidents, inc), append(open.Deliveries, row(alerting.Opened, 1))
			inc.Version, inc.Condition, inc.Resolved = 2, alerting.Resolved, now
			inc.Entries = slices.Clone(inc.Entries)
			inc.Entries[0].Ended = now
			over.Incidents, over.Deliveries = append(over.Incidents, inc), append(over.Deliveries, row(alerting.Closed, 2))
		}
		for _, ruling := range []alerting.Ruling{open, over} {
			if err := state.Rule(t.Context(), ruling); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
}

// An ear receives events and remembers in which order.
type ear struct {
	*httptest.Server
	mu    sync.Mutex
	heard map[string][]string // kinds by incident
	over  map[string]bool
}

func newEar(t *testing.T) *ear {
	e := &ear{heard: map[string][]string{}, over: map[string]bool{}}
	e.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // what was sent is in the header
		id, rest, _ := strings.Cut(r.Header.Get("Webhook-Id"), ".")
		_, kind, _ := strings.Cut(rest, ".")
		e.mu.Lock()
		defer e.mu.Unlock()
		e.heard[id] = append(e.heard[id], kind)
		if kind == string(alerting.Closed) {
			e.over[id] = true
		}
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *ear) ended() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.over)
}

func (e *ear) heardAll(incidents int) bool { return e.ended() == incidents }

// reckon counts incidents of which something was never told, was told in the
// wrong order, and the messages that were told again.
func (e *ear) reckon(incidents int) (lost, unordered, doubled int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := range incidents {
		kinds := e.heard[fmt.Sprintf("inc_%016x", i)]
		doubled += len(kinds)
		kinds = slices.Compact(slices.Clone(kinds))
		doubled -= len(kinds)
		switch {
		case !slices.Contains(kinds, string(alerting.Opened)), !slices.Contains(kinds, string(alerting.Closed)):
			lost++
		case len(kinds) != 2 || kinds[0] != string(alerting.Opened):
			unordered++
		}
	}
	return lost, unordered, doubled
}
