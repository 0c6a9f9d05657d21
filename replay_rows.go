package main

import (
	"context"
	"errors"

	"shapewatch/monitor"
	"shapewatch/reconcile/sides"
)

// errHalf says what a line of rows needs.
var errHalf = errors.New(`want "left" and "right", each a list of rows, or "counts"`)

// compare compares what both sides had, or takes somebody's word for it.
func (p *player) compare(ctx context.Context, r recorded) ([]monitor.Replayed, error) {
	var line rowsLine
	err := r.readAs(&line)
	if err == nil && ((line.Left == nil) != (line.Right == nil) || (line.Left == nil) == (line.Counts == nil)) {
		err = errHalf
	}
	if err != nil {
		return nil, p.wrong(r, err)
	}
	var step monitor.Replayed
	if line.Counts != nil {
		step, err = p.recording.Counted(*line.Counts, r.at)
	} else {
		both := p.watch.Reconciliation
		step, err = p.recording.Compare(ctx, sides.List(line.Left, both.Columns(false)), sides.List(line.Right, both.Columns(true)), r.at)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, p.wrong(r, err)
	}
	return []monitor.Replayed{step}, nil
}
