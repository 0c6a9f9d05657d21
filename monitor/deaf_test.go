package monitor_test

import (
	"strings"
	"testing"
	"time"

	"shapewatch/heartbeats"
	"shapewatch/monitor"
	"shapewatch/probes"
)

// TestRun_OurDeafnessIsNoSilence stops the monitor while a job is due and the
// job while the monitor runs: only the second is told, and with the first.
func TestRun_OurDeafnessIsNoSilence(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		job := monitor.Watch{
			Probe:     probes.Probe{ID: "jobs/export", API: "jobs", Schedule: probes.Schedule{Every: 10 * time.Second}},
			Heartbeat: &monitor.Heartbeat{Name: "export", Schedule: probes.Schedule{Every: time.Hour}, Grace: time.Minute},
		}
		m, stop := w.start(job)
		if err := m.Hear(t.Context(), "jobs/export", heartbeats.Beat{At: time.Now(), Kind: heartbeats.Success, Items: -1}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Minute)
		stop()
		from := time.Now().UTC()
		time.Sleep(time.Hour) // it was due meanwhile
		_, stop = w.start(job)
		until := time.Now().UTC()
		time.Sleep(30 * time.Minute)
		if told := w.incidents(); len(told) != 0 {
			t.Errorf("told of our own deafness: %+v", told)
		}
		time.Sleep(2 * time.Minute)
		told := w.incidents()
		words := probes.Deaf{From: from, Until: until}.String()
		if len(told) != 1 || !strings.Contains(told[0].Entries[0].Finding.Now, words) {
			t.Errorf("missed once more: %+v, want %q", told, words)
		}
		stop()
	})
}

// TestRun_WhatWasOpenStaysOpen stops the monitor once it has told of a job.
func TestRun_WhatWasOpenStaysOpen(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		job := monitor.Watch{
			Probe:     probes.Probe{ID: "jobs/export", API: "jobs", Schedule: probes.Schedule{Every: 10 * time.Second}},
			Heartbeat: &monitor.Heartbeat{Name: "export", Schedule: probes.Schedule{Every: time.Hour}, Grace: time.Minute},
		}
		m, stop := w.start(job)
		if err := m.Hear(t.Context(), "jobs/export", heartbeats.Beat{At: time.Now(), Kind: heartbeats.Success, Items: -1}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(62 * time.Minute)
		stop()
		before := w.incidents()
		time.Sleep(3 * time.Hour)
		_, stop = w.start(job)
		time.Sleep(time.Minute)
		after := w.incidents()
		if len(before) != 1 || len(after) != 1 || !after[0].Open() || after[0].ID != before[0].ID {
			t.Errorf("before %+v, after %+v", before, after)
		}
		stop()
	})
}
