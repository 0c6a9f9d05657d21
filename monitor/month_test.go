package monitor_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting"
	"shapewatch/monitor"
)

const day = 24 * time.Hour

// month runs a scripted month of two probes and three people's acts, stopped
// and started again at the given times, and tells step by step what was told
// of each incident and how it stands in the end.
func month(t *testing.T, stops []time.Duration) (tale []string) {
	t.Helper()
	outsideBubble()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.options.Alerts = func() monitor.Alerts {
			a := everywhere()
			a.Maintenance = []monitor.Maintenance{{Name: "monthly", Cron: "0 0 20 * *", For: 12 * time.Hour}}
			return a
		}
		watches := []monitor.Watch{watch("a", 3*time.Hour), watch("b", 3*time.Hour)}
		start := time.Now()
		w.answers(func(r *http.Request) (int, http.Header, any) { return 200, nil, monthOf(time.Since(start), r.URL.Path) })
		_, stop := w.start(watches...)
		desk := monitor.NewDesk(monitor.DeskOptions{Store: w.store, Alerts: w.options.Alerts})
		moments := append([]time.Duration{7 * day, 18*day + 12*time.Hour, 30 * day}, stops...)
		slices.Sort(moments)
		for _, at := range moments {
			time.Sleep(time.Until(start.Add(at)))
			switch at {
			case 7 * day:
				doTo(t, w, desk, alerting.Acknowledge)
			case 18*day + 12*time.Hour:
				doTo(t, w, desk, alerting.Accept)
			case 30 * day:
			default:
				stop()
				_, stop = w.start(watches...)
			}
		}
		stop()
		tale = taleOf(t, w)
	})
	return tale
}

// monthOf is a vendor's month: b retypes a field on day 5 and a loses one on
// day 9 and has it again on day 12; on day 14 b drops another, for good.
func monthOf(since time.Duration, path string) map[string]any {
	body := map[string]any{"id": int(since.Seconds()), "name": "x", "total": 5, "note": "n"}
	switch {
	case path == "/b" && since > 5*day && since < 13*day:
		body["total"] = "5"
	case path == "/a" && since > 9*day && since < 12*day:
		delete(body, "name")
	case path == "/b" && since > 14*day:
		delete(body, "note")
	}
	return body
}

// doTo acts on every open incident.
func doTo(t *testing.T, w *world, desk *monitor.Desk, kind alerting.ActKind) {
	t.Helper()
	for _, inc := range w.incidents() {
		if !inc.Open() || inc.Handling == alerting.Accepted {
			continue
		}
		if _, err := desk.Act(t.Context(), alerting.Act{Kind: kind, Incident: inc.ID, Actor: "ada", Through: "page"}); err != nil {
			t.Error(err)
		}
	}
}

// taleOf lists what the outbox holds, by incident.
func taleOf(t *testing.T, w *world) (tale []string) {
	t.Helper()
	told := map[string]string{}
	for {
		rows, err := w.store.TakeDeliveries(t.Context(), time.Now().Add(day), 999, time.Nanosecond)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			break
		}
		for _, d := range rows {
			told[d.Incident] += " " + string(d.Transition.Kind)
			if err := w.store.SettleDelivery(t.Context(), d, alerting.Receipt{Ref: "1"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, inc := range w.incidents() {
		tale = append(tale, fmt.Sprintf("%s: %s, %s; told%s", inc.Title, inc.Condition, inc.Handling, told[inc.ID]))
	}
	slices.Sort(tale)
	return tale
}

// TestRun_TellsAMonthAlikeRestartedAtFiftyPoints compares the uninterrupted
// month with one that was stopped and started again fifty times, and with
// months that were interrupted once each. A month takes ten seconds under the
// race detector, which sees all there is to see in the first two.
func TestRun_TellsAMonthAlikeRestartedAtFiftyPoints(t *testing.T) {
	want := month(t, nil)
	if len(want) < 3 {
		t.Fatalf("the uninterrupted month: %q", want)
	}
	t.Logf("the month: %q", want)
	random := rand.New(rand.NewPCG(50, 50))
	var stops []time.Duration
	for range 50 {
		stops = append(stops, time.Duration(random.Int64N(int64(29*day))))
	}
	if diff := cmp.Diff(want, month(t, stops)); diff != "" {
		t.Errorf("restarted at fifty points:\n%s", diff)
	}
	if raced {
		return
	}
	for _, at := range stops[:4] {
		if diff := cmp.Diff(want, month(t, []time.Duration{at})); diff != "" {
			t.Errorf("restarted at %v:\n%s", at, diff)
		}
	}
}
