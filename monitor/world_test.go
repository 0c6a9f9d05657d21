package monitor_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/store"
)

// A world is vendors on a fake network, a store in memory and a monitor.
type world struct {
	t       *testing.T
	store   *store.Memory
	log     strings.Builder
	options monitor.Options

	mu       sync.Mutex
	answer   func(r *http.Request) (status int, header http.Header, body any)
	refuse   func(r *http.Request) bool // nil: never
	latency  time.Duration
	asked    map[string][]time.Time // by path
	inFlight map[string]int
	most     map[string]int // in flight at a time
}

func newWorld(t *testing.T) *world {
	w := &world{
		t: t, store: store.NewMemory(store.Retention{}),
		asked: map[string][]time.Time{}, inFlight: map[string]int{}, most: map[string]int{},
		answer: func(*http.Request) (int, http.Header, any) { return 200, nil, map[string]any{"id": 1, "name": "a"} },
	}
	w.options = monitor.Options{
		Store: w.store, Asker: probes.NewClient(probes.Options{Transport: w}), Detectors: detectors.All(),
		Log: slog.New(slog.NewTextHandler(&w.log, nil)),
	}
	return w
}

// RoundTrip is the network.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	path := r.URL.Path
	w.asked[path] = append(w.asked[path], time.Now())
	w.inFlight[path]++
	w.most[path] = max(w.most[path], w.inFlight[path])
	latency := w.latency
	refused := w.refuse != nil && w.refuse(r)
	w.mu.Unlock()
	defer func() { w.mu.Lock(); w.inFlight[path]--; w.mu.Unlock() }()
	select {
	case <-time.After(latency):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if refused {
		return nil, errNoRoute
	}
	w.mu.Lock()
	status, header, body := w.answer(r)
	w.mu.Unlock()
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return &http.Response{
		StatusCode: status, Header: header, ContentLength: int64(len(text)), Request: r,
		ProtoMajor: 1, ProtoMinor: 1, Body: io.NopCloser(strings.NewReader(string(text))),
	}, nil
}

func (w *world) answers(f func(r *http.Request) (int, http.Header, any)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = f
}

func (w *world) times(path string) []time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]time.Time(nil), w.asked[path]...)
}

// start runs a monitor over the watches; the returned function stops it and
// waits for its end.
func (w *world) start(watches ...monitor.Watch) (m *monitor.Monitor, stop func()) {
	w.t.Helper()
	m = monitor.New(w.options)
	if err := m.Apply(w.t.Context(), watches); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	return m, func() {
		w.t.Helper()
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("Run: %v", err)
		}
	}
}

func (w *world) incidents() []alerting.Incident {
	w.t.Helper()
	incidents, err := w.store.Incidents(context.Background(), "", 100)
	if err != nil {
		w.t.Fatal(err)
	}
	return incidents
}

func (w *world) checks(probe string) []contracts.Check {
	w.t.Helper()
	checks, err := w.store.Checks(context.Background(), probe, time.Time{}, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return checks
}

func watch(path string, every time.Duration) monitor.Watch {
	operation := "GET /" + path
	return monitor.Watch{
		Probe: probes.Probe{
			ID: "api/" + path, API: "api", Name: path, Operation: operation,
			URL: "https://" + path + ".example/" + path, Schedule: probes.Schedule{Every: every},
		},
		Policy: contracts.Policy{API: "api", Operation: operation},
	}
}

// outsideBubble makes the codec's shared channels before a bubble can own them:
// the next bubble could not use them.
var outsideBubble = sync.OnceFunc(func() {
	encoded, err := contracts.NewBaseline().MarshalBinary()
	if err == nil {
		err = contracts.NewBaseline().UnmarshalBinary(encoded)
	}
	if err != nil {
		panic(err)
	}
})

func bubble(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	outsideBubble()
	synctest.Test(t, func(t *testing.T) { f(t, newWorld(t)) })
}
