package monitor

import (
	"context"
	"time"

	"shapewatch/reconcile"
)

// Compare compares the rows that two sides had at a time, and judges what that
// amounts to after the comparisons before. The error is that a side cannot be
// read.
func (r *Recording) Compare(ctx context.Context, left, right reconcile.Side, at time.Time) (Replayed, error) {
	seen, err := r.post.Reconciliation.Compare(ctx, left, right, r.ledger.Turn)
	if err != nil {
		return Replayed{}, err
	}
	return r.account(seen, at), nil
}

// Counted judges a comparison of which only numbers are known.
func (r *Recording) Counted(n reconcile.Numbers, at time.Time) (Replayed, error) {
	seen, err := r.post.Reconciliation.Counted(n, at)
	if err != nil {
		return Replayed{}, err
	}
	return r.account(seen, at), nil
}

func (r *Recording) account(seen reconcile.Result, at time.Time) Replayed {
	r.ledger, _ = r.ledger.Judge(&r.post.Reconciliation.Reconciliation, seen, at)
	return r.mean(accounted(r.post.comparing(at), &r.ledger))
}
