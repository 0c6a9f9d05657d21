package monitor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/forwarding"
	"shapewatch/probes"
	"shapewatch/reconcile/sides"
	"shapewatch/webhooks"
)

// arrivalsAtOnce is how many arrivals one check learns from; what is left makes
// the source due again at once.
const arrivalsAtOnce = 256

// A Source is an address of ours that a vendor sends events to.
type Source struct {
	Name    string // in its address: /in/NAME
	Key     string // that the address must also have; empty for none
	Scheme  webhooks.Scheme
	Secrets []string               // one, or two while they are being rotated
	MaxBody int64                  // bytes
	Times   webhooks.Times         // on whose clocks it lives, and when it is quiet by agreement
	Forward *forwarding.Target     // the user's own receiver; nil for none
	Books   []sides.WebhookOptions // of reconciliations that compare what it announces
}

// Receive keeps a verified delivery and has it judged soon; false for one that
// came before. It is on disk when it returns. While a reload is under way a
// source may not be watched: the vendor sends again, rather than that it is
// kept and not handed on.
func (m *Monitor) Receive(ctx context.Context, probe string, d webhooks.Delivery, header http.Header, body []byte) (fresh bool, err error) {
	p := (*m.watched.Load())[probe]
	if p == nil || p.Source == nil {
		return false, fmt.Errorf("probe %s: not watched as a source now", probe)
	}
	now := time.Now()
	a := arrivalOf(d, body, now)
	handsOn := p.Source.Forward != nil
	if handsOn {
		a.Onward = &webhooks.Forward{ID: a.ID, Type: a.Type, At: a.At, Head: webhooks.Passed(header), Body: body}
		a.Most = p.Source.Forward.Most
	}
	a.Booked = p.Source.book(a)
	if fresh, err = m.Store.KeepArrival(ctx, probe, a); err != nil {
		return fresh, err
	}
	m.intakes.accepted(probe, fresh, now)
	m.wakeBefore(now)
	if handsOn && fresh {
		m.HandOn(probe)
	}
	return fresh, nil
}

// arrivalOf is a verified delivery as it is kept.
func arrivalOf(d webhooks.Delivery, body []byte, now time.Time) webhooks.Arrival {
	return webhooks.Arrival{ID: webhooks.Named(d.ID, ""), Type: webhooks.Named(d.Type, "event"), At: now.UTC(), Event: d.Event, Body: body}
}

// book is what an event says of rows that reconciliations compare.
func (s *Source) book(a webhooks.Arrival) (booked []webhooks.Booked) {
	for i := range s.Books {
		if postings := s.Books[i].Post(a.Type, a.Body, a.At, a.Event); len(postings) > 0 {
			booked = append(booked, webhooks.Booked{Book: s.Books[i].Book(), Postings: postings})
		}
	}
	return booked
}

// empty is the check of a source: it learns from what arrived, one event after
// the other, and looks at when events come. The first news ends the batch, so
// that each step of an incident is committed by itself.
func (m *Monitor) empty(ctx context.Context, p *post, claim probes.Claim) error {
	gather(ctx, claim.Due)
	arrivals, err := m.Store.Arrivals(ctx, p.Probe.ID, arrivalsAtOnce)
	if err != nil {
		return fmt.Errorf("arrivals: %w", err)
	}
	answers, err := m.inflow(ctx, p, arrivals)
	if err != nil {
		return fmt.Errorf("rhythms: %w", err)
	}
	return m.conclude(ctx, p, func() (d decision, o alerting.Outcome, err error) {
		memory, baseline, err := m.recall(ctx, p.Probe)
		if err != nil {
			return d, o, err
		}
		d, taken, err := m.decideAll(p, memory, baseline, arrivals, answers)
		if err != nil {
			return d, o, err
		}
		return d, m.accounted(p, claim, d, arrivals, taken), nil
	})
}

// gathering is how long a source that became due waits for more to arrive: what
// a check costs it costs once for all of them.
const gathering = 50 * time.Millisecond

