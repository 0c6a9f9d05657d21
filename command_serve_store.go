package main

import (
	"context"
	"log/slog"
	"os"

	"shapewatch/store"
)

// A heldStore is the store of a server, opened before its configuration has
// been read to the end when large contracts are remembered in it.
type heldStore struct {
	options serveOptions
	kept    *keptExcerpts
	state   memory // nil until it is open
}

// excerpts are what is remembered of large contracts.
func (h *heldStore) excerpts(options store.Options) *keptExcerpts {
	h.kept = &keptExcerpts{open: func() excerptStore {
		if h.state == nil {
			h.look(h.options.state(options))
		}
		if h.state == nil {
			return nil
		}
		return h.state
	}}
	return h.kept
}

// look opens a store that is there. One that cannot be opened is told later,
// by [heldStore.open].
func (h *heldStore) look(options store.Options) {
	if _, err := os.Stat(options.Path); err != nil {
		return
	}
	if state, err := openStore(options); err == nil {
		h.state = state
	}
}

// open is the store of a configuration.
func (h *heldStore) open(c *Config) (state memory, err error) {
	if h.state == nil {
		if h.state, err = openStore(h.options.state(c.Store())); err != nil {
			return nil, err
		}
	}
	return h.state, nil
}

// save remembers the large contracts of the configuration that was read last.
// One that cannot be remembered keeps nobody from watching.
func (h *heldStore) save(ctx context.Context, log *slog.Logger) {
	if h.kept == nil {
		return
	}
	if err := h.kept.save(ctx, h.state); err != nil {
		log.Warn("large contracts are read whole at the next start", "err", err)
	}
}

// reload reads the configuration anew, with what is remembered.
func (h *heldStore) reload(ctx context.Context, p *program) (*Config, error) {
	c, err := h.options.load(h.excerpts)
	if err != nil {
		return nil, err
	}
	h.save(ctx, p.Log)
	return c, nil
}

// Close closes the store of a server that does not start.
func (h *heldStore) Close() error {
	if h.state == nil {
		return nil
	}
	return h.state.Close()
}
