package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestEndToEnd_ReadsStreamsAndFiles watches a stream of server-sent events that
// does not end, and a folder into which files are dropped: a type of event that
// is new and one that comes no more are told, and a column that is gone.
func TestEndToEnd_ReadsStreamsAndFiles(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	var changed atomic.Bool
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		kinds := []string{"price", "trade"}
		if changed.Load() {
			kinds = []string{"price", "settlement"}
		}
		for i := range 6 {
			fmt.Fprintf(w, "event: %s\ndata: {\"symbol\":\"ACME\",\"amount\":%d}\n\n", kinds[i%2], 100+i)
		}
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	t.Cleanup(vendor.Close)
	drop := func(name, text string) {
		path := filepath.Join(dir, "drop", name)
		writeFile(t, filepath.Join(dir, "drop"), name+".part", text)
		if err := os.Rename(path+".part", path); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "drop"), 0o700); err != nil {
		t.Fatal(err)
	}
	drop("orders-1.csv", orders("id,total,currency", "%d,%d,EUR", 1))
	writeFile(t, dir, "shapewatch.yaml", `
defaults: { sensitivity: alert, allow_private: true, every: 1s }
apis:
  - name: market
    base: "`+vendor.URL+`"
    probes: [{ get: /stream, events: { most: 6, for: 20s } }]
  - name: partner
    probes: [{ file: drop/orders-*.csv, name: orders }]
`)
	s := startServer(t, bin, dir)
	answers := regexp.MustCompile(`From (\d+) answers`)
	learned := func(api string) bool {
		found := answers.FindSubmatch(fetched(s, "/apis/"+api))
		n := 0
		if found != nil {
			n, _ = strconv.Atoi(string(found[1]))
		}
		return n >= 25
	}
	within(t, 180*time.Second, "both learned", func() bool { return learned("market") && learned("partner") })
	changed.Store(true)
	drop("orders-2.csv", orders("id,total", "%d,%d", 61))
	within(t, 120*time.Second, "the types of events told", func() bool {
		text := incidentsOf(t, s)
		return strings.Contains(text, "/settlement") && strings.Contains(text, "/trade")
	})
	within(t, 120*time.Second, "the column told", func() bool { return strings.Contains(incidentsOf(t, s), "/currency") })
	s.stop()
}

// orders are sixty rows under a head.
func orders(head, row string, from int) string {
	rows := []string{head}
	for i := range 60 {
		rows = append(rows, fmt.Sprintf(row, from+i, 10*i))
	}
	return strings.Join(rows, "\n") + "\n"
}
