package monitor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"shapewatch/alerting"
	"shapewatch/probes"
	"shapewatch/tracing"
)

// Bounds of the loop.
const (
	maxSleep  = 10 * time.Second // a clock that jumps, or a machine that slept, is noticed within this
	leaseOver = 30 * time.Second // beyond what the slowest probe may take
)

// errStopped is why a check under way is given up when the grace is over.
var errStopped = errors.New("stopped")

// errOwnFault is all that a trace says of a panic: its text may hold what a
// vendor answered. The log has it.
var errOwnFault = errors.New("a fault of our own")

// Run checks what is due until ctx is done. Checks under way then get the
// grace to finish and are committed; what was not begun stays due. Whatever
// goes wrong with one check is logged and the rest goes on; it returns an error
// only when the store is beyond use.
func (m *Monitor) Run(ctx context.Context) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	work, giveUp := context.WithCancelCause(context.WithoutCancel(ctx))
	defer giveUp(nil)
	jobs := make(chan probes.Claim)
	m.recallReach(ctx)
	var workers sync.WaitGroup
	if err := m.listened(ctx); err != nil {
		m.Log.Error("that we listen cannot be noted", "err", err)
	}
	workers.Go(func() { m.stayAwake(ctx) })
	workers.Go(func() { m.tend(ctx) })
	for range m.Workers {
		workers.Go(func() {
			for claim := range jobs {
				if err := m.attend(work, claim); err != nil {
					end(err)
				}
			}
		})
	}
	if err := m.loop(ctx, work, jobs); err != nil {
		end(err)
	}
	close(jobs)
	grace := time.AfterFunc(m.Grace, func() { giveUp(errStopped) })
	defer grace.Stop()
	workers.Wait()
	if err := context.Cause(ctx); m.Fatal(err) {
		return err
	}
	return nil
}

// loop claims and hands out what is due, and sleeps until more is.
func (m *Monitor) loop(ctx, work context.Context, jobs chan<- probes.Claim) error {
	var failures int
	for ctx.Err() == nil {
		claims, next, err := m.Store.Claim(ctx, time.Now(), m.Workers, m.lease())
		switch {
		case err == nil:
		case m.Fatal(err):
			return err
		case ctx.Err() != nil:
			return nil
		default:
			if failures++; failures&(failures-1) == 0 { // the 1st, 2nd, 4th …: a long illness fills no disk
				m.Log.Error("what is due cannot be claimed", "err", err, "failures", failures)
			}
			m.sleep(ctx, time.Now().Add(time.Second<<min(failures, 5)))
			continue
		}
		failures = 0
		for i, claim := range claims {
			select {
			case jobs <- claim:
			case <-ctx.Done():
				m.putBack(work, claims[i:])
				return nil
			}
		}
		if len(claims) < m.Workers {
			m.sleep(ctx, next)
		}
	}
	return nil
}

// putBack leaves due what was claimed and not begun.
func (m *Monitor) putBack(work context.Context, claims []probes.Claim) {
	for _, claim := range claims {
		m.postpone(work, claim, claim.Due)
	}
}

// lease is how long a claim may take: the slowest probe, its retry, and its
// wait for a worker and for its host's budget.
func (m *Monitor) lease() time.Duration {
	slowest := probes.DefaultTimeout
	for _, p := range *m.watched.Load() {
		slowest = max(slowest, p.Probe.Longest())
	}
	return 3*slowest + leaseOver
}

// sleep waits until a time, until something may be due earlier, or until ctx
// is done.
func (m *Monitor) sleep(ctx context.Context, until time.Time) {
	pause := maxSleep
	if !until.IsZero() {
		pause = min(pause, time.Until(until))
	}
	m.asleepUntil.Store(time.Now().Add(pause).UnixNano())
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-m.changed:
	case <-timer.C:
	}
}

// wakeBefore makes the loop look again if it sleeps beyond a time.
func (m *Monitor) wakeBefore(due time.Time) {
	if due.UnixNano() < m.asleepUntil.Load() {
		m.wake()
	}
}

// attend gives a claim its check, or gives it back. The error is the store's
// last.
func (m *Monitor) attend(ctx context.Context, claim probes.Claim) error {
	p := (*m.watched.Load())[claim.Probe]
	if p == nil {
		return nil // no longer watched: the store knows by now, or the lease ends
	}
	now := time.Now()
	if until := m.Asker.BlockedUntil(p.Probe); until.After(now) {
		m.postpone(ctx, claim, p.timetable.next(until))
		return nil
	}
	turn, entered := m.lanes.enter(p, now)
	if !entered {
		m.postpone(ctx, claim, turn)
		return nil
	}
	defer m.lanes.leave(p)
	err := m.guarded(ctx, p, claim)
	switch {
	case err == nil:
	case m.Fatal(err):
		return err
	case errors.Is(err, errStopped):
		m.postpone(context.WithoutCancel(ctx), claim, claim.Due)
	case errors.Is(err, alerting.ErrConflict):
		m.Log.Warn("check given up: others were faster", "probe", p.Probe.ID, "err", err)
	default:
		m.Log.Error("check not recorded", "probe", p.Probe.ID, "err", err)
	}
	return nil
}

// guarded is check, with a panic made an error: our own fault must not end the
// watch over everybody else.
func (m *Monitor) guarded(ctx context.Context, p *post, claim probes.Claim) (err error) {
	ctx, span := tracing.Start(ctx, "check", slog.String("shapewatch.api", p.Probe.API), slog.String("shapewatch.operation", p.Probe.Operation),
		slog.String("shapewatch.probe", p.Probe.ID), slog.Bool("shapewatch.reprobe", isReprobe(claim.Due)))
	defer span.End()
	defer func() {
		if r := recover(); r != nil {
			tracing.Fail(ctx, errOwnFault)
			m.panics.Add(1)
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			m.postpone(ctx, claim, p.timetable.next(time.Now()))
		}
	}()
	err = m.check(ctx, p, claim)
	tracing.Fail(ctx, err)
	return err
}

func (m *Monitor) postpone(ctx context.Context, claim probes.Claim, until time.Time) {
	if err := m.Store.Defer(ctx, claim, until); err != nil && !errors.Is(err, alerting.ErrConflict) {
		m.Log.Error("check not put off", "probe", claim.Probe, "err", err)
	}
	m.wakeBefore(until)
}
