package monitor

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"shapewatch/probes"
	"shapewatch/reconcile"
	"shapewatch/reconcile/sides"
)

// A Repair hands over the keys of the differences that count.
type Repair struct {
	Hand  func(context.Context, probes.Asker, sides.Handover) error
	Dry   bool          // says what would be handed over, and hands over nothing
	Most  int           // with more differences than that nothing is handed over; 0 means [DefaultMost]
	Again time.Duration // a key that was handed over and still differs is handed over again after this; 0 means [DefaultAgain]
}

// Defaults of a repair.
const (
	DefaultMost  = 100
	DefaultAgain = time.Hour
)

// repair hands over what counts and was not handed over yet. When there is
// more than the limit something larger is wrong, which no list of keys mends.
func (r *Reconciliation) repair(ctx context.Context, asker probes.Asker, probe string, l *reconcile.Ledger, seen reconcile.Result, now time.Time) {
	if r.Repair == nil {
		return
	}
	raw := make(map[string]*reconcile.Difference, len(seen.Differences))
	for i := range seen.Differences {
		raw[seen.Differences[i].Name] = &seen.Differences[i]
	}
	h := sides.Handover{Reconciliation: probe, Left: r.Left, Right: r.Right, ID: fmt.Sprintf("%s#%d", probe, l.Runs)}
	var handed []*reconcile.Entry
	for i := range l.Open {
		e := &l.Open[i]
		if d := raw[e.Name]; d != nil && r.Counts(*e, now) && now.Sub(e.Handed) >= cmp.Or(r.Repair.Again, DefaultAgain) {
			h.Add(&r.Reconciliation, d)
			handed = append(handed, e)
		}
	}
	l.Last.Repair = r.hand(ctx, asker, h, l.Last.Counted.All(), handed, now)
}

func (r *Reconciliation) hand(ctx context.Context, asker probes.Asker, h sides.Handover, counted int64, handed []*reconcile.Entry, now time.Time) string {
	most := cmp.Or(r.Repair.Most, DefaultMost)
	switch n := len(handed); {
	case counted > int64(most):
		return fmt.Sprintf("held back: %d rows differ, and at most %d are handed over", counted, most)
	case n == 0:
		return ""
	case r.Repair.Dry:
		return "dry run: " + keys(n) + " would be handed over"
	}
	if err := r.Repair.Hand(ctx, asker, h); err != nil {
		return fmt.Sprintf("%s not handed over: %v", keys(len(handed)), err)
	}
	for _, e := range handed {
		e.Handed = now.UTC()
	}
	return keys(len(handed)) + " handed over"
}

func keys(n int) string {
	if n == 1 {
		return "1 key"
	}
	return fmt.Sprintf("%d keys", n)
}
