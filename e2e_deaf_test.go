package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shapewatch/heartbeats"
	"shapewatch/store"
)

// TestEndToEnd_OurOwnDowntimeIsNoSilence has a server that was stopped for an
// hour, and a job that was due every 20 s. Nothing of that hour is told; that
// the job does not call when we listen again is, and from when to when we did
// not.
func TestEndToEnd_OurOwnDowntimeIsNoSilence(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	writeFile(t, dir, "shapewatch.yaml", `
store: { path: shapewatch.db }
apis:
  - name: jobs
    probes:
      - { heartbeat: export, every: 20s, grace: 1s }
`)
	s := startServer(t, bin, dir)
	callBeat(t, "http://"+s.addr+"/beat/export")
	s.stop()
	stopped := time.Now().Add(-time.Hour)
	beat := stopped.Add(-15 * time.Second)
	moveBack(t, filepath.Join(dir, "shapewatch.db"), beat, stopped)

	restarted := time.Now()
	due := beat.Add(restarted.Sub(beat).Truncate(20*time.Second) + 20*time.Second)
	s = startServer(t, bin, dir)
	within(t, 60*time.Second, "the next run told", func() bool { return strings.Contains(incidentsOf(t, s), "job-late") })
	var told struct {
		Incidents []struct {
			ID     string
			Opened time.Time
		}
	}
	if err := json.Unmarshal(fetched(s, "/api/v1/incidents"), &told); err != nil || len(told.Incidents) != 1 {
		t.Fatalf("%v: %+v", err, told)
	}
	if opened := told.Incidents[0].Opened; opened.Before(due) {
		t.Errorf("told at %v what was due at %v: restarted at %v", opened, due, restarted)
	}
	want := "we did not listen from " + stopped.UTC().Format("2006-01-02 15:04") + " to "
	if text := incidentsOf(t, s); !strings.Contains(text, want) {
		t.Errorf("want %q in %s", want, text)
	}
	s.stop()
}

// moveBack makes of the store of a server that has just been stopped one that
// was stopped at a time, and last heard of the job just before.
func moveBack(t *testing.T, path string, beat, stopped time.Time) {
	t.Helper()
	state, err := store.OpenBolt(store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	const probe = "jobs/export"
	if err := state.KeepBeat(t.Context(), probe, heartbeats.Beat{At: beat, Kind: heartbeats.Success, Items: -1}); err != nil {
		t.Fatal(err)
	}
	if err := state.Listened(t.Context(), stopped); err != nil {
		t.Fatal(err)
	}
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
}
