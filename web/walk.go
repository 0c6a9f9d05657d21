package web

import (
	"context"
	"fmt"
	"strings"
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
	"shapewatch/workflows"
)

// walkStep is the distance of two steps in the picture.
const walkStep = 56

// A walk is the last run of a workflow: its steps in a line, with the one at
// which it stopped, and those of its clean-up behind a gap.
type walk struct {
	At      moment
	Words   string
	Width   int
	Legs    []walkLeg
	Made    string
	Left    string
	Private bool // what was made is not shown here
}

// A walkLeg is one step.
type walkLeg struct {
	X       int
	Name    string
	State   state
	Word    string
	Cleanup bool
	Asked   string
	Status  string
	Took    string
	Usual   string
	Tries   int
	Problem string
}

// walkOf reads the last run of a workflow; nil for a probe that is none.
func (s *site) walkOf(ctx context.Context, probe string, h contracts.Habits, now time.Time) (*walk, error) {
	raw, err := s.Source.Ledger(ctx, probe)
	if err != nil || raw == nil {
		return nil, err
	}
	last := workflows.Recall(raw)
	if last == nil {
		return nil, nil
	}
	return newWalk(last, h, now), nil
}

func newWalk(last *workflows.Walked, h contracts.Habits, now time.Time) *walk {
	w := &walk{At: moment{last.At, now}, Made: clip(200, strings.Join(last.Run.Made, ", ")), Left: clip(400, strings.Join(last.Run.Left, "; "))}
	taken := map[string]probes.StepTaken{}
	for _, t := range last.Run.Steps {
		taken[t.Name] = t
	}
	done := 0
	for i, name := range append(append([]string(nil), last.Steps...), last.Cleanup...) {
		t, was := taken[name]
		leg := newLeg(name, t, was, h.Step(name))
		if leg.Cleanup = i >= len(last.Steps); leg.Cleanup && !was {
			leg.Word = "not needed"
		}
		if name == last.Run.Failed {
			leg.State, leg.Word, leg.Problem = breaking, "stopped here", clip(400, last.Run.Problem)
		}
		if leg.X = i*walkStep + 8; leg.Cleanup {
			leg.X += walkStep / 2
		}
		if leg.State == agreed && !leg.Cleanup {
			done++
		}
		w.Legs, w.Width = append(w.Legs, leg), leg.X+28
	}
	w.Words = fmt.Sprintf("%d of %s done", done, count(len(last.Steps), "step"))
	if last.Run.Failed != "" {
		w.Words += ", stopped at " + clip(60, last.Run.Failed)
	}
	if last.Run.Cleanup != probes.NothingToClean {
		w.Words += ", clean-up " + string(last.Run.Cleanup)
	}
	w.Words += "."
	return w
}

func newLeg(name string, t probes.StepTaken, was bool, usual *contracts.StepHabit) walkLeg {
	leg := walkLeg{Name: clip(60, name), State: waiting, Word: "not reached", Status: "–", Took: "–", Usual: "–"}
	if usual != nil && usual.Took.Count > 0 {
		leg.Usual = latency(time.Duration(usual.Took.Median()) * time.Millisecond)
	}
	if !was {
		return leg
	}
	leg.State, leg.Word, leg.Asked, leg.Took, leg.Tries = agreed, "done", clip(120, t.Operation), latency(t.Took), t.Tries
	if t.Status > 0 {
		leg.Status = fmt.Sprint(t.Status)
	}
	if t.Problem != "" {
		leg.State, leg.Word, leg.Problem = failing, "failed", clip(400, t.Problem)
	}
	return leg
}

// without is the walk without what a run made and what went wrong with it, for
// whoever may not know.
func (w *walk) without() *walk {
	if w == nil {
		return nil
	}
	public := *w
	public.Made, public.Left, public.Private = "", "", w.Made+w.Left != ""
	public.Legs = append([]walkLeg(nil), w.Legs...)
	for i := range public.Legs {
		public.Legs[i].Problem = ""
	}
	return &public
}
