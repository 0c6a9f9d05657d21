package workflows

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"shapewatch/probes"
)

// cleanUp takes the clean-up steps, whatever happened before, and notes what
// is left behind and why.
func (r *running) cleanUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, cleanupWithin)
	defer cancel()
	for i := range r.workflow.Cleanup {
		step := &r.workflow.Cleanup[i]
		if err := r.undo(ctx, step); err != nil {
			r.trace.Left = append(r.trace.Left, r.leftBehind(step, err))
		}
	}
	r.trace.Clean = ctx.Err() == nil || len(r.trace.Left) > 0
	if len(r.trace.Made) > 0 && r.trace.Clean {
		_ = r.keep(ctx) // the commit of the sample settles the run in any case
	}
}

// undo takes one clean-up step, a few times if need be. A step whose values
// come from one that was never begun has nothing to undo.
func (r *running) undo(ctx context.Context, s *Step) (err error) {
	if r.pointless(s) {
		return nil
	}
	for try := range cleanupTries {
		if try > 0 && !sleep(ctx, pauseOfCleanup) {
			break
		}
		_, err = r.take(ctx, s)
		if err == nil || r.gone(err) || !worthRetrying(err) {
			break
		}
	}
	if r.gone(err) {
		r.taken[len(r.taken)-1].Problem = ""
		return nil
	}
	return err
}

// pointless reports whether a clean-up step needs a value of a step that was
// not begun, or of one that made nothing.
func (r *running) pointless(s *Step) bool {
	if len(r.trace.Made) == 0 && !r.made(s) {
		return true
	}
	for _, name := range r.needs(s) {
		if _, known := r.trace.Values[name]; known || !strings.HasPrefix(name, "steps.") {
			continue
		}
		step := strings.Split(name, ".")[1]
		if !slices.Contains(r.trace.Reached, step) {
			return true
		}
	}
	return false
}

// made reports whether a step that changes something was begun and may have
// succeeded: a crash can come between its answer and our note of it.
func (r *running) made(*Step) bool {
	return len(r.taken) == 0 && len(r.trace.Reached) > 0 // a trace of a dead process
}

// needs are the values that a step refers to.
func (r *running) needs(s *Step) (names []string) {
	names = append(References(s.Ask.URL), References(string(s.Ask.Body))...)
	for _, fields := range []map[string][]string{s.Ask.Header, s.Ask.Query} {
		for _, values := range fields {
			names = append(names, References(strings.Join(values, " "))...)
		}
	}
	return names
}

// gone reports whether what was to be removed is not there any more.
func (r *running) gone(err error) bool {
	var f *failure
	return errors.As(err, &f) && (f.status == 404 || f.status == 410)
}

func worthRetrying(err error) bool {
	var f *failure
	return errors.As(err, &f) && (f.status == 0 || f.status == 429 || f.status >= 500) && !strings.HasPrefix(f.problem, "not asked")
}

// leftBehind says what is still there, and why.
func (r *running) leftBehind(s *Step, err error) string {
	what := strings.Join(r.trace.Made, ", ")
	if what == "" {
		what = "whatever " + strings.Join(r.trace.Reached, ", ") + " made (" + r.trace.Values["run.name"] + ")"
	}
	return fmt.Sprintf("%s: clean-up step %s: %s", what, s.Name, err)
}

// facts are what people are told of the run.
func (r *running) facts() probes.Run {
	t := r.trace
	run := probes.Run{
		ID: t.ID, Name: t.Values["run.name"], Steps: r.taken,
		Failed: t.Failed, Problem: t.Problem, Made: t.Made, Left: t.Left,
	}
	switch {
	case len(t.Left) > 0:
		run.Cleanup = probes.CleanupFailed
	case len(t.Made) > 0 && len(r.workflow.Cleanup) > 0:
		run.Cleanup = probes.CleanedUp
	}
	return run
}
