package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shapewatch/store"
	"shapewatch/webhooks"
)

// TestEndToEnd_ForetellsHowLateWebhooksWillBe starts on a store in which events
// came at once for ten days, and for an hour and a half later and later.
func TestEndToEnd_ForetellsHowLateWebhooksWillBe(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	writeFile(t, dir, "shapewatch.yaml", webhookConfig)
	state, err := store.OpenBolt(store.Options{Path: filepath.Join(dir, "shapewatch.db")})
	if err != nil {
		t.Fatal(err)
	}
	arrive := func(at time.Time, late time.Duration) {
		t.Helper()
		a := webhooks.Arrival{Type: "charge.paid", At: at, Event: at.Add(-late), Body: []byte(`{"id":1,"type":"charge.paid"}`)}
		if _, err := state.KeepArrival(context.Background(), "payments/webhook payments", a); err != nil {
			t.Fatal(err)
		}
	}
	begins := time.Now().Add(-90 * time.Minute)
	for at := begins.Add(-10 * 24 * time.Hour); at.Before(begins); at = at.Add(time.Hour) {
		arrive(at, time.Second)
	}
	for at := begins; at.Before(time.Now()); at = at.Add(5 * time.Minute) {
		arrive(at, at.Sub(begins)*2/3)
	}
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, bin, dir)
	within(t, 60*time.Second, "the pace told", func() bool {
		text := incidentsOf(t, s)
		return strings.Contains(text, "webhook-delayed") && strings.Contains(text, "falls behind by 40 s a minute, 2 hours behind by ")
	})
	s.stop()
}
