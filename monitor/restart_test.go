package monitor_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/monitor"
)

// A story is what is remembered at the end of a run, without what depends on
// the instant of a check.
type story struct {
	Incidents []string
	Answers   bool // every probe has learned
}

// tell runs a scripted day of two probes, stopped and started again at the
// given times, and tells what came of it.
func tell(t *testing.T, stops []time.Duration) (s story) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		watches := []monitor.Watch{watch("a", 2*time.Minute), watch("b", 2*time.Minute)}
		start := time.Now()
		w.answers(func(r *http.Request) (int, http.Header, any) { return 200, nil, dayOf(time.Since(start), r.URL.Path) })
		_, stop := w.start(watches...)
		for _, at := range stops {
			time.Sleep(time.Until(start.Add(at)))
			stop()
			_, stop = w.start(watches...)
		}
		time.Sleep(time.Until(start.Add(6 * time.Hour)))
		stop()
		for _, inc := range w.incidents() {
			line := fmt.Sprintf("%s %s %s:", inc.Condition, inc.Severity, inc.Title)
			for _, e := range inc.Entries {
				line += fmt.Sprintf(" %s%s", e.Finding.Kind, e.Finding.Path)
			}
			s.Incidents = append(s.Incidents, line)
		}
		s.Answers = len(w.checks("api/a")) > 150 && len(w.checks("api/b")) > 150
	})
	return s
}

// dayOf is a vendor's day: b retypes a field after two hours, a loses one after
// three, and a gives it back after four.
func dayOf(since time.Duration, path string) map[string]any {
	body := map[string]any{"id": int(since.Seconds()), "name": "x", "total": 5, "tags": []string{"a"}}
	switch {
	case path == "/b" && since > 2*time.Hour:
		body["total"] = "5"
	case path == "/a" && since > 3*time.Hour && since < 4*time.Hour:
		delete(body, "name")
	}
	return body
}

func TestRun_EndsAlikeHoweverOftenItIsRestarted(t *testing.T) {
	want := tell(t, nil)
	if len(want.Incidents) != 2 || !want.Answers {
		t.Fatalf("the uninterrupted day: %+v, want two incidents", want)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 4 {
		var stops []time.Duration
		for at := time.Duration(0); at < 5*time.Hour; {
			at += time.Duration(random.Int64N(int64(90 * time.Minute)))
			stops = append(stops, at)
		}
		if diff := cmp.Diff(want, tell(t, stops)); diff != "" {
			t.Errorf("stopped at %v: %s", stops, diff)
		}
	}
}
