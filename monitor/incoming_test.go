package monitor_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"shapewatch/contracts/detectors"
	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/store"
	"shapewatch/webhooks"
	"shapewatch/workflows"
)

// An asking answers probes.
type asking func(probes.Probe) probes.Sample

func (a asking) Do(_ context.Context, p probes.Probe) probes.Sample { return a(p) }
func (asking) BlockedUntil(probes.Probe) time.Time                  { return time.Time{} }

// TestCheck_SettlesTheRunsItTellsOf: a run that one check told of must not be
// taken for one that the end of a server cut off.
func TestCheck_SettlesTheRunsItTellsOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		state, asked := store.NewMemory(store.Retention{}), 0
		m := monitor.New(monitor.Options{Store: state, Detectors: detectors.All(), Asker: asking(func(p probes.Probe) probes.Sample {
			asked++
			s := probes.Sample{Class: probes.Valid, Status: 201, Header: http.Header{}, Body: []byte(`{"id":1}`), Attempts: 1}
			if p.Method == http.MethodGet {
				s.Body = []byte(`{"state":"new"}`)
			}
			return s
		})})
		step := func(name, method string, wait ...string) workflows.Step {
			s := workflows.Step{Name: name, Ask: probes.Probe{Method: method, URL: "https://shop.example/" + name, Header: http.Header{}}}
			for _, text := range wait {
				a, err := workflows.ParseAssertion(text)
				if err != nil {
					t.Fatal(err)
				}
				s.Assert = append(s.Assert, a)
			}
			return s
		}
		report, err := m.Check(t.Context(), monitor.Watch{
			Probe:    probes.Probe{ID: "shop/order", API: "shop", Schedule: probes.Schedule{Every: time.Minute}},
			Workflow: &workflows.Workflow{Steps: []workflows.Step{step("create", http.MethodPost), step("packed", http.MethodGet, "/state = packed")}},
		})
		if err != nil || len(report.Confirmed) == 0 || report.Confirmed[0].Kind != "half-done" || report.Asked != 1 || asked != 2 {
			t.Errorf("%+v, %v; asked %d times", report, err, asked)
		}
		if left, err := state.LeftRuns(t.Context(), "shop/order"); err != nil || len(left) > 0 {
			t.Errorf("left: %+v, %v", left, err)
		}
	})
}

// TestRun_TakesNoJobForAnAnswerOfTheNetwork: whoever asks nobody is no sign of
// a network that works, and no canary.
func TestRun_TakesNoJobForAnAnswerOfTheNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		state := store.NewMemory(store.Retention{})
		m := monitor.New(monitor.Options{Store: state, Detectors: detectors.All(), Asker: asking(func(p probes.Probe) probes.Sample {
			if p.URL == "" {
				t.Errorf("%s is asked, and has no address", p.ID)
			}
			return probes.Sample{Class: probes.Unreachable, Problem: "no route", Attempts: 1}
		})})
		every := probes.Schedule{Every: 10 * time.Second}
		err := m.Apply(t.Context(), []monitor.Watch{
			{Probe: probes.Probe{ID: "shop/orders", API: "shop", URL: "https://shop.example/orders", Schedule: every}},
			{Probe: probes.Probe{ID: "jobs/export", API: "jobs", Schedule: every}, Heartbeat: &monitor.Heartbeat{Name: "export", Schedule: probes.Schedule{Every: time.Hour}}},
			{Probe: probes.Probe{ID: "events/orders", API: "events", Schedule: every}, Source: &monitor.Source{Name: "orders", Scheme: webhooks.Unsigned("", "")}},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		if err := m.Run(ctx); err != nil {
			t.Fatal(err)
		}
		incidents, err := state.Incidents(t.Context(), "shop", 9)
		if err != nil || len(incidents) != 1 || !incidents[0].Open() {
			t.Errorf("one host down, and nobody else to ask: want it told; %+v, %v", incidents, err)
		}
	})
}
