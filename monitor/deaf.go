package monitor

import (
	"context"
	"time"
)

// listenedEvery is how often it is noted that we listen, where nothing else is
// written meanwhile.
const listenedEvery = time.Minute

// stayAwake notes at the start, again and again and at the end that we listen.
// What lies between two notes that are far apart, because we were stopped, the
// machine slept or nothing could be written, is no silence of others.
func (m *Monitor) stayAwake(ctx context.Context) {
	ticks := time.NewTicker(listenedEvery)
	defer ticks.Stop()
	var failures int
	for ctx.Err() == nil {
		select {
		case <-ticks.C:
		case <-ctx.Done():
		}
		err := m.listened(ctx)
		if err == nil || m.Fatal(err) {
			failures = 0
			continue
		}
		if failures++; failures&(failures-1) == 0 {
			m.Log.Error("that we listen cannot be noted; until it can, silence is taken for our own", "err", err, "failures", failures)
		}
	}
}

// listened notes that we listen now, also when we are just asked to end.
func (m *Monitor) listened(ctx context.Context) error {
	return m.Store.Listened(context.WithoutCancel(ctx), time.Now())
}
