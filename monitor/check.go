package monitor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/graphql"
	"shapewatch/grpc"
	"shapewatch/probes"
	"shapewatch/reconcile"
	"shapewatch/tracing"
	"shapewatch/workflows"
)

// maxDecisions is how often a check is decided when others change the same
// incidents meanwhile.
const maxDecisions = 5

// check follows one answer from asking to what is told.
func (m *Monitor) check(ctx context.Context, p *post, claim probes.Claim) error {
	if p.Source != nil {
		return m.empty(ctx, p, claim)
	}
	observation := m.ask(ctx, p, isReprobe(claim.Due)) // ask, observe
	tracing.Note(ctx, slog.String("shapewatch.class", string(observation.Class)))
	if ctx.Err() != nil {
		return context.Cause(ctx) // we hung up: that says nothing about the vendor
	}
	m.noteReach(ctx, p, observation)
	return m.conclude(ctx, p, func() (decision, alerting.Outcome, error) {
		d, err := m.detect(ctx, p, observation)
		if err != nil {
			return d, alerting.Outcome{}, err
		}
		return d, m.outcome(p, claim, d), nil
	})
}

// conclude decides and commits, and decides again when others were faster.
func (m *Monitor) conclude(ctx context.Context, p *post, decide func() (decision, alerting.Outcome, error)) error {
	var turn turn
	defer turn.end()
	for range maxDecisions {
		decision, outcome, err := decide()
		if err != nil {
			return err
		}
		if m.disconnected(ctx, p, decision) {
			continue // look again, knowing that it is our own fault
		}
		if decision.opens() && turn.begin(ctx, m.turns.of(p.Probe.API)) {
			continue // another probe may just have opened it: look again, in turn
		}
		switch err := m.commit(ctx, outcome); {
		case err == nil:
			m.settle(p, decision, outcome)
			return nil
		case !errors.Is(err, alerting.ErrConflict):
			return fmt.Errorf("commit: %w", err)
		}
	}
	return fmt.Errorf("commit: %w", alerting.ErrConflict)
}

// detect says what the answer means, given what is remembered now.
func (m *Monitor) detect(ctx context.Context, p *post, a answer) (d decision, err error) {
	ctx, span := tracing.Start(ctx, "detect")
	defer span.End()
	defer func() { tracing.Fail(ctx, err) }()
	memory, baseline, err := m.recall(ctx, p.Probe) // recall
	if err != nil {
		return d, err
	}
	d = m.mean(p, baseline, memory.Incidents, m.policy(memory.Silences, a.At), a) // compare, weigh, learn, fold
	d.memory = memory
	tracing.Note(ctx, slog.Int("shapewatch.confirmed", len(d.verdict.Confirmed)), slog.Int("shapewatch.suspected", len(d.verdict.Suspected)))
	return d, m.keep(ctx, p, &d)
}

// commit keeps an outcome whole.
func (m *Monitor) commit(ctx context.Context, o alerting.Outcome) error {
	ctx, span := tracing.Start(ctx, "commit", slog.Int("shapewatch.incidents", len(o.Incidents)), slog.Int("shapewatch.deliveries", len(o.Deliveries)))
	defer span.End()
	if len(o.Incidents) > 0 {
		tracing.Note(ctx, slog.String("shapewatch.incident", o.Incidents[0].ID))
	}
	err := m.Store.Commit(ctx, o)
	tracing.Fail(ctx, err)
	return err
}

// ask brings back one answer and understands it.
func (m *Monitor) ask(ctx context.Context, p *post, again bool) answer {
	if p.Source != nil {
		return m.look(ctx, p)
	}
	if p.Reconciliation != nil {
		return m.reconciled(ctx, p, false)
	}
	probe := p.Probe
	probe.FreshConnection = again
	sample := m.bring(ctx, p, probe)
	_, span := tracing.Start(ctx, "observe", slog.Int64("shapewatch.bytes", sample.Bytes))
	observation := contracts.Observe(sample, probe.Expect)
	span.End()
	observation.Reprobe = again
	return answer{Observation: &observation, retryAt: sample.RetryAt}
}

