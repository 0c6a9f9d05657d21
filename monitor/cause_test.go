package monitor_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"shapewatch/monitor"
)

func TestRun_ARenameInFourteenOperationsIsOneIncidentWithItsCause(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		var renamed atomic.Bool
		w.answers(func(*http.Request) (int, http.Header, any) {
			if renamed.Load() {
				return 200, nil, map[string]any{"id": 1, "customer_id": "c1"}
			}
			return 200, nil, map[string]any{"id": 1, "customer": "c1"}
		})
		var watches []monitor.Watch
		for i := range 14 {
			watches = append(watches, watch(fmt.Sprintf("p%d", i), 5*time.Minute))
		}
		_, stop := w.start(watches...)
		time.Sleep(5 * time.Hour)
		renamed.Store(true)
		time.Sleep(time.Hour)
		stop()
		incidents := w.incidents()
		if len(incidents) != 1 || incidents[0].Title != "`customer` was renamed `customer_id` in 14 operations" {
			for _, i := range incidents {
				t.Errorf("incident %q with %d entries", i.Title, len(i.Entries))
			}
		}
		e := incidents[0].Entries[0].Finding.Evidence
		words := e.Sentence(func(at time.Time) string { return at.UTC().Format("15:04") })
		if !strings.HasPrefix(words, "in 6") || !strings.Contains(words, "for 5 hours, in ") || !strings.Contains(words, "confirmed by ") {
			t.Errorf("the numbers: %q", words)
		}
	})
}
