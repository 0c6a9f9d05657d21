package workflows

import (
	"context"
	"time"
)

// A Clock is the time that a run takes: what has been recorded takes none.
type Clock interface {
	Now() time.Time
	// Sleep lets time pass; false when ctx was done before.
	Sleep(ctx context.Context, d time.Duration) bool
	// Within is ctx until a time has passed, with why it ended then.
	Within(ctx context.Context, d time.Duration, why error) (context.Context, context.CancelFunc)
}

// wallClock is the time that it is.
type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

func (wallClock) Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func (wallClock) Within(ctx context.Context, d time.Duration, why error) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, why)
}
