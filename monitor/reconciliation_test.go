package monitor

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"shapewatch/probes"
	"shapewatch/reconcile"
	"shapewatch/reconcile/sides"
)

// A list is a side in memory: keys, or why it cannot be read.
type list struct {
	keys []string
	err  error
}

func (l *list) Rows(_ context.Context, _ *reconcile.Part, yield func([]reconcile.Cell) error) error {
	for _, key := range l.keys {
		if err := yield([]reconcile.Cell{{Text: key}}); err != nil {
			return err
		}
	}
	return l.err
}

func (l *list) Read() int64  { return int64(len(l.keys)) }
func (l *list) Close() error { return nil }

// ledgers remember in memory; nothing else of a store is used here.
type ledgers struct {
	Store
	kept []byte
}

func (l *ledgers) Ledger(context.Context, string) ([]byte, error) { return l.kept, nil }

// TestReconciliation_RepairsOnceAndWithinItsLimit runs a reconciliation again
// and again, without a loop around it.
func TestReconciliation_RepairsOnceAndWithinItsLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left, right := &list{keys: []string{"1", "2", "3"}}, &list{keys: []string{"1", "2"}}
		var handed []string
		repair := &Repair{Most: 2, Hand: func(_ context.Context, _ probes.Asker, h sides.Handover) error {
			raw, err := json.Marshal(h)
			handed = append(handed, string(raw))
			return err
		}}
		c := &Reconciliation{Repair: repair, Open: func(probes.Asker, sides.Postings) (l, r OpenSide, err error) { return left, right, nil }}
		c.Left, c.Right, c.Keys, c.Lag = "shop", "books", []reconcile.Field{{Name: "order"}}, time.Minute
		kept := &ledgers{}
		m := &Monitor{Options: Options{Store: kept}}
		p := &post{Watch: Watch{Probe: probes.Probe{ID: "shop/orders"}, Reconciliation: c}}
		run := func(after time.Duration) answer {
			time.Sleep(after)
			a := m.reconciled(t.Context(), p, false)
			if a.ledger != nil {
				kept.kept = encoded(a.ledger)
			}
			return a
		}
		if a := run(0); a.Reconciled.Pending.MissingRight != 1 || !a.due.Equal(time.Now().Add(time.Minute)) || len(handed) != 0 {
			t.Fatalf("on its way: %+v, due %s, %v", a.Reconciled, a.due, handed)
		}
		if a := run(time.Minute); a.Reconciled.Counted.MissingRight != 1 || len(handed) != 1 || !strings.Contains(handed[0], `[{"key":{"order":"3"},"how":"missing-right"}]`) {
			t.Fatalf("still missing: %+v, %v", a.Reconciled, handed)
		}
		if run(time.Minute); len(handed) != 1 {
			t.Errorf("handed over twice within the hour: %v", handed)
		}
		if run(time.Hour); len(handed) != 2 {
			t.Errorf("not handed over again: %v", handed)
		}
		right.err = &sides.Problem{Class: probes.Status, Status: 500, Text: "answered 500"}
		if a := run(time.Minute); a.Class != probes.Status || a.Problem != "books: answered 500" || a.Reconciled == nil || a.Reconciled.Counted.MissingRight != 1 || a.ledger != nil {
			t.Errorf("half a list: %s %q, %+v", a.Class, a.Problem, a.Reconciled)
		}
		right.err, right.keys = nil, nil // an empty answer
		run(time.Minute)
		if a := run(time.Hour); !strings.HasPrefix(a.Reconciled.Repair, "held back: 3 rows differ") || len(handed) != 2 {
			t.Errorf("more than the limit: %q, %v", a.Reconciled.Repair, handed)
		}
		right.keys, repair.Dry = []string{"1", "2"}, true
		if a := run(time.Hour); a.Reconciled.Repair != "dry run: 1 key would be handed over" || len(handed) != 2 {
			t.Errorf("dry run: %q, %v", a.Reconciled.Repair, handed)
		}
		if a := m.reconciled(t.Context(), p, true); a.compared == nil || len(a.compared.Seen.Differences) != 1 || a.Reconciled.Repair != "" {
			t.Errorf("looked at once: %+v", a.Reconciled)
		}
		right.keys = left.keys
		if a := run(time.Minute); a.Reconciled.Counted.All() != 0 || a.Class != probes.Valid {
			t.Errorf("in step: %+v", a.Reconciled)
		}
	})
}
