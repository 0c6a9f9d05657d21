package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/workflows"
)

// run walks through a workflow with what its steps were answered.
func (p *player) run(ctx context.Context, r recorded) ([]monitor.Replayed, error) {
	var line runLine
	if err := r.readAs(&line); err != nil {
		return nil, p.wrong(r, err)
	}
	c := &cast{answers: p.answers, clock: &tapeClock{now: r.at}, began: r.at, of: map[string][]cue{}}
	for i, l := range line.Answers {
		if err := c.add(p.watch.Workflow, l); err != nil {
			return nil, p.wrong(r, fmt.Errorf("answers[%d]: %w", i, err))
		}
	}
	s := workflows.Runner{Asker: c, Clock: c.clock}.Run(ctx, p.watch.Probe, *p.watch.Workflow)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	step, err := p.recording.Next(s)
	return []monitor.Replayed{step}, err
}

// A cast answers the steps of a run as it was recorded.
type cast struct {
	answers *answering
	clock   *tapeClock
	began   time.Time
	of      map[string][]cue // by step, in the order of time
}

// A cue is an answer of a step from some time after the run began.
type cue struct {
	recorded
	after, took time.Duration
	problem     string // why nobody answered
}

func (c *cast) add(w *workflows.Workflow, l stepLine) (err error) {
	if !slices.ContainsFunc(slices.Concat(w.Steps, w.Cleanup), func(s workflows.Step) bool { return s.Name == l.Step }) {
		return fmt.Errorf("the workflow has no step %q", printable(l.Step))
	}
	q := cue{recorded: recorded{status: l.Status, header: headerOf(l.Headers), body: bodyOf(l.Body)}, problem: l.Problem}
	if q.after, err = pause(l.After); err != nil {
		return fmt.Errorf("after: %w", err)
	}
	if q.took, err = pause(l.Took); err != nil {
		return fmt.Errorf("took: %w", err)
	}
	if l.Status == 0 && l.Problem == "" {
		q.problem = "no answer"
	}
	if all := c.of[l.Step]; len(all) > 0 && q.after < all[len(all)-1].after {
		return errors.New("it is before the answer of the same step above it")
	}
	c.of[l.Step] = append(c.of[l.Step], q)
	return nil
}

func pause(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		err = errors.New("less than nothing")
	}
	return d, err
}

// Do answers a step as at this time of the run: the last answer stands until
// there is another.
func (c *cast) Do(ctx context.Context, p probes.Probe) probes.Sample {
	_, step, _ := workflows.StepOf(p.ID)
	all := c.of[step]
	if len(all) == 0 {
		return c.nobody(p, "no answer of this step was recorded")
	}
	at := 0
	for i := range all {
		if all[i].after <= c.clock.now.Sub(c.began) {
			at = i
		}
	}
	q := all[at]
	q.at = c.clock.now
	c.clock.Sleep(ctx, q.took)
	if q.status == 0 {
		return c.nobody(p, q.problem)
	}
	s := c.answers.to(ctx, p, q.recorded)
	s.Latency = q.took
	return s
}

func (c *cast) nobody(p probes.Probe, why string) probes.Sample {
	return probes.Sample{Probe: p.ID, At: c.clock.now, Class: probes.Unreachable, Problem: printable(why), Method: p.Method, Header: http.Header{}, Attempts: 1}
}

// A tapeClock is the time within a recording: it passes when somebody waits.
type tapeClock struct {
	now  time.Time
	ends []*ending
}

// An ending is a time at which something is cut off.
type ending struct {
	at  time.Time
	end context.CancelCauseFunc
	why error
}

// Now is how far the run has come.
func (t *tapeClock) Now() time.Time { return t.now }

// Sleep lets time pass, up to what ends before.
func (t *tapeClock) Sleep(ctx context.Context, d time.Duration) bool {
	t.now = t.now.Add(d)
	for _, e := range t.ends {
		if t.now.After(e.at) {
			e.end(e.why)
		}
	}
	return ctx.Err() == nil
}

// Within is ctx until the clock has come so far.
func (t *tapeClock) Within(ctx context.Context, d time.Duration, why error) (context.Context, context.CancelFunc) {
	ctx, end := context.WithCancelCause(ctx)
	t.ends = append(t.ends, &ending{t.now.Add(d), end, why})
	return ctx, func() { end(context.Canceled) }
}
