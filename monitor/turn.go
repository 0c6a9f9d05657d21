package monitor

import "sync"

// Two probes of an API that see one change at the same instant would each open
// an incident for it, because neither finds the other's yet. So whoever opens
// one takes its turn: it looks again while no other of the API may open any.
// All other commits go on side by side.
type turns struct {
	mu    sync.Mutex
	byAPI map[string]*sync.Mutex
}

func (t *turns) of(api string) *sync.Mutex {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byAPI == nil {
		t.byAPI = map[string]*sync.Mutex{}
	}
	if t.byAPI[api] == nil {
		t.byAPI[api] = &sync.Mutex{}
	}
	return t.byAPI[api]
}

// A turn is the right to open incidents of one API; the zero turn has not
// begun.
type turn struct{ held *sync.Mutex }

// begin waits for the turn; false when it has begun before.
func (t *turn) begin(m *Monitor, api string) bool {
	if t.held != nil {
		return false
	}
	t.held = m.turns.of(api)
	t.held.Lock()
	return true
}

func (t *turn) end() {
	if t.held != nil {
		t.held.Unlock()
	}
}

// opens reports whether a decision opens an incident.
func (d decision) opens() bool {
	for _, inc := range d.changed {
		if inc.Version == 1 {
			return true
		}
	}
	return false
}
