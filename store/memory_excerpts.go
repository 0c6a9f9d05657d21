package store

import (
	"bytes"
	"context"
	"maps"
)

// Excerpts are the excerpts of contract files that were kept last, by key.
func (m *Memory) Excerpts(ctx context.Context) (all map[string][]byte, err error) {
	err = m.locked(ctx, func() error {
		all = cloned(m.excerpts)
		return nil
	})
	return all, err
}

// KeepExcerpts puts excerpts in the place of all that were kept before.
func (m *Memory) KeepExcerpts(ctx context.Context, all map[string][]byte) error {
	return m.locked(ctx, func() error {
		m.excerpts = cloned(all)
		return nil
	})
}

func cloned(all map[string][]byte) map[string][]byte {
	copied := maps.Clone(all)
	for key, text := range copied {
		copied[key] = bytes.Clone(text)
	}
	if copied == nil {
		copied = map[string][]byte{}
	}
	return copied
}
