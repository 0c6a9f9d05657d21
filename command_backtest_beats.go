package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"shapewatch/monitor"
)

// rehear judges what the store keeps of each job by the rules of a
// configuration: beats are kept as they came, so the server's looks can be made
// again. How far back that goes depends on how often a job calls.
func (b backtest) rehear(ctx context.Context, state memory, watches []monitor.Watch, out io.Writer, now time.Time) error {
	for _, w := range watches {
		if w.Heartbeat == nil {
			continue
		}
		if err := b.rehearJob(ctx, state, w, out, now); err != nil {
			return fmt.Errorf("probe %s: %w", w.Probe.ID, err)
		}
	}
	return nil
}

func (b backtest) rehearJob(ctx context.Context, state memory, w monitor.Watch, out io.Writer, now time.Time) error {
	beats, err := state.Beats(ctx, w.Probe.ID)
	if err != nil || len(beats) == 0 {
		return err
	}
	p := &player{replayOptions: replayOptions{output: "text"}, series: w.Probe.ID, out: out, watch: w, known: true, incidents: map[string]bool{}, answers: newAnswering()}
	if b.ndjson {
		p.output = "ndjson"
	}
	defer p.close()
	from := beats[0].At
	if since := now.AddDate(0, 0, -b.days); from.Before(since) {
		from = since
	}
	if err := p.begin(recorded{at: beats[0].At}); err != nil {
		return err
	}
	p.recording.Skip(from)
	if !b.ndjson {
		fmt.Fprintf(out, "%s: %s since %s, heard again by these rules:\n", printable(w.Probe.ID), count(len(beats), "beat"), clockTime(from))
	}
	tell := func(step monitor.Replayed) error { return p.print("kept", step) }
	for _, beat := range beats {
		if err := p.recording.Until(ctx, beat.At, tell); err != nil {
			return err
		}
		if err := p.recording.Hear(ctx, beat); err != nil {
			return err
		}
	}
	p.samples = len(beats)
	if err := p.recording.Until(ctx, now, tell); err != nil {
		return err
	}
	if b.ndjson {
		return nil
	}
	_, err = fmt.Fprintf(out, "    %s\n", count(len(p.incidents), "incident"))
	return err
}
