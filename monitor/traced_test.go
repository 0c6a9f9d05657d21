package monitor_test

import (
	"context"
	"testing"
	"time"

	"shapewatch/contracts"
	"shapewatch/monitor"
	"shapewatch/tracing/tracingtest"
)

// TestRun_TracesNoTextOfAPanic has a detector quote the vendor as it falls.
func TestRun_TracesNoTextOfAPanic(t *testing.T) {
	collector := tracingtest.New(t)
	bubble(t, func(t *testing.T, w *world) {
		w.options.Detectors = []contracts.Detector{{Name: "broken", Detect: func(*contracts.Comparison) []contracts.Finding { panic("canary") }}}
		m := monitor.New(w.options)
		if err := m.Apply(t.Context(), []monitor.Watch{watch("bad", time.Minute)}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(collector.Tracer.Carry(context.Background()), 10*time.Minute)
		defer cancel()
		if err := m.Run(ctx); err != nil || m.Panics() == 0 {
			t.Errorf("%d panics: %v", m.Panics(), err)
		}
	})
	collector.Holds(t, map[string]bool{"canary": false, "a fault of our own": true})
}
