package monitor

import (
	"context"
	"sync"
)

// Two probes of an API that see one change at the same instant would each open
// an incident for it, because neither finds the other's yet. So whoever opens
// one takes its turn: it looks again while no other of the API may open any.
// All other commits go on side by side.
type turns struct {
	mu    sync.Mutex
	byAPI map[string]chan struct{} // holds one token while somebody has the turn
}

func (t *turns) of(api string) chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byAPI == nil {
		t.byAPI = map[string]chan struct{}{}
	}
	if t.byAPI[api] == nil {
		t.byAPI[api] = make(chan struct{}, 1)
	}
	return t.byAPI[api]
}

// A turn is the right to open incidents of one API; the zero turn has not
// begun.
type turn struct{ held chan struct{} }

// begin waits for the turn whose token this is; false when it has begun before, or ctx is done.
func (t *turn) begin(ctx context.Context, token chan struct{}) bool {
	if t.held != nil {
		return false
	}
	select {
	case token <- struct{}{}:
		t.held = token
		return true
	case <-ctx.Done():
		return false
	}
}

func (t *turn) end() {
	if t.held != nil {
		<-t.held
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
