package workflows

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"shapewatch/probes"
)

// A Runner takes workflows through their steps.
type Runner struct {
	Asker   Asker
	Journal Journal // nil means that nothing survives a crash
	Clock   Clock   // nil means the time that it is
}

// Run takes one run of a probe's workflow and brings back a sample of it. What
// earlier runs left when this program died is cleaned up first. When ctx ends
// in the middle, the run stays in the journal for the next to clean up.
func (r Runner) Run(ctx context.Context, p probes.Probe, w Workflow) probes.Sample {
	if r.Clock == nil {
		r.Clock = wallClock{}
	}
	began := r.Clock.Now()
	recovered, err := r.recover(ctx, p, w)
	if err != nil {
		return ownFault(p, began, err)
	}
	run := &running{Runner: r, probe: p, workflow: w, trace: newTrace(p.ID, began)}
	run.walk(ctx)
	if ctx.Err() == nil {
		run.cleanUp(ctx)
	}
	s := run.sample(began)
	s.Run.Recovered = recovered
	return s
}

// ownFault is the sample of a run that was not begun because of us.
func ownFault(p probes.Probe, at time.Time, err error) probes.Sample {
	return probes.Sample{
		Probe: p.ID, At: at, Class: probes.Unreachable, Method: http.MethodGet,
		Problem: "not run: the journal of runs cannot be used: " + err.Error(),
	}
}

// recover cleans up after runs that a crash cut off, and says what became of
// each.
func (r Runner) recover(ctx context.Context, p probes.Probe, w Workflow) (recovered []probes.Run, err error) {
	if r.Journal == nil {
		return nil, nil
	}
	left, err := r.Journal.LeftRuns(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	for i := range left {
		run := &running{Runner: r, probe: p, workflow: w, trace: &left[i]}
		if t := run.trace; !t.Clean {
			if t.Failed == "" {
				t.Failed, t.Problem = last(t.Reached), "cut off when shapewatch ended, "+ago(r.Clock.Now().Sub(t.Began))+" ago"
				run.suppose()
			}
			run.cleanUp(ctx)
		}
		if ctx.Err() != nil {
			return recovered, nil // the journal still has it
		}
		recovered = append(recovered, run.facts())
	}
	return recovered, nil
}

// suppose adds what the step at which a life ended may have made.
func (r *running) suppose() {
	for i := range r.workflow.Steps {
		if s := &r.workflow.Steps[i]; s.Name == r.trace.Failed && !safe(s.Ask) && !slices.Contains(r.trace.MadeBy, s.Name) {
			r.noteMade(s, probes.Sample{Attempts: 1, Class: probes.Unreachable})
		}
	}
}

func last(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1]
}

func ago(d time.Duration) string { return d.Round(time.Second).String() }

// A running is one run on its way.
type running struct {
	Runner
	probe    probes.Probe
	workflow Workflow
	trace    *Trace
	taken    []probes.StepTaken
	answers  []answer
	class    probes.Class // of the step at which it stopped; empty while all goes well
	status   int
}

// walk takes the steps, following branches, until the end or a failure.
func (r *running) walk(ctx context.Context) {
	within := orDefault(r.workflow.Within, DefaultWithin)
	ctx, cancel := r.Clock.Within(ctx, within, fmt.Errorf("the workflow took longer than %s", brief(within)))
	defer cancel()
	at := 0
	for range maxStepsTaken {
		if at >= len(r.workflow.Steps) {
			return
		}
		step := &r.workflow.Steps[at]
		next, err := r.take(ctx, step)
		if err != nil {
			r.stop(step.Name, err)
			return
		}
		if at = r.index(next, at+1); at < 0 {
			return
		}
	}
	r.stop(last(r.trace.Reached), fmt.Errorf("%d steps and no end: a branch leads back for ever", maxStepsTaken))
}

// index is where a branch leads: -1 for the end, follows when there is none.
func (r *running) index(next string, follows int) int {
	switch next {
	case "":
		return follows
	case End:
		return -1
	}
	for i := range r.workflow.Steps {
		if r.workflow.Steps[i].Name == next {
			return i
		}
	}
	return -1
}

func (r *running) stop(step string, err error) {
	r.trace.Failed, r.trace.Problem = step, err.Error()
	var f *failure
	if errors.As(err, &f) {
		r.class, r.status = f.class, f.status
	}
	if r.class == "" || r.class == probes.Valid {
		r.class = probes.Status
	}
}

