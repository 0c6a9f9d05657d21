package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
	"shapewatch/monitor"
	"shapewatch/store"
)

// A player runs one recording.
type player struct {
	replayOptions
	path, series string
	out          io.Writer
	watch        monitor.Watch // that it is a recording of
	known        bool          // watch is one of the configuration's
	answers      *answering
	recording    *monitor.Recording // nil before the first line
	last         recorded
	told         map[string]bool // fingerprints confirmed before
	samples      int
	incidents    map[string]bool
}

func newPlayer(o replayOptions, path string, out io.Writer) (*player, error) {
	p := &player{replayOptions: o, path: path, series: seriesOf(path), out: out, incidents: map[string]bool{}, answers: newAnswering()}
	if o.as == "" {
		return p, nil
	}
	var err error
	p.watch, err = watchNamed(o.config, o.as)
	p.known = true
	return p, err
}

func (p *player) close() { p.answers.client.Close() }

// begin makes everything ready for a recording whose first line is this.
func (p *player) begin(r recorded) (err error) {
	if !p.known {
		if p.watch, err = bareWatch(p.series, r.kind); err != nil {
			return p.wrong(r, err)
		}
	}
	if p.uses != nil {
		p.watch.Policy.Uses = p.uses
	}
	if p.sensitivity != "" {
		p.watch.Policy.Sensitivity = contracts.Sensitivity(p.sensitivity)
	}
	p.watch = playable(p.watch)
	m := monitor.New(monitor.Options{Store: store.NewMemory(store.Retention{}), Detectors: detectors.All(), Log: slog.New(slog.DiscardHandler)})
	if p.recording, err = m.Replay(p.watch); err != nil {
		return err
	}
	p.recording.Begin(r.at)
	return nil
}

// wrong says which line is not as it should be.
func (p *player) wrong(r recorded, err error) error {
	return usageError(fmt.Errorf("%s: line %v: %w", p.path, r.name, err))
}

// play judges one line, and before it what the time until then brought.
func (p *player) play(ctx context.Context, r recorded) error {
	if p.recording == nil {
		if err := p.begin(r); err != nil {
			return err
		}
	}
	listens := p.watch.Heartbeat != nil || p.watch.Source != nil
	if listens {
		if err := p.follows(r); err != nil {
			return p.wrong(r, err)
		}
	}
	if err := p.recording.Until(ctx, r.at, p.between); err != nil {
		return err
	}
	p.last = r
	if r.kind == untilThen {
		return nil
	}
	p.samples++
	steps, err := p.judge(ctx, r)
	if err != nil {
		return err
	}
	for _, step := range steps {
		if err := p.print(r.name, step); err != nil {
			return err
		}
	}
	return p.recording.Until(ctx, r.at, func(step monitor.Replayed) error { return p.print(r.name, step) })
}

// longestPause bounds the time between two lines of what is listened to: the
// server looks every few seconds, and so does a replay.
const longestPause = 400 * 24 * time.Hour

// follows checks that a line may stand below the last one.
func (p *player) follows(r recorded) error {
	at, above := r.at.Format(time.RFC3339), p.last.at.Format(time.RFC3339)
	switch {
	case p.last.at.IsZero():
		return nil
	case r.at.Before(p.last.at):
		return fmt.Errorf("%s is before the line above it, of %s: sort the lines by their date", at, above)
	case r.at.Sub(p.last.at) > longestPause:
		return fmt.Errorf("%s is more than a year after the line above it, of %s", at, above)
	}
	return nil
}

// between prints what a look between two lines meant.
func (p *player) between(step monitor.Replayed) error {
	return p.print(afterLine{p.last.name}, step)
}

// An afterLine is where a look between two lines was.
type afterLine struct{ line any }

func (a afterLine) String() string { return fmt.Sprintf("after %v", a.line) }

// judge hands a line to what plays its kind.
func (p *player) judge(ctx context.Context, r recorded) ([]monitor.Replayed, error) {
	if err := p.fits(r.kind); err != nil {
		return nil, p.wrong(r, err)
	}
	switch r.kind {
	case aDelivery:
		return p.deliver(ctx, r)
	case aBeat:
		return nil, p.beat(ctx, r)
	case aRun:
		return p.run(ctx, r)
	case ofRows:
		return p.compare(ctx, r)
	}
	return p.answer(ctx, r)
}
