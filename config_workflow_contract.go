package main

import (
	"slices"

	"shapewatch/contracts"
	"shapewatch/monitor"
	"shapewatch/workflows"
)

// contractOfSteps is what was agreed for the steps of a workflow, each by its
// own operation; nil when that is not known of any. A document that the probe
// names for all steps is about its own system: steps that ask another are not
// looked up in it.
func (m *assembly) contractOfSteps(b *probeBlock, w monitor.Watch) *contracts.Contract {
	whole := &contracts.Contract{Operation: w.Probe.Operation, Steps: map[string]*contracts.Contract{}}
	steps := slices.Concat(w.Workflow.Steps, w.Workflow.Cleanup)
	for i, s := range slices.Concat(b.workflow, b.cleanup) {
		if agreed := m.contractOfStep(b, &s, &steps[i], w); agreed != nil {
			whole.Steps[s.name.value], whole.Source = agreed, agreed.Source
		}
	}
	if len(whole.Steps) == 0 {
		return nil
	}
	return whole
}

// asked is a step as a probe of its own. A file of known mismatches goes with
// its contract: that of the probe does not speak of another document.
func (s *stepBlock) asked(b *probeBlock) probeBlock {
	asked := probeBlock{settings: b.settings, targets: s.targets, operation: s.operation}
	if s.contract.text != "" {
		asked.contract, asked.known = s.contract, leaf[string]{}
	}
	if s.known.text != "" {
		asked.known = s.known
	}
	return asked
}

func (m *assembly) contractOfStep(b *probeBlock, s *stepBlock, step *workflows.Step, w monitor.Watch) *contracts.Contract {
	asked := s.asked(b)
	p := step.Ask
	p.ID = workflows.StepID(w.Probe.ID, s.name.value)
	if s.operation.text != "" || s.contract.text != "" {
		return m.contract(&asked, p)
	}
	if !sameOrigin(w.Probe.URL, p.URL) {
		return nil
	}
	agreed, err := m.lookUp(&asked, p)
	if err != nil {
		_, target := asked.target()
		m.warning(target.at, "name the operation of the step, or its own contract:, if there is one; else its shape is learned", "%s", err)
	}
	return agreed
}
