package monitor

import (
	"maps"

	"shapewatch/contracts"
	"shapewatch/workflows"
)

// gathered puts what was agreed for single steps together, by workflow.
func gathered(agreed map[string]*contracts.Contract) map[string]*contracts.Contract {
	all := map[string]*contracts.Contract{}
	for id, c := range agreed {
		probe, step, isStep := workflows.StepOf(id)
		if !isStep {
			all[id] = c
			continue
		}
		if all[probe] == nil {
			all[probe] = &contracts.Contract{Source: c.Source, Steps: map[string]*contracts.Contract{}}
		}
		all[probe].Steps[step] = c
	}
	return all
}

// laidOver is what a document at an address agreed, over what one at hand did:
// of a workflow, each may speak of other steps.
func laidOver(near, far *contracts.Contract) *contracts.Contract {
	if far == nil || near == nil || near.Steps == nil || far.Steps == nil {
		if far == nil {
			return near
		}
		return far
	}
	both := *near
	both.Steps = maps.Clone(near.Steps)
	maps.Copy(both.Steps, far.Steps)
	return &both
}
