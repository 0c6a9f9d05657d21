package monitor_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/monitor"
	"shapewatch/store"
)

// A slowStore takes half a minute to commit an incident, so that checks of
// other probes decide meanwhile.
type slowStore struct{ *store.Memory }

func (s slowStore) Commit(ctx context.Context, o alerting.Outcome) error {
	if len(o.Incidents) > 0 {
		time.Sleep(30 * time.Second)
	}
	return s.Memory.Commit(ctx, o)
}

// TestRun_OpensOneIncidentHoweverManyProbesSeeIt changes all operations of an
// API at one instant and lets every probe confirm it at the same one.
func TestRun_OpensOneIncidentHoweverManyProbesSeeIt(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.options.Store = slowStore{w.store}
		start := time.Now()
		w.answers(func(*http.Request) (int, http.Header, any) {
			if time.Since(start) > 2*time.Hour {
				return 200, nil, map[string]any{"id": 1, "total": "5"}
			}
			return 200, nil, map[string]any{"id": 1, "total": 5}
		})
		var watches []monitor.Watch
		for i := range 12 {
			watches = append(watches, watch(fmt.Sprintf("p%d", i), time.Minute))
		}
		_, stop := w.start(watches...)
		time.Sleep(3 * time.Hour)
		stop()
		incidents := w.incidents()
		if len(incidents) != 1 {
			for _, inc := range incidents {
				t.Logf("%s: %d entries", inc.Title, len(inc.Entries))
			}
			t.Fatalf("%d incidents of one change, want 1", len(incidents))
		}
		if n := len(incidents[0].Entries); n != 12 {
			t.Errorf("it tells of %d probes, want 12", n)
		}
	})
}
