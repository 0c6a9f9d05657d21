package monitor_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"shapewatch/contracts"
	"shapewatch/monitor"
	"shapewatch/tracing"
)

// TestRun_TracesNoTextOfAPanic has a detector quote the vendor as it falls.
func TestRun_TracesNoTextOfAPanic(t *testing.T) {
	var mu sync.Mutex
	var traces bytes.Buffer
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.Copy(&traces, r.Body) // what is missing shows below
	}))
	defer collector.Close()
	tracer := tracing.New(t.Context(), tracing.Options{URL: collector.URL})
	bubble(t, func(t *testing.T, w *world) {
		w.options.Detectors = []contracts.Detector{{Name: "broken", Detect: func(*contracts.Comparison) []contracts.Finding { panic("canary") }}}
		m := monitor.New(w.options)
		if err := m.Apply(t.Context(), []monitor.Watch{watch("bad", time.Minute)}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(tracer.Carry(context.Background()), 10*time.Minute)
		defer cancel()
		if err := m.Run(ctx); err != nil || m.Panics() == 0 {
			t.Errorf("%d panics: %v", m.Panics(), err)
		}
	})
	if err := tracer.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(traces.Bytes(), []byte("canary")) || !bytes.Contains(traces.Bytes(), []byte("a fault of our own")) {
		t.Errorf("traced: %q", &traces)
	}
}