// bring asks once, listens, or walks through the probe's workflow.
func (m *Monitor) bring(ctx context.Context, p *post, probe probes.Probe) probes.Sample {
	if p.Heartbeat != nil {
		return m.listen(ctx, p)
	}
	switch {
	case p.File != "":
		return m.readFile(ctx, p, probe)
	case p.Spec != nil:
		return m.read(ctx, p, probe)
	case p.Queries != nil:
		return graphql.Introspect(ctx, m.Asker, probe, p.Queries)
	case p.Call != nil:
		return grpc.Ask(ctx, m.Asker, probe, *p.Call)
	case p.Methods != nil:
		return grpc.Describe(ctx, m.Asker, probe, p.Methods)
	case probe.Paging != nil:
		return probe.Paging.Gather(ctx, m.Asker, probe)
	case p.Workflow == nil:
		return m.Asker.Do(ctx, probe)
	}
	return workflows.Runner{Asker: m.Asker, Journal: m.Store}.Run(ctx, probe, *p.Workflow)
}

// An answer is a sample understood, and when the vendor wants the next.
type answer struct {
	*contracts.Observation
	retryAt  time.Time
	ledger   *reconcile.Ledger // of a reconciliation, to be kept; nil for none
	due      time.Time         // when one of its differences will count; zero for none
	compared *Compared         // what a one-shot check shows of it
}

// A decision is all that one answer means.
type decision struct {
	answer
	verdict  contracts.Verdict
	baseline *contracts.Baseline
	keeping  contracts.Keeping
	memory   alerting.Memory
	changed  []alerting.Incident
	steps    []alerting.Transition
}

// recall returns what is remembered of a probe, and its baseline decoded: the
// one on the shelf, while the store has no other.
func (m *Monitor) recall(ctx context.Context, p probes.Probe) (alerting.Memory, *contracts.Baseline, error) {
	book := m.baselines.take(p.ID)
	memory, err := m.Store.RecallBeside(ctx, p.API, p.ID, book.edition)
	if err != nil {
		return memory, nil, fmt.Errorf("recall: %w", err)
	}
	if memory.Same {
		return memory, book.baseline, nil
	}
	baseline, err := contracts.Restore(memory.Baseline, memory.Lessons)
	if err != nil {
		return memory, nil, fmt.Errorf("baseline: %w", err)
	}
	return memory, baseline, nil
}

// policy is what holds for incidents at the time of an answer.
func (m *Monitor) policy(silences []alerting.Silence, at time.Time) alerting.Policy {
	p := m.Alerts().policy(silences, at)
	p.Quiet.Offline = m.reach.isOffline()
	return p
}

// mean is the pure heart of a check: what an answer means, given what was
// learned and told before.
func (m *Monitor) mean(p *post, b *contracts.Baseline, told []alerting.Incident, policy alerting.Policy, a answer) decision {
	d := decision{answer: a, baseline: b, verdict: m.judge(p.watch(), b, a.Observation)}
	u := update(p.Probe, a.Observation, d.verdict)
	u.Policy = policy
	d.changed, d.steps = alerting.Fold(told, u)
	return d
}

// keep encodes what the answer moved in the baseline; once a day it rolls up
// the parts that have become old.
func (m *Monitor) keep(ctx context.Context, p *post, d *decision) (err error) {
	var rolled []contracts.Part
	if d.baseline.Crowded() {
		parts, err := m.Store.Parts(ctx, p.Probe.ID)
		if err != nil {
			return fmt.Errorf("parts of the baseline: %w", err)
		}
		if rolled, err = d.baseline.RollUp(parts); err != nil {
			return fmt.Errorf("baseline: %w", err)
		}
	}
	if d.keeping, err = d.baseline.Keep(); err != nil {
		return fmt.Errorf("baseline: %w", err)
	}
	d.keeping.Parts = append(d.keeping.Parts, rolled...)
	return nil
}

