package monitor

import (
	"context"
	"slices"
	"time"

	"shapewatch/contracts"
)

// A Report is what a one-shot check found.
type Report struct {
	Check     contracts.Check        // of the last answer
	Confirmed []contracts.Finding    // worst first
	Suspected []contracts.Finding    // seen, and not each time it was asked again
	Asked     int                    // how often: 1, or more when something was suspected
	Learned   uint64                 // answers remembered from before; 0 means judged by the contract alone
	Compared  *Compared              // what was seen of a reconciliation; nil for all else
	Answer    *contracts.Observation // the last one
}

// heldThrough is in how many answers, and in every one since the first, a
// suspicion must show to count without a next check. [contracts.Weigh] waits
// for one, because re-probes alone cannot show that a change lasts.
const heldThrough = 3

// Check asks a watch's probe once, and again quickly while something is
// suspected, and judges the answers by the store's history. It commits
// nothing: neither the schedule nor what was learned changes; the runs of a
// workflow that it tells of are settled. Nobody comes
// back after it, so a suspicion that no answer has dispelled counts as confirmed.
// The error says that the store cannot be read or that ctx is done; an API that
// cannot be asked is a report.
func (m *Monitor) Check(ctx context.Context, w Watch) (Report, error) {
	p, err := newPost(w)
	if err != nil {
		return Report{}, err
	}
	_, baseline, err := m.recall(ctx, w.Probe)
	if err != nil {
		return Report{}, err
	}
	r := Report{Learned: baseline.Answers()}
	if r.Learned == 0 {
		p.Policy.Sensitivity = contracts.Snapshot // there is no later check to wait for
	}
	err = m.insist(ctx, p, baseline, &r)
	return r, err
}

// insist asks until every suspicion is confirmed or gone, or often enough.
func (m *Monitor) insist(ctx context.Context, p *post, b *contracts.Baseline, r *Report) error {
	for {
		a := m.askOnce(ctx, p, r)
		if err := ctx.Err(); err != nil {
			return err
		}
		verdict := m.judge(p.Watch, b, a.Observation)
		r.Asked++
		r.Confirmed, r.Suspected = count(verdict)
		r.Check, r.Answer = record(p.Probe.ID, a.Observation, verdict), a.Observation
		if p.Reconciliation != nil {
			return nil // what is on its way needs time, not another look
		}
		if a.Run != nil { // told by this report: nobody else shall tell it, nor place the order again
			return m.Store.SettleRuns(context.WithoutCancel(ctx), p.Probe.ID, a.Run.Settled())
		}
		pause, wanted := m.Confirm.pauseWithin(verdict, a.Observation)
		if !wanted || len(r.Suspected) == 0 || a.retryAt.After(time.Now()) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// askOnce asks, and keeps what only a report shows.
func (m *Monitor) askOnce(ctx context.Context, p *post, r *Report) answer {
	if p.Reconciliation == nil {
		return m.ask(ctx, p, r.Asked > 0)
	}
	a := m.reconciled(ctx, p, true)
	r.Compared = a.compared
	return a
}

// count adds the suspicions that held to what is confirmed.
func count(v contracts.Verdict) (confirmed, suspected []contracts.Finding) {
	confirmed = slices.Clone(v.Confirmed)
	for _, f := range v.Suspected {
		if f.Evidence.Checks >= heldThrough && f.Evidence.Checks >= f.Evidence.Of {
			confirmed = append(confirmed, f)
		} else {
			suspected = append(suspected, f)
		}
	}
	slices.SortStableFunc(confirmed, func(a, b contracts.Finding) int { return int(b.Severity) - int(a.Severity) })
	return confirmed, suspected
}