// gather waits until a source has been due for a moment.
func gather(ctx context.Context, due time.Time) {
	timer := time.NewTimer(min(gathering, time.Until(due.Add(gathering))))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// inflow is what a source has to say: its arrivals, which are observed when it
// is their turn, and last how they come.
func (m *Monitor) inflow(ctx context.Context, p *post, arrivals []webhooks.Arrival) (answers []answer, err error) {
	answers = make([]answer, len(arrivals), len(arrivals)+1)
	rhythms, err := m.Store.Rhythms(ctx, p.Probe.ID)
	if err != nil {
		return nil, err
	}
	onward, err := m.handingOn(ctx, p)
	if err != nil {
		return nil, err
	}
	ear := webhooks.Listen(rhythms, p.Source.Times)
	if ear.Deaf, err = m.Store.Deaf(ctx); err != nil {
		return nil, err
	}
	o := contracts.Observe(p.flows(ear, m.intakes.refusals(p.Probe.ID), onward, time.Now()), nil)
	return append(answers, answer{Observation: &o}), nil
}

// flows is how events come in, as a sample of a moment.
func (p *post) flows(ear *webhooks.Ear, refused probes.Refusals, onward *probes.HandingOn, now time.Time) probes.Sample {
	inflow := &probes.Inflow{Refused: refused, Onward: onward}
	for i := range ear.Rhythms {
		r := &ear.Rhythms[i]
		flow := probes.EventFlow{
			Type: r.Type, Last: r.Last, Usual: r.LongestPause(),
			Flood: r.Flood(now), Busiest: r.Busiest(), Retries: r.Retries,
			Delay: r.Delay(now), WasDelay: r.WasSlow(), Behind: r.Behind(now),
		}
		if silent := ear.Silent(i, now); silent > 0 && !ear.Covered(i, now) {
			hush := ear.Hush(i)
			flow.Silent, flow.Told, flow.Missing, flow.Deaf = silent, hush.Told, hush.Missing(), ear.DeafSince(r.Last, now)
		}
		inflow.Types = append(inflow.Types, flow)
	}
	if silent := ear.WholeSilent(now); silent > 0 {
		hush, last := ear.Whole()
		inflow.Whole = &probes.EventFlow{Last: last, Silent: silent, Usual: hush.Pause, Told: hush.Told, Missing: hush.Missing(), Deaf: ear.DeafSince(last, now)}
	}
	return probes.Sample{Probe: p.Probe.ID, At: now, Class: probes.Looked, Method: http.MethodPost, Header: http.Header{}, Inflow: inflow}
}

// handingOn is how it goes with the user's own receiver; nil for none.
func (m *Monitor) handingOn(ctx context.Context, p *post) (*probes.HandingOn, error) {
	if p.Source.Forward == nil {
		return nil, nil
	}
	o, err := m.Store.Onward(ctx, p.Probe.ID)
	most := p.Source.Forward.Most
	h := &probes.HandingOn{Waiting: o.Waiting, Dead: o.Dead, Since: o.Failing, Why: o.Error, Oldest: o.Oldest, Fill: o.Fill(most), Full: o.Full(most, o.Mean())}
	if !h.Full {
		h.FullBy = o.FullBy(most, time.Now())
	}
	if o.Dead > 0 {
		h.Why = o.Lost
	}
	return h, err
}

// look is how events come in now, without those that wait.
func (m *Monitor) look(ctx context.Context, p *post) answer {
	answers, err := m.inflow(ctx, p, nil)
	if err == nil {
		return answers[0]
	}
	o := contracts.Observe(probes.Sample{Probe: p.Probe.ID, At: time.Now(), Class: probes.Unreachable, Header: http.Header{},
		Problem: fmt.Sprintf("what came in cannot be read: %v", err)}, nil)
	return answer{Observation: &o}
}

// sampleOf is an arrival as a sample: an object with the event under its type,
// so that each type has a shape of its own and a new one is a new field.
func sampleOf(p *post, a webhooks.Arrival) probes.Sample {
	name, _ := json.Marshal(a.Type) // a string always marshals
	body := append(append(append([]byte{'{'}, name...), ':'), a.Body...)
	body = append(body, '}')
	return probes.Sample{
		Probe: p.Probe.ID, At: a.At, Class: probes.Valid, Method: http.MethodPost, Status: http.StatusOK,
		Header: http.Header{}, MediaType: "application/json", Body: body, Bytes: int64(len(a.Body)), Attempts: 1,
	}
}

// decideAll decides answers one after the other, up to the first that changes
// an incident; taken is how many.
func (m *Monitor) decideAll(p *post, memory alerting.Memory, baseline *contracts.Baseline, arrivals []webhooks.Arrival, answers []answer) (d decision, taken int, err error) {
	for i := range answers {
		if answers[i].Observation == nil { // of a batch that ends early, only what is taken
			o := contracts.Observe(sampleOf(p, arrivals[i]), nil)
			answers[i].Observation = &o
		}
		a := answers[i]
		d = m.mean(p, baseline, memory.Incidents, m.policy(memory.Silences, a.At), a)
		taken++
		if len(d.changed) > 0 {
			break
		}
	}
	d.memory = memory
	if d.keeping, err = baseline.Whole(); err != nil {
		return d, taken, fmt.Errorf("baseline: %w", err)
	}
	return d, taken, nil
}

// accounted is the outcome of a check that took some of the arrivals.
func (m *Monitor) accounted(p *post, claim probes.Claim, d decision, arrivals []webhooks.Arrival, taken int) alerting.Outcome {
	outcome := m.outcome(p, claim, d)
	outcome.Listens = true
	for _, a := range arrivals[:min(taken, len(arrivals))] {
		outcome.Arrivals = append(outcome.Arrivals, a.Number)
	}
	if taken <= len(arrivals) || len(arrivals) == arrivalsAtOnce {
		outcome.Next = time.Now()
	}
	return outcome
}
