package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// A keptBaseline is a probe's baseline: the whole, what followed it, and what
// it consists of.
type keptBaseline struct {
	whole   []byte
	lessons [][]byte
	parts   map[string][]byte
	edition alerting.Edition
}

func (m *Memory) keepBaseline(o alerting.Outcome) {
	kept := m.baselines[o.Claim.Probe]
	if o.Baseline != nil {
		kept.whole, kept.lessons = o.Baseline, nil
	}
	if o.Lesson != nil {
		kept.lessons = append(kept.lessons, o.Lesson)
	}
	kept.edition = kept.edition.Next()
	kept.put(o.Parts)
	m.baselines[o.Claim.Probe] = kept
}

func (k *keptBaseline) put(parts []contracts.Part) {
	if k.parts == nil {
		k.parts = map[string][]byte{}
	}
	for _, p := range parts {
		if k.parts[p.Key] = p.Bytes; len(p.Bytes) == 0 {
			delete(k.parts, p.Key)
		}
	}
}

func (m *Memory) recallBaseline(probe string, has alerting.Edition, memory *alerting.Memory) {
	kept := m.baselines[probe]
	memory.Edition = kept.edition
	if memory.Same = has == kept.edition && has != (alerting.Edition{}); memory.Same {
		return
	}
	memory.Baseline = bytes.Clone(kept.whole)
	for _, lesson := range kept.lessons {
		memory.Lessons = append(memory.Lessons, bytes.Clone(lesson))
	}
}

// Parts returns the parts of a probe's baseline by key.
func (m *Memory) Parts(ctx context.Context, probe string) (parts []contracts.Part, err error) {
	err = m.locked(ctx, func() error {
		for key, raw := range m.baselines[probe].parts {
			parts = append(parts, contracts.Part{Key: key, Bytes: bytes.Clone(raw)})
		}
		return nil
	})
	slices.SortFunc(parts, func(a, b contracts.Part) int { return strings.Compare(a.Key, b.Key) })
	return parts, err
}

// MoveBaseline replaces a probe's baseline outside of any check.
func (m *Memory) MoveBaseline(ctx context.Context, probe string, moves uint64, whole []byte, parts []contracts.Part) error {
	return m.locked(ctx, func() error {
		if _, known := m.probes[probe]; !known {
			return fmt.Errorf("probe %.40q: %w", probe, alerting.ErrNotFound)
		}
		kept := m.baselines[probe]
		if stored := kept.edition.Moves; stored != moves {
			return staleBaseline(probe, moves, stored)
		}
		kept.whole, kept.lessons, kept.edition.Moves = bytes.Clone(whole), nil, moves+1
		kept.put(cloneParts(parts))
		m.baselines[probe] = kept
		return nil
	})
}
