package monitor_test

import (
	"net/http"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/monitor"
)

// steps are what the outbox holds, as "incident kind" without IDs of APIs'
// incidents.
func steps(t *testing.T, w *world) (all []string) {
	t.Helper()
	rows, err := w.store.TakeDeliveries(t.Context(), time.Now().Add(time.Hour), 999, time.Nanosecond)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range rows {
		id := "inc"
		if alerting.IsBulletin(d.Incident) {
			id = d.Incident
		}
		all = append(all, id+" "+string(d.Transition.Kind))
		if err := w.store.SettleDelivery(t.Context(), d, alerting.Receipt{Ref: "1"}); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestRun_BlamesItselfOnceWhenNobodyAnswers cuts our own network for an hour.
func TestRun_BlamesItselfOnceWhenNobodyAnswers(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.options.Alerts = everywhere
		m, stop := w.start(watch("a", 5*time.Minute), watch("b", 5*time.Minute), watch("c", 5*time.Minute))
		defer stop()
		time.Sleep(3 * time.Hour)
		if told := steps(t, w); len(told) != 0 {
			t.Fatalf("told %v while all was well", told)
		}
		w.cut(true)
		time.Sleep(time.Hour)
		if told := steps(t, w); len(told) != 1 || told[0] != monitor.Connectivity+" opened" {
			t.Fatalf("told %v, want our own illness and nothing else", told)
		}
		w.cut(false)
		time.Sleep(3 * time.Hour)
		if told := steps(t, w); len(told) != 1 || told[0] != monitor.Connectivity+" resolved" {
			t.Errorf("told %v, want that we are back and nothing else", told)
		}
		for _, inc := range w.incidents() {
			if inc.Open() {
				t.Errorf("still open: %s", inc.Title)
			}
		}
		_ = m
	})
}

// TestRun_BlamesTheVendorWhenOthersAnswer: one host of three is gone.
func TestRun_BlamesTheVendorWhenOthersAnswer(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.options.Alerts = everywhere
		_, stop := w.start(watch("a", 5*time.Minute), watch("b", 5*time.Minute), watch("c", 5*time.Minute))
		defer stop()
		time.Sleep(3 * time.Hour)
		w.gone("/a")
		time.Sleep(time.Hour)
		told := steps(t, w)
		if len(told) == 0 || told[0] != "inc opened" {
			t.Errorf("told %v", told)
		}
		for _, step := range told {
			if step == monitor.Connectivity+" opened" {
				t.Error("blamed itself for the vendor's outage")
			}
		}
	})
}

// TestApply_EndsTheIncidentsOfProbesThatAreGone and says why.
func TestApply_EndsTheIncidentsOfProbesThatAreGone(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.options.Alerts = everywhere
		m, stop := w.start(watch("a", 2*time.Minute), watch("b", 2*time.Minute))
		defer stop()
		time.Sleep(3 * time.Hour)
		w.answers(func(r *http.Request) (int, http.Header, any) {
			if r.URL.Path == "/a" {
				return 200, nil, map[string]any{"id": "one"}
			}
			return 200, nil, map[string]any{"id": 1, "name": "a"}
		})
		time.Sleep(time.Hour)
		if told := steps(t, w); len(told) == 0 || told[0] != "inc opened" {
			t.Fatalf("told %v", told)
		}
		if err := m.Apply(t.Context(), []monitor.Watch{watch("b", 2*time.Minute)}); err != nil {
			t.Fatal(err)
		}
		if told := steps(t, w); len(told) != 1 || told[0] != "inc resolved" {
			t.Errorf("told %v", told)
		}
		for _, inc := range w.incidents() {
			last := inc.Timeline[len(inc.Timeline)-1]
			if inc.Open() || last.Text != "no longer watched: its probe was removed from the configuration" {
				t.Errorf("%s: %s", inc.Condition, last.Text)
			}
		}
	})
}

// TestRun_RemindsUntilSomebodyAcknowledges at 4 h, 24 h and 7 d, and ends
// silences aloud.
func TestRun_RemindsUntilSomebodyAcknowledges(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.options.Alerts = everywhere
		_, stop := w.start(watch("a", 5*time.Minute))
		defer stop()
		time.Sleep(3 * time.Hour)
		w.answers(func(*http.Request) (int, http.Header, any) { return 200, nil, map[string]any{"id": "one", "name": "a"} })
		time.Sleep(time.Hour)
		if told := steps(t, w); len(told) != 1 || told[0] != "inc opened" {
			t.Fatalf("told %v", told)
		}
		for _, after := range []time.Duration{4 * time.Hour, 20 * time.Hour, 6 * 24 * time.Hour} {
			time.Sleep(after)
			if told := steps(t, w); len(told) != 1 || told[0] != "inc reminder" {
				t.Errorf("%v later: told %v", after, told)
			}
		}
		time.Sleep(10 * 24 * time.Hour)
		if told := steps(t, w); len(told) != 0 {
			t.Errorf("a fourth reminder: %v", told)
		}
		desk := monitor.NewDesk(monitor.DeskOptions{Store: w.store, Alerts: everywhere})
		if _, err := desk.Silence(t.Context(), alerting.Silence{Matcher: alerting.Matcher{API: "api"}, Until: time.Now().Add(time.Hour), Actor: "ada"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		if told := steps(t, w); len(told) != 1 || told[0] != "inc unmuted" {
			t.Errorf("a silence ended with %v", told)
		}
		acts, err := desk.Audit(t.Context(), "", 9)
		if err != nil || len(acts) != 2 || acts[0].Kind != alerting.Unhush || acts[0].Through != "time" {
			t.Errorf("trail %+v, %v", acts, err)
		}
	})
}

// TestRun_SaysNothingDuringMaintenance and tells afterwards what still holds.
func TestRun_SaysNothingDuringMaintenance(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		began := time.Now().In(time.UTC).Truncate(24 * time.Hour).Add(24 * time.Hour)
		w.options.Alerts = func() monitor.Alerts {
			a := everywhere()
			a.Maintenance = []monitor.Maintenance{{Name: "nightly", Cron: "0 6 * * *", For: 2 * time.Hour}}
			return a
		}
		_, stop := w.start(watch("a", 5*time.Minute))
		defer stop()
		time.Sleep(time.Until(began.Add(6*time.Hour + 10*time.Minute)))
		w.answers(func(*http.Request) (int, http.Header, any) { return 200, nil, map[string]any{"id": "one", "name": "a"} })
		time.Sleep(90 * time.Minute)
		if told := steps(t, w); len(told) != 0 || len(w.incidents()) != 1 || w.incidents()[0].Muted.Mute != alerting.InMaintenance {
			t.Fatalf("told %v of %+v", told, w.incidents())
		}
		time.Sleep(time.Hour)
		if told := steps(t, w); len(told) != 1 || told[0] != "inc opened" {
			t.Errorf("told %v", told)
		}
	})
}
