package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// BenchmarkAlert_FromBadResponseToSlack measures the whole program: from the
// response that confirms a change leaving the vendor to the POST that arrives
// at Slack. One response confirms (sensitivity snapshot), so that what is
// measured is what comes on top of the confirmation. It fails when p99 is
// 100 ms or more.
func BenchmarkAlert_FromBadResponseToSlack(b *testing.B) {
	var took []time.Duration
	for b.Loop() {
		took = append(took, alertOnce(b, 50)...)
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(p99.Microseconds())/1000, "p99-ms")
	b.ReportMetric(0, "ns/op")
	if p99 >= 100*time.Millisecond {
		b.Errorf("p99 %v, want less than 100ms", p99)
	}
}

// A race is between what vendors answer and what Slack hears, by API.
type race struct {
	mu    sync.Mutex
	asked map[string]int
	bad   map[string]time.Time
	told  map[string]time.Time
}

func (r *race) vendor(w http.ResponseWriter, request *http.Request) {
	api := strings.TrimPrefix(request.URL.Path, "/")
	r.mu.Lock()
	r.asked[api]++
	body := `{"id":1,"name":"a"}`
	if r.asked[api] > 3 {
		body = `{"id":"one","name":"a"}`
		if r.bad[api].IsZero() {
			r.bad[api] = time.Now()
		}
	}
	r.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, body)
}

func (r *race) slack(w http.ResponseWriter, request *http.Request) {
	channel := strings.TrimPrefix(request.FormValue("channel"), "#")
	r.mu.Lock()
	if r.told[channel].IsZero() {
		r.told[channel] = time.Now()
	}
	r.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"ok":true,"channel":%q,"ts":"1712000000.000100"}`, channel)
}

func (r *race) over(apis int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.told) == apis
}

// alertOnce lets every one of so many APIs change once, each with a channel of
// its own, and returns how long each alert took.
func alertOnce(b *testing.B, apis int) (took []time.Duration) {
	r := &race{asked: map[string]int{}, bad: map[string]time.Time{}, told: map[string]time.Time{}}
	vendor, slack := httptest.NewServer(http.HandlerFunc(r.vendor)), httptest.NewServer(http.HandlerFunc(r.slack))
	defer vendor.Close()
	defer slack.Close()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	p := raceProgram(b, raceConfig(vendor.URL, slack.URL, apis))
	go func() { ended <- p.run(ctx) }()
	for deadline := time.Now().Add(60 * time.Second); !r.over(apis) && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	if len(r.told) != apis {
		b.Fatalf("%d of %d alerts", len(r.told), apis)
	}
	for api, at := range r.told {
		took = append(took, at.Sub(r.bad[api]))
	}
	return took
}

func raceConfig(vendor, slack string, apis int) string {
	var c strings.Builder
	fmt.Fprintf(&c, "slack: { bot_token: xoxb-race-0000000000, channel: \"#rest\", api_url: \"%s/api/\" }\nalerts:\n  routes:\n", slack)
	for i := range apis {
		fmt.Fprintf(&c, "    - { api: api%d, channels: [\"#api%d\"] }\n", i, i)
	}
	c.WriteString("defaults: { every: 1s, allow_private: true, sensitivity: snapshot, limits: { per_second: 500, concurrent: 50 } }\napis:\n")
	for i := range apis {
		fmt.Fprintf(&c, "  - { name: api%d, url: \"%s/api%d\" }\n", i, vendor, i)
	}
	return c.String()
}

func raceProgram(b *testing.B, config string) *program {
	dir := b.TempDir()
	file := filepath.Join(dir, "shapewatch.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		b.Fatal(err)
	}
	c, err := LoadConfig(file, os.LookupEnv)
	if err != nil {
		b.Fatal(err)
	}
	options := c.Store()
	options.Path = filepath.Join(dir, "shapewatch.db")
	state, err := openStore(options)
	if err != nil {
		b.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	p, err := newProgram(context.Background(), programOptions{
		Config: c, Store: state, Listener: listener, Out: io.Discard, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	return p
}
