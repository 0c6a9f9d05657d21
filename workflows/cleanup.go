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
// is left behind and why. When ctx ends in between, nothing is noted: the next
// life finds the run as it was.
func (r *running) cleanUp(ctx context.Context) {
	within, cancel := r.Clock.Within(ctx, cleanupWithin, errors.New("the clean-up took longer than "+brief(cleanupWithin)))
	defer cancel()
	var left []string
	found := false
	for i := range r.workflow.Cleanup {
		step := &r.workflow.Cleanup[i]
		if r.pointless(step) {
			continue
		}
		switch err := r.undo(within, step); {
		case err == nil:
			found = true
		case !r.absent(step, err):
			left = append(left, r.leftBehind(step, err))
		}
	}
	if ctx.Err() != nil {
		return
	}
	if !found && len(left) == 0 && len(r.workflow.Cleanup) > 0 {
		r.trace.deny() // it was not made, after all
	}
	r.trace.Left, r.trace.Clean = left, true
	if len(r.trace.Made) > 0 {
		_ = r.keep(ctx) // the commit of the sample settles the run in any case
	}
}

// undo takes one clean-up step, a few times if need be.
func (r *running) undo(ctx context.Context, s *Step) (err error) {
	for try := range cleanupTries {
		if try > 0 && !r.Clock.Sleep(ctx, pauseOfCleanup) {
			break
		}
		if _, err = r.take(ctx, s); err == nil || !worthRetrying(err) {
			break
		}
	}
	return err
}

// pointless reports whether there is nothing for a clean-up step to do:
// nothing was made, or the step whose value it needs brought none.
func (r *running) pointless(s *Step) bool {
	if len(r.trace.Made) == 0 {
		return true
	}
	for _, name := range r.needs(s) {
		if _, known := r.trace.Values[name]; known || !strings.HasPrefix(name, "steps.") {
			continue
		}
		step := strings.Split(name, ".")[1]
		isCleanup := slices.ContainsFunc(r.workflow.Cleanup, func(c Step) bool { return c.Name == step })
		if isCleanup || !slices.Contains(r.trace.Reached, step) {
			return true
		}
	}
	return false
}

// absent reports whether a clean-up step failed because what it looks for or
// would remove is not there.
func (r *running) absent(s *Step, err error) bool {
	var f *failure
	if !errors.As(err, &f) || f.status != 404 && f.status != 410 && !(f.missing && safe(s.Ask)) {
		return false
	}
	if n := len(r.taken); n > 0 {
		r.taken[n-1].Problem = ""
	}
	return true
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

func worthRetrying(err error) bool {
	var f *failure
	return errors.As(err, &f) && (f.status == 0 || f.status == 429 || f.status >= 500) && !strings.HasPrefix(f.problem, "not asked")
}

// leftBehind says what is still there, and why.
func (r *running) leftBehind(s *Step, err error) string {
	return fmt.Sprintf("%s: clean-up step %s: %s", strings.Join(r.trace.Made, ", "), s.Name, err)
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
