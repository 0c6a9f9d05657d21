package contracts

import (
	"slices"
	"strings"

	"shapewatch/probes"
)

// maxSteps bounds the steps of a workflow whose habits are remembered.
const maxSteps = 64

// A StepHabit is how one step of a workflow usually goes.
type StepHabit struct {
	Step     string       `json:"s"`
	Took     Scale        `json:"y"` // milliseconds until its answer was as it should be
	Statuses []Tally[int] `json:"c"`
}

// Step is the habit of a step; nil for one that no run has taken yet.
func (h *Habits) Step(name string) *StepHabit {
	if i := slices.IndexFunc(h.Steps, func(s StepHabit) bool { return s.Step == name }); i >= 0 {
		return &h.Steps[i]
	}
	return nil
}

// step finds the habit of a step, or starts one; nil beyond the bound.
func (h *Habits) step(name string) *StepHabit {
	if known := h.Step(name); known != nil || len(h.Steps) >= maxSteps {
		return known
	}
	h.Steps = append(h.Steps, StepHabit{Step: name})
	return &h.Steps[len(h.Steps)-1]
}

func (h *Habits) addSteps(run *probes.Run) {
	if run == nil {
		return
	}
	for _, taken := range run.Steps {
		if mine := h.step(taken.Name); mine != nil && taken.Problem == "" {
			mine.Took.Add(taken.Took.Milliseconds())
			mine.Statuses = tally(mine.Statuses, taken.Status, 1)
		}
	}
}

func (h *Habits) mergeSteps(others []StepHabit) {
	for _, o := range others {
		if mine := h.step(o.Step); mine != nil {
			mine.Took.merge(o.Took)
			mine.Statuses = mergeTallies(mine.Statuses, o.Statuses)
		}
	}
}

// Agreed is the schema that the answer is held against: that of its status and
// media type, and for a run of a workflow those of its steps, each where the
// step's answer lies. Nil when the contract says nothing about such an answer.
func (c *Comparison) Agreed() *Schema {
	if c.Contract == nil || c.Contract.Steps == nil || c.Observation.Run == nil {
		return c.Contract.For(c.Observation.Signals.Status, c.Observation.Signals.MediaType)
	}
	last := map[string]probes.StepTaken{}
	for _, taken := range c.Observation.Run.Steps {
		last[taken.Name] = taken
	}
	return c.Contract.ofSteps(func(name string, step *Contract) *Schema {
		return step.For(last[name].Status, last[name].MediaType)
	})
}

// ofSteps puts the schemas of steps together as the answers of a run are:
// {"create": {"status": 201, "body": …}, …}.
func (c *Contract) ofSteps(agreed func(name string, step *Contract) *Schema) *Schema {
	whole := &Schema{Properties: map[string]*Schema{}}
	for name, step := range c.Steps {
		if body := agreed(name, step); body != nil {
			whole.Properties[name] = &Schema{Properties: map[string]*Schema{"body": body}}
		}
	}
	if len(whole.Properties) == 0 {
		return nil
	}
	return whole
}

// good is the body of a good answer, when it is not known which one will come.
func (c *Contract) good() *Schema {
	for _, a := range c.Answers {
		if a.Body != nil && strings.HasPrefix(a.Statuses, "2") && jsonMedia(a.Media) {
			return a.Body
		}
	}
	return nil
}

// stepAt is the contract of the step in whose answer a path lies, and the path
// from there.
func (c *Contract) stepAt(path string) (step *Contract, rest string, ok bool) {
	if c == nil || c.Steps == nil {
		return nil, "", false
	}
	for name, step := range c.Steps {
		if rest, ok := strings.CutPrefix(path, StepPath(name)); ok && (rest == "" || rest[0] == '/') {
			return step, rest, true
		}
	}
	return nil, "", false
}

// StepPath is where the answer of a step lies in that of its workflow's run:
// "/create/body".
func StepPath(step string) string {
	return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(step) + "/body"
}
