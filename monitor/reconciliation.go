package monitor

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
	"shapewatch/reconcile"
	"shapewatch/reconcile/sides"
)

// A Reconciliation is two sides that are compared, instead of something that
// we ask.
type Reconciliation struct {
	reconcile.Reconciliation
	Open   func(probes.Asker, sides.Postings) (left, right OpenSide, err error) // for one run
	Repair *Repair                                                              // nil for none
	Within time.Duration                                                        // how long a run may take; 0 means [DefaultWithin]
}

// DefaultWithin is how long one comparison may take.
const DefaultWithin = 10 * time.Minute

// An OpenSide is a side that is closed after a run.
type OpenSide interface {
	reconcile.Side
	Close() error
}

// A Compared is what a one-shot check shows of a reconciliation. Its
// differences are private.
type Compared struct {
	*Reconciliation
	Seen   reconcile.Result
	Ledger reconcile.Ledger // as it would be after this run; its Open begins with Seen's differences
}

// reconciled compares both sides and brings back what that amounts to. Nothing
// is handed to repair when it is only looked at once.
func (m *Monitor) reconciled(ctx context.Context, p *post, once bool) answer {
	began := time.Now()
	s := p.comparing(began)
	before, err := m.ledger(ctx, p.Probe.ID)
	var seen reconcile.Result
	if err == nil {
		seen, err = m.compare(ctx, p, before.Turn)
	}
	if err != nil {
		s.Class, s.Status, s.Problem = problemOf(err)
		if before.Runs > 0 {
			s.Reconciled = &before.Last // nothing newer is known
		}
		o := contracts.Observe(s, nil)
		return answer{Observation: &o}
	}
	after, due := before.Judge(&p.Reconciliation.Reconciliation, seen, began)
	if !once {
		p.Reconciliation.repair(ctx, m.Asker, p.Probe.ID, &after, seen, began)
	}
	s.Latency = time.Since(began)
	a := accounted(s, &after)
	a.due = due
	if once {
		a.compared = &Compared{p.Reconciliation, seen, after}
	}
	return a
}

// comparing is the sample of a comparison that begins.
func (p *post) comparing(began time.Time) probes.Sample {
	return probes.Sample{
		Probe: p.Probe.ID, At: began, Class: probes.Valid, Method: http.MethodGet, Status: http.StatusNoContent,
		Header: http.Header{}, Attempts: 1,
	}
}

// accounted is a comparison understood, when the ledger knows of it.
func accounted(s probes.Sample, after *reconcile.Ledger) answer {
	s.Reconciled, s.Bytes = &after.Last, after.Last.LeftRead+after.Last.RightRead
	o := contracts.Observe(s, nil)
	return answer{Observation: &o, ledger: after}
}

// ledger is what is remembered of a reconciliation.
func (m *Monitor) ledger(ctx context.Context, probe string) (l reconcile.Ledger, err error) {
	raw, err := m.Store.Ledger(ctx, probe)
	if err != nil || raw == nil {
		return l, err
	}
	if err := json.Unmarshal(raw, &l); err != nil {
		return l, fmt.Errorf("what is remembered of it cannot be read: %w", err)
	}
	return l, nil
}

func (m *Monitor) compare(ctx context.Context, p *post, turn int) (seen reconcile.Result, err error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(p.Reconciliation.Within, DefaultWithin))
	defer cancel()
	left, right, err := p.Reconciliation.Open(m.Asker, m.Store)
	if err != nil {
		return seen, err
	}
	defer func() { _, _ = left.Close(), right.Close() }() // they were only read
	return p.Reconciliation.Compare(ctx, left, right, turn)
}

// problemOf is what a side's error is as a sample.
func problemOf(err error) (class probes.Class, status int, text string) {
	var p *sides.Problem
	var side *reconcile.SideError
	if errors.As(err, &p) && errors.As(err, &side) {
		return p.Class, p.Status, side.Side + ": " + p.Text
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return probes.Unreachable, 0, "not compared within the time that it may take"
	}
	return probes.Unreachable, 0, "not compared: " + err.Error()
}

// encoded is a ledger as the store keeps it; nil for none.
func encoded(l *reconcile.Ledger) []byte {
	if l == nil {
		return nil
	}
	raw, _ := json.Marshal(l) // it holds nothing that cannot be
	return raw
}