// A failure is why a step did not go well.
type failure struct {
	class   probes.Class
	status  int
	problem string
	missing bool // the answer is fine and what was to be extracted is not in it
}

func (f *failure) Error() string { return f.problem }

func fails(c probes.Class, status int, problem string) *failure {
	return &failure{class: c, status: status, problem: problem}
}

// take makes one step: asks, once or until what it waits for holds.
func (r *running) take(ctx context.Context, s *Step) (next string, err error) {
	request, err := r.prepare(ctx, s)
	if err != nil {
		return "", err
	}
	taken := probes.StepTaken{Name: s.Name, Operation: request.Operation}
	defer func() {
		if err != nil {
			taken.Problem = err.Error()
		}
		r.taken = append(r.taken, taken)
	}()
	began := r.Clock.Now()
	deadline := began.Add(orDefault(s.Wait.Within, DefaultWait))
	unsent := true
	for {
		sample := r.Asker.Do(ctx, request)
		unsent = unsent && sample.Unsent // or an earlier try may have made it
		sample.Unsent = unsent
		taken.Tries++
		taken.Status, taken.MediaType, taken.Latency, taken.Took = sample.Status, sample.MediaType, sample.Latency, sample.Latency
		if len(s.Wait.Until) > 0 {
			taken.Took = r.Clock.Now().Sub(began)
		}
		var a answer
		a, next, err = r.judge(s, sample)
		if err == nil && next != Fail {
			return next, r.accept(ctx, s, a)
		}
		if len(s.Wait.Until) == 0 || taken.Tries >= maxTries || !r.pause(ctx, s, deadline) {
			r.answers = append(r.answers, a)
			r.noteMade(s, sample)
			return "", r.verdict(ctx, s, sample, err)
		}
	}
}

// prepare fills in the request and, when it changes something, writes down
// that the step is about to be taken.
func (r *running) prepare(ctx context.Context, s *Step) (probes.Probe, error) {
	r.trace.Reached = append(r.trace.Reached, s.Name)
	request, err := r.trace.request(s)
	if err != nil {
		return request, &failure{class: probes.Status, problem: "not asked: " + err.Error()}
	}
	request.ID = StepID(r.probe.ID, s.Name)
	if safe(request) {
		return request, nil
	}
	if err := r.keep(ctx); err != nil {
		return request, &failure{class: probes.Unreachable, problem: "not asked: the run cannot be written down: " + err.Error()}
	}
	return request, nil
}

func (r *running) keep(ctx context.Context) error {
	if r.Journal == nil {
		return nil
	}
	return r.Journal.KeepRun(ctx, *r.trace)
}

// safe reports whether a request changes nothing.
func safe(p probes.Probe) bool {
	switch strings.ToUpper(p.Method) {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	return false
}

// pause waits for the next try of a waiting step; false when it is too late.
func (r *running) pause(ctx context.Context, s *Step, deadline time.Time) bool {
	every := orDefault(s.Wait.Every, DefaultEvery)
	if r.Clock.Now().Add(every).After(deadline) {
		return false
	}
	return r.Clock.Sleep(ctx, every)
}

// verdict is why a step has failed for good.
func (r *running) verdict(ctx context.Context, s *Step, sample probes.Sample, err error) error {
	switch {
	case ctx.Err() != nil && err != nil:
		return fails(probes.Status, sample.Status, context.Cause(ctx).Error()+": "+err.Error())
	case len(s.Wait.Until) > 0 && err != nil:
		return fails(probes.Status, sample.Status, fmt.Sprintf("never within %s: %s", brief(orDefault(s.Wait.Within, DefaultWait)), err))
	case err == nil: // a branch that says fail
		return fails(probes.Status, sample.Status, fmt.Sprintf("status %d", sample.Status))
	case sample.Unsent && sample.Attempts > 0 && !safe(s.Ask):
		return fails(sample.Class, 0, err.Error()+"; nothing was sent, so nothing was made")
	}
	return err
}

func orDefault(d, fallback time.Duration) time.Duration {
	if d <= 0 {
		return fallback
	}
	return d
}

// brief writes 2m0s as 2m.
func brief(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}
