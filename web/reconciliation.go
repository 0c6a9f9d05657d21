package web

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"shapewatch/probes"
	"shapewatch/reconcile"
)

// differencesShown bounds the rows that differ on a page.
const differencesShown = 100

// A reconciliation is what the page shows of one: counts for each way in which
// sides can differ, and a table of rows that do.
type reconciliation struct {
	Left, Right string
	At          moment
	InStep      moment // zero for never
	Sides       []reconciledSide
	Counts      []reconciledCount
	Rows        []differentRow
	More        int    // that differ and are not listed
	Private     bool   // the rows are not shown here
	Repair      string // what became of the keys
}

type reconciledSide struct{ Name, Rows, Read string }

type reconciledCount struct{ What, Counted, Since string }

type differentRow struct {
	Key, How string
	Since    moment
	Pending  bool
}

// reconciliationOf reads what is remembered of a reconciliation; nil for a
// probe that is none.
func (s *site) reconciliationOf(ctx context.Context, probe string, now time.Time) (*reconciliation, error) {
	raw, err := s.Source.Ledger(ctx, probe)
	if err != nil || raw == nil {
		return nil, err
	}
	var l reconcile.Ledger
	if err := json.Unmarshal(raw, &l); err != nil {
		return nil, fmt.Errorf("ledger of %s: %w", probe, err)
	}
	if l.Runs == 0 {
		return nil, nil // it is of a workflow
	}
	return newReconciliation(&l, now), nil
}

func newReconciliation(l *reconcile.Ledger, now time.Time) *reconciliation {
	a := &l.Last
	c := &reconciliation{
		Left: clip(60, a.Left), Right: clip(60, a.Right), At: moment{l.At, now}, InStep: moment{l.InStep, now}, Repair: clip(200, a.Repair),
		Sides: []reconciledSide{{clip(60, a.Left), grouped(a.LeftRows), size(a.LeftRead)}, {clip(60, a.Right), grouped(a.RightRows), size(a.RightRead)}},
		Counts: []reconciledCount{
			{"missing in " + clip(60, a.Right), grouped(a.Counted.MissingRight), ""},
			{"missing in " + clip(60, a.Left), grouped(a.Counted.MissingLeft), ""},
		},
	}
	for _, f := range a.Fields {
		c.Counts = append(c.Counts, countOf(f))
	}
	c.Counts = append(c.Counts, reconciledCount{"may be on their way", grouped(a.Pending.All()), ""})
	for i, e := range l.Open[:min(len(l.Open), differencesShown)] {
		if len(e.Key) == 0 {
			c.More = len(l.Open) - i
			return c
		}
		c.Rows = append(c.Rows, differentRow{
			Key: clip(80, strings.Join(e.Key, ", ")), How: howWords(a, e), Since: moment{e.Since, now},
			Pending: e.Since.Add(a.Lag).After(l.At),
		})
	}
	c.More = len(l.Open) - len(c.Rows)
	return c
}

func countOf(f probes.FieldAgreement) reconciledCount {
	c := reconciledCount{What: "other " + clip(60, f.Name), Counted: grouped(f.Counted)}
	if !f.Stopped.IsZero() {
		c.Since = "since " + f.Stopped.Format(time.DateOnly)
	}
	return c
}

func howWords(a *probes.Reconciled, e reconcile.Entry) string {
	switch e.How {
	case reconcile.MissingLeft:
		return "missing in " + clip(60, a.Left)
	case reconcile.MissingRight:
		return "missing in " + clip(60, a.Right)
	}
	return "other " + clip(120, strings.Join(e.Fields, ", "))
}

// without is the reconciliation without its rows, for whoever may not know them.
func (c *reconciliation) without() *reconciliation {
	if c == nil {
		return nil
	}
	public := *c
	public.More, public.Rows, public.Private = public.More+len(public.Rows), nil, true
	return &public
}
