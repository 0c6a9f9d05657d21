// Package workflows walks through an integration step by step: it places an
// order, waits until the warehouse has it, and takes it back. One GET a minute
// sees none of what goes wrong in between.
//
// A [Workflow] is a list of [Step] values and a list of clean-up steps. A
// [Runner] takes them one after the other, hands on what they [Step.Extract],
// checks what they [Step.Assert], waits where they say so, and brings back one
// sample for the whole run: its body holds every step's answer under the
// step's name, so that shape, contract and drift of each step are learned like
// those of any other answer, and its [probes.Run] says how far the run came.
//
// Before a step that changes something, the run is written into a [Journal].
// Whatever ends this program, the next run finds it there, cleans up after it
// and says so: nothing that was made is left behind untold.
//
// The package asks nobody itself: every request goes through an [Asker], with
// its budgets, guards and redaction. It reads no clock but for waiting.
package workflows

import (
	"context"
	"strings"
	"time"

	"shapewatch/probes"
)

// A Workflow is what one run does.
type Workflow struct {
	Steps   []Step        // in order; at least one
	Cleanup []Step        // always taken at the end, whatever happened
	Within  time.Duration // for all steps together; 0 means [DefaultWithin]
}

// Longest is how long a run may take, clean-up included.
func (w *Workflow) Longest() time.Duration { return orDefault(w.Within, DefaultWithin) + cleanupWithin }

// A Step is one request with what is expected of its answer.
//
// In the request's URL, headers, query and body, ${steps.NAME.VALUE} stands for
// what an earlier step extracted, ${run.id}, ${run.name}, ${run.key} and
// ${run.time} for the run itself.
type Step struct {
	Name    string
	Ask     probes.Probe      // the request; ID, API and Operation are the workflow's
	Extract map[string]string // name of a value → where it is: "/id" or "header:location"
	Assert  []Assertion       // all must hold
	Wait    Wait              // asks again until it holds; zero asks once
	Next    map[int]string    // status → step to go on with, [End] or [Fail]; beside Ask.Expect
	Makes   string            // what the step makes, in words: "order ${steps.create.id}"; empty means the step's name
}

// StepID is what identifies a step of a probe's workflow where a probe's ID is
// asked for.
func StepID(probe, step string) string { return probe + "#" + step }

// StepOf takes a step's ID apart; ok is false for what is none.
func StepOf(id string) (probe, step string, ok bool) {
	at := strings.LastIndexByte(id, '#')
	if at < 0 {
		return id, "", false
	}
	return id[:at], id[at+1:], true
}

// Where a step may lead besides to another.
const (
	End  = "end"  // the run is over and went well
	Fail = "fail" // the run is over and did not
)

// A Wait asks a step again until assertions hold.
type Wait struct {
	Until  []Assertion
	Within time.Duration // 0 means [DefaultWait]
	Every  time.Duration // 0 means [DefaultEvery]
}

// Defaults of a workflow that does not say otherwise.
const (
	DefaultWithin  = 5 * time.Minute
	DefaultWait    = 2 * time.Minute
	DefaultEvery   = 5 * time.Second
	cleanupWithin  = time.Minute // for all of a clean-up
	cleanupTries   = 3           // of each of its steps
	maxStepsTaken  = 100         // branches may lead back
	maxTries       = 1000        // of one waiting step
	maxValue       = 4 << 10     // bytes of one extracted value
	maxSampleBody  = 8 << 20     // bytes of all answers of a run
	pauseOfCleanup = time.Second // between tries of a clean-up step
)

// An Asker asks one probe once; [probes.Client] is the one that does it for real.
type Asker interface {
	Do(ctx context.Context, p probes.Probe) probes.Sample
}

// A Journal remembers runs that have made something, over crashes.
type Journal interface {
	// KeepRun writes down how far a run has come; it is on disk when it returns.
	KeepRun(ctx context.Context, t Trace) error
	// SettleRuns forgets runs that somebody has been told of.
	SettleRuns(ctx context.Context, probe string, ids []string) error
	// LeftRuns returns the runs of a probe that nobody has settled.
	LeftRuns(ctx context.Context, probe string) ([]Trace, error)
}

// A Trace is how far a run has come: enough to clean up after it.
type Trace struct {
	ID      string            `json:"id"`
	Probe   string            `json:"probe"`
	Began   time.Time         `json:"began"`
	Values  map[string]string `json:"values"`            // "steps.create.id" → "4711", "run.name" → …
	Reached []string          `json:"reached"`           // steps that were begun, clean-up steps included
	Made    []string          `json:"made,omitempty"`    // what was made or may have been, in words
	MadeBy  []string          `json:"made_by,omitempty"` // the steps that did, in the same order
	Clean   bool              `json:"clean,omitempty"`   // the clean-up is over
	Left    []string          `json:"left,omitempty"`    // what it left behind
	Problem string            `json:"problem,omitempty"` // why the run stopped, when it did before the end
	Failed  string            `json:"failed,omitempty"`  // at which step
}
