package main

import (
	"context"
	"time"

	"shapewatch/monitor"
	"shapewatch/workflows"
)

// The pauses between looks at what has settled: short at first, when somebody
// may be watching, then rare.
const (
	firstLook = 20 * time.Second
	rareLook  = 10 * time.Minute
)

// learn writes contracts as they settle, until ctx is done.
func (p *program) learn(ctx context.Context) error {
	pause := firstLook
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
			p.writeContracts(ctx)
		}
		pause = min(3*pause, rareLook)
	}
}

// writeContracts writes the contract of every API that names none and has
// settled. What cannot be written is logged, once for each file.
func (p *program) writeContracts(ctx context.Context) {
	c := p.config.Load()
	if c == nil || c.Learned() == "" {
		return
	}
	w := contractWriter{state: p.Store, folder: c.Learned()}
	for _, api := range apisOf(withoutContract(c.Watches())) {
		file, why, err := w.write(ctx, api.name, api.watches)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			if !p.unwritten[file] {
				p.Log.Error("a contract cannot be written", "file", file, "err", err)
			}
			p.unwritten[file] = true
		case why == "":
			p.Log.Info("wrote what was learned as a contract", "api", api.name, "file", file)
		}
	}
}

func withoutContract(watches []monitor.Watch) (free []monitor.Watch) {
	held := map[string]bool{} // against documents at addresses
	for _, w := range watches {
		if w.Spec != nil {
			held[w.Probe.ID] = true // it has no answers of its own
			for id := range w.Spec.Holds {
				probe, _, _ := workflows.StepOf(id)
				held[probe] = true
			}
		}
	}
	for _, w := range watches {
		if w.Contract == nil && !held[w.Probe.ID] {
			free = append(free, w)
		}
	}
	return free
}