// judge compares an observation with what was agreed and learned, weighs what
// differs, and lets the baseline learn what it may.
func (m *Monitor) judge(w Watch, b *contracts.Baseline, o *contracts.Observation) contracts.Verdict {
	policy := m.budgeted(w, b)
	comparison := contracts.Comparison{Contract: w.Contract, Baseline: b, Observation: o, Policy: policy}
	findings := contracts.Compare(&comparison, m.Detectors)
	verdict := contracts.Weigh(b, findings, o, policy)
	b.Learn(o, verdict)
	return verdict
}

func update(p probes.Probe, o *contracts.Observation, v contracts.Verdict) alerting.Update {
	return alerting.Update{
		API: p.API, Group: p.Group, Owner: p.Owner, Labels: p.Labels,
		Probe: p.ID, Operation: p.Operation,
		At: o.At, Class: o.Class, Verdict: v,
	}
}

func (m *Monitor) outcome(p *post, claim probes.Claim, d decision) alerting.Outcome {
	now := time.Now()
	return alerting.Outcome{
		Claim:      claim,
		Next:       m.next(p, d, latest(claim.Due, now)),
		Check:      record(p.Probe.ID, d.Observation, d.verdict),
		Baseline:   d.keeping.Whole,
		Lesson:     d.keeping.Lesson,
		Parts:      d.keeping.Parts,
		Moves:      d.memory.Moves,
		Runs:       d.Observation.Run.Settled(),
		Published:  d.Observation.Publication,
		Ledger:     remembered(p, d),
		Incidents:  d.changed,
		Deliveries: m.Alerts().Deliveries(d.changed, d.steps, now),
	}
}

// remembered is what the next check, or the page, is to know of this one.
func remembered(p *post, d decision) []byte {
	if d.ledger == nil {
		return p.Workflow.Remember(d.Run, d.At)
	}
	return encoded(d.ledger)
}

// next is when to ask again: on schedule, not before the vendor wants it, or
// sooner when there is a suspicion to confirm.
func (m *Monitor) next(p *post, d decision, now time.Time) time.Time {
	if d.retryAt.After(now) {
		return p.timetable.next(d.retryAt)
	}
	next := p.timetable.next(now)
	if p.Reconciliation != nil {
		if soon := d.due.Add(time.Second); !d.due.IsZero() && soon.Before(next) {
			return latest(soon, now.Add(time.Second))
		}
		return next
	}
	if pause, wanted := m.Confirm.pauseWithin(d.verdict, d.Observation); wanted && p.Workflow == nil && p.Heartbeat == nil && now.Add(pause).Before(next) {
		return reprobeAt(now.Add(pause))
	}
	return next
}

// settle follows a commit: the decoded baseline goes back on the shelf, the
// dispatcher and the loop hear what concerns them.
func (m *Monitor) settle(p *post, d decision, o alerting.Outcome) {
	m.baselines.put(p.Probe.ID, d.memory.Next(), d.baseline)
	if o.Published != nil && len(p.Spec.Holds) > 0 {
		m.hold(*m.watched.Load(), p, *o.Published)
	}
	if len(o.Deliveries) > 0 {
		m.Told()
	}
	m.wakeBefore(o.Next)
}

// record is the short record of a check.
func record(probe string, o *contracts.Observation, v contracts.Verdict) contracts.Check {
	c := contracts.Check{
		Probe: probe, At: o.At, Class: o.Class, Problem: o.Problem, Reprobe: o.Reprobe,
		Status: o.Signals.Status, Latency: o.Signals.Latency, Bytes: o.Signals.Bytes, Items: o.Signals.Items,
		Confirmed: len(v.Confirmed), Suspected: len(v.Suspected), Terms: o.Terms(),
	}
	if c.Class == probes.Looked {
		c.Class = probes.Valid // nothing failed
	}
	for _, f := range v.Confirmed {
		c.Worst = max(c.Worst, f.Severity)
	}
	return c
}
