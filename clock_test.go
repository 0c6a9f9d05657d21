package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTimekeeper_NoticesJumpsAndWhatVendorsAgreeOn(t *testing.T) {
	start := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	var p problems
	k := newTimekeeper(nil, &p)
	says := func(want string) {
		t.Helper()
		if got := strings.Join(p.list(), "; "); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("says %q, want %q", got, want)
		}
	}
	k.look(start, start)
	says("")
	k.look(start.Add(5*time.Second), start.Add(9*time.Second)) // slewing is none
	says("")
	k.look(start.Add(10*time.Second), start.Add(2*time.Hour))
	says("jumped 1h59m46s ahead at 14:00 UTC")
	k.look(start.Add(15*time.Second), start.Add(5*time.Second))
	says("jumped 2h back at 12:00 UTC")
	now := start.Add(3 * time.Hour)
	k.look(now, now)
	says("")
	k.hear("a.example", now, now.Add(4*time.Minute))
	k.hear("b.example", now, now.Add(time.Second))
	k.look(now, now)
	says("") // one vendor's clock may be wrong
	k.hear("c.example", now, now.Add(3*time.Minute))
	k.look(now, now)
	says("is 3m behind what 2 of 3 hosts say")
	k.look(now.Add(time.Hour), now.Add(time.Hour))
	says("")
}

// TestServe_SaysThatTheClockIsWrong has two vendors tell another time.
func TestServe_SaysThatTheClockIsWrong(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	var config strings.Builder
	config.WriteString("apis:\n")
	for i := range 2 {
		vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"ok":true}`)
		}))
		t.Cleanup(vendor.Close)
		fmt.Fprintf(&config, "  - { name: vendor%d, url: %q, allow_private: true, every: 1s }\n", i, vendor.URL+"/v1")
	}
	config.WriteString("store: { path: shapewatch.db }\n")
	if err := os.WriteFile(filepath.Join(dir, "shapewatch.yaml"), []byte(config.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, bin, dir)
	within(t, 40*time.Second, "the clock on the page", func() bool {
		return strings.Contains(string(fetched(s, "/")), "behind what 2 of 2 hosts say")
	})
	s.stop()
}
