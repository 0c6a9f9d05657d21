package monitor_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"shapewatch/contracts"
	"shapewatch/monitor"
	"shapewatch/probes"
)

// learned lets the world's monitor watch a for two hours, then changes what
// the vendor answers.
func learned(w *world, then func(r *http.Request) (int, http.Header, any)) monitor.Watch {
	a := watch("a", time.Minute)
	_, stop := w.start(a)
	time.Sleep(2 * time.Hour)
	stop()
	w.answers(then)
	return a
}

func TestCheck_ConfirmsByItselfWhatEveryAnswerShows(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		a := learned(w, func(*http.Request) (int, http.Header, any) { return 200, nil, map[string]any{"id": 1} })
		before := len(w.checks("api/a"))
		report, err := monitor.New(w.options).Check(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Confirmed) != 1 || report.Confirmed[0].Path != "/name" || report.Confirmed[0].Severity != contracts.Breaking {
			t.Errorf("confirmed %+v, want /name gone", report.Confirmed)
		}
		if report.Asked < 3 || report.Asked > 6 || report.Learned < 100 {
			t.Errorf("asked %d times, learned %d", report.Asked, report.Learned)
		}
		if after := len(w.checks("api/a")); after != before {
			t.Errorf("%d checks were written", after-before)
		}
	})
}

func TestCheck_OnlySuspectsWhatComesAndGoes(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := 0
		a := learned(w, func(*http.Request) (int, http.Header, any) {
			if n++; n == 1 {
				return 200, nil, map[string]any{"id": 1}
			}
			return 200, nil, map[string]any{"id": 1, "name": "a"}
		})
		report, err := monitor.New(w.options).Check(t.Context(), a)
		if err != nil || len(report.Confirmed) > 0 || report.Asked < 2 {
			t.Errorf("%+v, %v: one odd answer of many is no drift", report, err)
		}
	})
}

func TestCheck_ConfirmsNothingThatOneAnswerShowed(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := 0
		a := learned(w, func(*http.Request) (int, http.Header, any) {
			if n++; n == 3 { // the last of three that lack the name
				return 200, nil, map[string]any{"id": "one"}
			}
			return 200, nil, map[string]any{"id": 1}
		})
		report, err := monitor.New(w.options).Check(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range report.Confirmed {
			if f.Path != "/name" {
				t.Errorf("confirmed %s of %s after %d of %d answers", f.Kind, f.Path, f.Evidence.Checks, f.Evidence.Of)
			}
		}
		if len(report.Confirmed) != 1 {
			t.Errorf("confirmed %+v, want /name gone", report.Confirmed)
		}
	})
}

func TestCheck_ReportsWhatDoesNotAnswer(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.latency = time.Minute
		report, err := monitor.New(w.options).Check(t.Context(), watch("a", time.Minute))
		if err != nil || report.Check.Class != probes.Unreachable || report.Check.Problem == "" {
			t.Errorf("%+v, %v: want an unreachable API to be a report", report, err)
		}
	})
}

func TestCheck_EndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.latency = 5 * time.Second
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if report, err := monitor.New(w.options).Check(ctx, watch("a", time.Minute)); err == nil {
			t.Errorf("%+v: hanging up is no report", report)
		}
	})
}
