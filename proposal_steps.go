package main

import (
	"slices"
	"strings"

	"shapewatch/alerting/pullrequest"
	"shapewatch/contracts"
	"shapewatch/contracts/openapi"
	"shapewatch/contracts/shape"
	"shapewatch/monitor"
	"shapewatch/workflows"
)

// An agreedPart is where it is written what was agreed for a probe, or for one
// step of a workflow.
type agreedPart struct {
	agreement
	step string // empty for the whole answer
}

// agreedOf are the parts of a watch that contracts speak of, in the order of
// its steps.
func (c *Config) agreedOf(w monitor.Watch) (parts []agreedPart) {
	if a, agreed := c.agreements[w.Probe.ID]; agreed {
		parts = append(parts, agreedPart{agreement: a})
	}
	if w.Workflow == nil {
		return parts
	}
	for _, s := range slices.Concat(w.Workflow.Steps, w.Workflow.Cleanup) {
		if a, agreed := c.agreements[workflows.StepID(w.Probe.ID, s.Name)]; agreed {
			parts = append(parts, agreedPart{a, s.Name})
		}
	}
	return parts
}

// below is a path from where the part's answer lies; false for one elsewhere.
func (p agreedPart) below(path string) (string, bool) {
	if p.step == "" {
		return path, true
	}
	rest, ok := strings.CutPrefix(path, contracts.StepPath(p.step))
	return rest, ok && (rest == "" || rest[0] == '/')
}

// of are the findings that lie in the part. Those of a step name it: at one
// path in two steps they are two.
func (p agreedPart) of(found []contracts.Finding) (mine []contracts.Finding) {
	for _, f := range found {
		var ok bool
		if f.Path, ok = p.below(f.Path); !ok {
			continue
		}
		if p.step != "" {
			f.Operation += " step " + p.step
		}
		mine = append(mine, f)
	}
	return mine
}

// within makes a place of a whole answer one of the part.
func (p agreedPart) within(place openapi.Place) openapi.Place {
	if p.step == "" {
		return place
	}
	if h := place.Habits.Step(p.step); h != nil {
		place.Status = usualStatus(contracts.Habits{Statuses: h.Statuses})
	}
	var fields []shape.Field
	depth := strings.Count(contracts.StepPath(p.step), "/")
	for _, f := range place.Fields {
		path, ok := p.below(f.Path)
		if !ok {
			continue
		}
		f.Path, f.Depth = path, f.Depth-depth
		if f.Parent, ok = p.below(f.Parent); !ok {
			f.Name, f.Parent = "", ""
		}
		fields = append(fields, f)
	}
	place.Fields, place.Findings, place.Habits = fields, p.of(place.Findings), nil
	return place
}

// byContract puts the parts of a watch together by the file that speaks of them.
func byContract(parts []agreedPart) (all [][]agreedPart) {
	for _, p := range parts {
		i := slices.IndexFunc(all, func(mine []agreedPart) bool { return mine[0].file == p.file })
		if i < 0 {
			i, all = len(all), append(all, nil)
		}
		all[i] = append(all[i], p)
	}
	return all
}

// groundsIn are the grounds that lie in one of the parts.
func groundsIn(parts []agreedPart, grounds []pullrequest.Ground) (mine []pullrequest.Ground) {
	for _, g := range grounds {
		if slices.ContainsFunc(parts, func(p agreedPart) bool { _, in := p.below(g.Finding.Path); return in }) {
			mine = append(mine, g)
		}
	}
	return mine
}
