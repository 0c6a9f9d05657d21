package monitor

import (
	"sync"
	"time"

	"shapewatch/contracts"
)

// facts knows how many facts are watched of each API, over all its probes,
// which is what a budget of false alarms by API is shared by.
type facts struct {
	mu    sync.Mutex
	probe map[string]int
	api   map[string]int
}

// note takes down how many facts of a probe are watched, and returns how many
// of its API are.
func (f *facts) note(api, probe string, n int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.probe == nil {
		f.probe, f.api = map[string]int{}, map[string]int{}
	}
	f.api[api] += n - f.probe[probe]
	f.probe[probe] = n
	return f.api[api]
}

// forget drops what is known of probes that are no longer watched.
func (f *facts) forget(posts map[string]*post) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.api = map[string]int{}
	for probe, n := range f.probe {
		if p := posts[probe]; p != nil {
			f.api[p.Probe.API] += n
		} else {
			delete(f.probe, probe)
		}
	}
}

const month = 30 * 24 * time.Hour

// budgeted is a policy that knows what its alarms are budgeted over: the facts
// watched of its API, and the checks of a month.
func (m *Monitor) budgeted(w Watch, b *contracts.Baseline) contracts.Policy {
	policy := w.Policy
	if policy.Streams == 0 {
		policy.Streams = m.facts.note(w.Probe.API, w.Probe.ID, b.Facts())
	}
	if every := w.Probe.Schedule.Every; every > 0 {
		policy.Checks = int(month / max(every, time.Second))
	}
	return policy
}
