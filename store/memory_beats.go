package store

import (
	"context"
	"slices"

	"shapewatch/heartbeats"
)

// KeepBeat remembers a beat of a probe's job, and the last [heartbeats.Kept]
// before it, and makes the probe due at once.
func (m *Memory) KeepBeat(ctx context.Context, probe string, beat heartbeats.Beat) error {
	if err := checkName("probe", probe); err != nil {
		return err
	}
	return m.locked(ctx, func() error {
		beat.At = beat.At.UTC()
		beats := append(m.beats[probe], beat)
		m.beats[probe] = slices.Clone(beats[max(0, len(beats)-heartbeats.Kept):])
		if row, known := m.probes[probe]; known && !row.retired() && row.Due.After(beat.At) {
			m.unqueue(probe)
			m.enqueue(probe, row, beat.At)
		}
		return nil
	})
}

// Beats returns what is remembered of a job, oldest first.
func (m *Memory) Beats(ctx context.Context, probe string) (beats []heartbeats.Beat, err error) {
	err = m.locked(ctx, func() error {
		beats = slices.Clone(m.beats[probe])
		return nil
	})
	return beats, err
}
