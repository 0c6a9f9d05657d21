package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"shapewatch/monitor"
	"shapewatch/probes"
)

// An answering plays answers back through the client that asks.
type answering struct {
	client *probes.Client
	tape   *tape
}

func newAnswering() *answering {
	a := &answering{tape: &tape{}}
	a.client = probes.NewClient(probes.Options{Transport: a.tape, Recorded: true})
	return a
}

// to is the answer to a probe as it was recorded.
func (a *answering) to(ctx context.Context, p probes.Probe, r recorded) probes.Sample {
	a.tape.recorded = r
	s := a.client.Do(ctx, p)
	s.At, s.Latency, s.RetryAt, s.Modified = r.at, 0, time.Time{}, r.modified // as recorded; how fast we read a file says nothing
	return s
}

// A tape answers a request with the response it holds.
type tape struct{ recorded }

// RoundTrip plays the response back.
func (t *tape) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.status == 0 {
		return nil, errors.New("no response was recorded")
	}
	return &http.Response{
		StatusCode: t.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: t.header, Body: io.NopCloser(bytes.NewReader(t.body)), ContentLength: int64(len(t.body)),
	}, nil
}

// answer judges one response.
func (p *player) answer(ctx context.Context, r recorded) ([]monitor.Replayed, error) {
	s := p.answers.to(ctx, p.watch.Probe, r)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	step, err := p.recording.Next(s)
	return []monitor.Replayed{step}, err
}
