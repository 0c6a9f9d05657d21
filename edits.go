package main

import (
	"context"
	"fmt"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/web"
)

// edits are the edits of contracts that would accept an incident, as the page
// shows them; none while they are still being worked out.
func (d *drafting) edits(ctx context.Context, inc alerting.Incident) (all []web.Edit, err error) {
	work := d.wait(ctx, inc)
	if work == nil {
		return nil, nil
	}
	for _, p := range work.all {
		all = append(all, newEdit(p))
	}
	return all, nil
}

func newEdit(p contracts.Proposal) web.Edit {
	e := web.Edit{File: p.File, Diff: diffOf([]contracts.Proposal{p}), Refused: p.Refused, Patch: string(p.Patch)}
	for _, c := range p.Changes {
		if c.Skipped != "" {
			e.Left = append(e.Left, c.Finding.Kind+" at `"+c.Finding.Path+"`: "+c.Skipped)
			continue
		}
		e.Words = append(e.Words, fmt.Sprintf("line %d: %s", c.Line, c.Words))
	}
	return e
}
