package store

import (
	"context"
	"slices"
	"time"

	"shapewatch/probes"
)

// Listened notes that we listen at a time; what lies between it and the last
// such note is kept as a deaf stretch if it is long enough to be one.
func (m *Memory) Listened(ctx context.Context, now time.Time) error {
	return m.locked(ctx, func() error {
		if d, ok := probes.Gap(m.heardAt, now); ok && !m.heardAt.IsZero() {
			m.deaf = slices.DeleteFunc(append(m.deaf, d), func(old probes.Deaf) bool { return now.Sub(old.Until) > probes.DeafKeptFor })
			m.deaf = m.deaf[max(0, len(m.deaf)-probes.DeafKept):]
		}
		m.heardAt = now
		return nil
	})
}

// Deaf returns the last stretches in which we did not listen, oldest first.
func (m *Memory) Deaf(ctx context.Context) (kept []probes.Deaf, err error) {
	err = m.locked(ctx, func() error {
		kept = slices.Clone(m.deaf)
		return nil
	})
	return kept, err
}
