package monitor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// Forget un-learns what a probe's baseline learned from one time to another,
// widened to whole hours, days or weeks, and says what that was. It may be
// called beside a running monitor of the same store.
func Forget(ctx context.Context, s Store, api, probe string, from, to time.Time, a contracts.Acceptance) (m contracts.Move, err error) {
	err = moveBaseline(ctx, s, api, probe, func(b *contracts.Baseline, parts []contracts.Part) (gone []contracts.Part, err error) {
		gone, m, err = b.Forget(parts, from, to, a)
		return gone, err
	})
	return m, err
}

// A shift changes a baseline; it returns the parts that change with it.
type shift func(b *contracts.Baseline, parts []contracts.Part) ([]contracts.Part, error)

// moveBaseline recalls, shifts and stores, again when a check was faster.
func moveBaseline(ctx context.Context, s Store, api, probe string, by shift) error {
	for range maxDecisions {
		switch err := moveOnce(ctx, s, api, probe, by); {
		case err == nil:
			return nil
		case !errors.Is(err, alerting.ErrConflict):
			return fmt.Errorf("probe %s: %w", probe, err)
		}
	}
	return fmt.Errorf("probe %s: %w", probe, alerting.ErrConflict)
}

func moveOnce(ctx context.Context, s Store, api, probe string, by shift) error {
	moved, err := shifted(ctx, s, api, probe, by)
	if err != nil {
		return err
	}
	return s.MoveBaseline(ctx, probe, moved.Moves, moved.Whole, moved.Parts)
}

// shifted recalls a baseline and says what it is after a shift.
func shifted(ctx context.Context, s Store, api, probe string, by shift) (moved alerting.Shift, err error) {
	memory, err := s.Recall(ctx, api, probe)
	if err != nil {
		return moved, err
	}
	parts, err := s.Parts(ctx, probe)
	if err != nil {
		return moved, err
	}
	b, err := contracts.Restore(memory.Baseline, memory.Lessons)
	if err != nil {
		return moved, err
	}
	changed, err := by(b, parts)
	if err != nil {
		return moved, err
	}
	k, err := b.Whole()
	return alerting.Shift{Probe: probe, Moves: memory.Moves, Whole: k.Whole, Parts: append(k.Parts, changed...)}, err
}
