package store

import (
	"context"
	"maps"
	"slices"

	"shapewatch/workflows"
)

// KeepRun writes down how far a run of a workflow has come.
func (m *Memory) KeepRun(ctx context.Context, t workflows.Trace) error {
	return m.locked(ctx, func() error {
		copied, err := clone(t)
		if err != nil {
			return err
		}
		if m.runs[t.Probe] == nil {
			m.runs[t.Probe] = map[string]workflows.Trace{}
		}
		m.runs[t.Probe][t.ID] = copied
		return nil
	})
}

// LeftRuns returns the runs of a probe that no outcome has settled, by ID.
func (m *Memory) LeftRuns(ctx context.Context, probe string) (left []workflows.Trace, err error) {
	err = m.locked(ctx, func() error {
		for _, id := range slices.Sorted(maps.Keys(m.runs[probe])) {
			copied, err := clone(m.runs[probe][id])
			if err != nil {
				return err
			}
			left = append(left, copied)
		}
		return nil
	})
	return left, err
}

// SettleRuns forgets runs that somebody has been told of.
func (m *Memory) SettleRuns(ctx context.Context, probe string, ids []string) error {
	return m.locked(ctx, func() error {
		m.settleRuns(probe, ids)
		return nil
	})
}

func (m *Memory) settleRuns(probe string, ids []string) {
	for _, id := range ids {
		delete(m.runs[probe], id)
	}
}
