package monitor

import (
	"context"
	"time"

	"shapewatch/contracts"
	"shapewatch/heartbeats"
	"shapewatch/webhooks"
)

// What comes in by itself is judged when it comes, and whenever the server
// would have looked: that nothing comes is what there is to see. A recording of
// it keeps beats and rhythms in the monitor's store.

// Begin says since when a job or a source was listened to.
func (r *Recording) Begin(at time.Time) { r.post.listening, r.clock = at, at }

// Skip leaves out the looks before a time.
func (r *Recording) Skip(to time.Time) { r.clock = to }

// Hear remembers what a job said, at the time of the beat; the next
// [Recording.Until] judges it.
func (r *Recording) Hear(ctx context.Context, beat heartbeats.Beat) error {
	r.due = beat.At
	return r.monitor.Store.KeepBeat(ctx, r.post.Probe.ID, beat)
}

// Receive judges an event that a vendor sent at a time; none when it came
// before. How events come is judged by the next [Recording.Until].
func (r *Recording) Receive(ctx context.Context, d webhooks.Delivery, body []byte, at time.Time) (judged []Replayed, err error) {
	a := arrivalOf(d, body, at)
	kept := a
	kept.Body = nil // nobody learns from it later
	fresh, err := r.monitor.Store.KeepArrival(ctx, r.post.Probe.ID, kept)
	if err != nil {
		return nil, err
	}
	r.monitor.intakes.accepted(r.post.Probe.ID, fresh, at)
	r.due = at.Add(gathering)
	if fresh {
		o := contracts.Observe(sampleOf(r.post, a), nil)
		judged = append(judged, r.mean(answer{Observation: &o}))
	}
	return judged, nil
}

// Refuse counts a request that was not accepted at a time, and why.
func (r *Recording) Refuse(why error, at time.Time) {
	r.monitor.intakes.refused(r.post.Probe.ID, why, at)
}

// Until looks at a job or a source whenever the server would have, after the
// look before and up to a time, and hands over what each look meant. Of what is
// asked, time alone says nothing.
func (r *Recording) Until(ctx context.Context, at time.Time, each func(Replayed) error) error {
	if r.post.Heartbeat == nil && r.post.Source == nil {
		return nil
	}
	look, err := r.looking(ctx)
	for err == nil {
		next := r.post.timetable.next(r.clock)
		if !r.due.IsZero() {
			r.due = latest(r.due, r.clock)
		}
		if !r.due.IsZero() && !r.due.After(next) {
			next = r.due
		}
		if next.After(at) {
			return nil
		}
		if next.Equal(r.due) {
			r.due = time.Time{}
		}
		r.clock = next
		if err = ctx.Err(); err == nil {
			err = each(r.mean(look(next)))
		}
	}
	return err
}

// looking says what a look at any moment sees, until more comes in.
func (r *Recording) looking(ctx context.Context) (look func(time.Time) answer, err error) {
	m, p := r.monitor, r.post
	if p.Heartbeat != nil {
		beats, err := m.Store.Beats(ctx, p.Probe.ID)
		if err != nil {
			return nil, err
		}
		e, err := p.Heartbeat.expectation(p.listening)
		return func(now time.Time) answer {
			o := contracts.Observe(p.heard(beats, e, now), p.Probe.Expect)
			return answer{Observation: &o}
		}, err
	}
	rhythms, err := m.Store.Rhythms(ctx, p.Probe.ID)
	ear := webhooks.Listen(rhythms, p.Source.Times)
	return func(now time.Time) answer {
		o := contracts.Observe(p.flows(ear, m.intakes.refusals(p.Probe.ID), nil, now), nil)
		return answer{Observation: &o}
	}, err
}
