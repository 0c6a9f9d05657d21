package monitor

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"shapewatch/heartbeats"
	"shapewatch/probes"
)

// A Heartbeat is a job that calls us, instead of something that we ask: the
// probe's schedule says how often we look, this one when it must have called.
type Heartbeat struct {
	Name       string          // in its address: /beat/NAME
	Key        string          // that the address must also have; empty for none
	Schedule   probes.Schedule // when a run is due
	Grace      time.Duration   // beyond that
	MaxRuntime time.Duration   // 0 means by habit
}

// Hear remembers what a job says and has it judged at once.
func (m *Monitor) Hear(ctx context.Context, probe string, beat heartbeats.Beat) error {
	err := m.Store.KeepBeat(ctx, probe, beat)
	m.wakeBefore(beat.At)
	return err
}

// expectation is a heartbeat made ready to be judged by; the time the job is
// due is not spread, because it is not us who ask.
func (h *Heartbeat) expectation(since time.Time) (heartbeats.Expectation, error) {
	e := heartbeats.Expectation{Grace: h.Grace, MaxRuntime: h.MaxRuntime, Since: since}
	if h.Schedule.Cron == "" {
		e.Next = func(after time.Time) time.Time { return after.Add(h.Schedule.Every) }
		return e, nil
	}
	t, err := newTimetable(h.Schedule, "")
	t.share = 0
	e.Next = t.next
	return e, err
}

// listen brings back what a job's beats say now.
func (m *Monitor) listen(ctx context.Context, p *post) probes.Sample {
	now := time.Now()
	beats, err := m.Store.Beats(ctx, p.Probe.ID)
	if err == nil {
		var e heartbeats.Expectation
		if e, err = p.Heartbeat.expectation(p.listening); err == nil {
			if e.Deaf, err = m.Store.Deaf(ctx); err == nil {
				return p.heard(beats, e, now)
			}
		}
	}
	s := p.said(now)
	s.Class, s.Problem = probes.Unreachable, fmt.Sprintf("what the job said cannot be read: %v", err)
	return s
}

// heard is what beats say of a job at a moment.
func (p *post) heard(beats []heartbeats.Beat, e heartbeats.Expectation, now time.Time) probes.Sample {
	s := p.said(now)
	job := heartbeats.Judge(beats, e, now)
	s.Job = &job
	return s
}

func (p *post) said(now time.Time) probes.Sample {
	return probes.Sample{
		Probe: p.Probe.ID, At: now, Class: probes.Valid, Method: http.MethodHead, Status: http.StatusNoContent,
		Header: http.Header{}, Attempts: 1,
	}
}
