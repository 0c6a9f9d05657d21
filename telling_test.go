package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
	"shapewatch/store"
)

// TestTelling_UsesTheChannelsOfTheLastReload tells one incident by webhook
// before and another after the configuration changed.
func TestTelling_UsesTheChannelsOfTheLastReload(t *testing.T) {
	state := store.NewMemory(store.Retention{})
	defer state.Close()
	told := newTelling(state, slog.New(slog.DiscardHandler), nil)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)

	first, second := newHook(t), newHook(t)
	told.change(first.channel(t), "")
	go func() { ended <- told.run(ctx) }()
	openIncident(t, state, "inc_1")
	told.wake()
	eventually(t, "the first webhook to hear", func() bool { return first.calls.Load() == 1 })

	told.change(second.channel(t), "")
	openIncident(t, state, "inc_2")
	told.wake()
	eventually(t, "the second webhook to hear", func() bool { return second.calls.Load() == 1 })
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if n := first.calls.Load(); n != 1 {
		t.Errorf("the first webhook heard %d times", n)
	}
}

type hook struct {
	*httptest.Server
	calls atomic.Int64
}

func newHook(t *testing.T) *hook {
	h := &hook{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h.calls.Add(1)
		_, _ = w.Write([]byte("ok"))
	}))
	t.Cleanup(h.Close)
	return h
}

// channel is what notifiersOf makes of a configuration with this webhook.
func (h *hook) channel(t *testing.T) []alerting.Notifier {
	t.Helper()
	slack, err := alerting.NewSlack(alerting.SlackOptions{Webhook: h.URL, HTTPClient: h.Client()})
	if err != nil {
		t.Fatal(err)
	}
	return []alerting.Notifier{slack}
}

// openIncident commits an incident with a delivery for Slack.
func openIncident(t *testing.T, state memory, id string) {
	t.Helper()
	ctx, now := t.Context(), time.Now()
	if err := state.Register(ctx, []probes.Plan{{Probe: id, Due: now, Every: time.Hour}}); err != nil {
		t.Fatal(err)
	}
	claims, _, err := state.Claim(ctx, now.Add(time.Second), 1, time.Minute)
	if err != nil || len(claims) != 1 {
		t.Fatalf("%d claims, %v", len(claims), err)
	}
	incident := alerting.Incident{
		ID: id, API: "api", Title: "a change", Severity: contracts.Warning,
		Condition: alerting.Firing, Handling: alerting.New, Opened: now, Changed: now, Version: 1,
	}
	step := alerting.Transition{Incident: id, Kind: alerting.Opened, Version: 1, At: now}
	if err := state.Commit(ctx, alerting.Outcome{
		Claim: claims[0], Next: now.Add(time.Hour), Check: contracts.Check{Probe: id, At: now, Class: probes.Valid},
		Incidents:  []alerting.Incident{incident},
		Deliveries: []alerting.Delivery{{Channel: "slack", Incident: id, Transition: step, Created: now, NotBefore: now}},
	}); err != nil {
		t.Fatal(err)
	}
}

// TestNeedsRestart_NamesWhatAReloadCannotChange holds the banner's words to
// what the program reads only once.
func TestNeedsRestart_NamesWhatAReloadCannotChange(t *testing.T) {
	parse := func(extra string) *Config {
		c, err := parseConfig("f", []byte("apis: [{ name: a, url: https://a.example/x }]\n"+extra), anyValue)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	started := parse("")
	for extra, want := range map[string]string{
		"":                                     "",
		"defaults: { every: 1m }":              "",
		"page: { listen: \"127.0.0.1:9999\" }": "page.listen",
		"page: { title: Ours }":                "page.title",
		"store: { path: other.db }":            "store",
	} {
		if got := needsRestart(started, parse(extra)); !strings.HasSuffix(got, want) || (want == "") != (got == "") {
			t.Errorf("%q: %q, want %q", extra, got, want)
		}
	}
}

func TestBrief_LeavesOutWhatIsZero(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"1s": time.Second, "30s": 30 * time.Second, "10m": 10 * time.Minute, "1m30s": 90 * time.Second,
		"1h": time.Hour, "1h30m": 90 * time.Minute, "20h": 20 * time.Hour,
	} {
		if got := brief(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}
