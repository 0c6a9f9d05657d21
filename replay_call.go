package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"shapewatch/heartbeats"
	"shapewatch/monitor"
	"shapewatch/web"
	"shapewatch/webhooks"
)

// What calls us is played back as a call: the handlers are the server's.

// A deaf is a writer of answers that keeps none of them.
type deaf struct{ header http.Header }

func (d *deaf) Header() http.Header         { return d.header }
func (d *deaf) WriteHeader(int)             {}
func (d *deaf) Write(b []byte) (int, error) { return len(b), nil }

// call makes a call at a handler. What the handler answers is told by what it
// counted and kept, as at the server.
func call(ctx context.Context, h http.Handler, path string, header http.Header, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://recorded.invalid"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header = header
	h.ServeHTTP(&deaf{http.Header{}}, request)
	return nil
}

// beat plays the call of a job.
func (p *player) beat(ctx context.Context, r recorded) error {
	var line beatLine
	if err := r.readAs(&line); err != nil {
		return p.wrong(r, err)
	}
	if line.Beat == "" {
		line.Beat = string(heartbeats.Success)
	}
	if !web.IsBeatVerb(line.Beat) {
		return p.wrong(r, fmt.Errorf("beat %q: want start, success, fail, log or an exit code", printable(line.Beat)))
	}
	var failure error
	h := web.Beats(web.BeatOptions{
		Known: func(_, _ string) (string, bool) { return p.watch.Probe.ID, true },
		Keep: func(ctx context.Context, _ string, b heartbeats.Beat) error {
			b.At = r.at
			failure = p.recording.Hear(ctx, b)
			return failure
		},
	})
	said := map[string]any{"rid": line.Run, "attempt": line.Attempt, "error": line.Error}
	if line.Items != nil {
		said["items"] = *line.Items
	}
	body, err := json.Marshal(said)
	if err != nil {
		return err
	}
	if err := call(ctx, h, "/beat/recorded/"+url.PathEscape(line.Beat), http.Header{}, body); err != nil {
		return err
	}
	return failure
}

// deliver plays an event that a vendor sent.
func (p *player) deliver(ctx context.Context, r recorded) (judged []monitor.Replayed, err error) {
	var line deliveryLine
	if err := r.readAs(&line); err != nil {
		return nil, p.wrong(r, err)
	}
	var failure error
	h := web.In(web.InOptions{
		Known: func(_, _ string) (web.Receiver, bool) {
			return web.Receiver{Probe: p.watch.Probe.ID, Scheme: p.schemeOf(line), Secrets: p.watch.Source.Secrets, MaxBody: p.watch.Source.MaxBody}, true
		},
		Receive: func(ctx context.Context, _ string, d webhooks.Delivery, _ http.Header, body []byte) (bool, error) {
			judged, failure = p.recording.Receive(ctx, d, body, r.at)
			return len(judged) > 0, failure
		},
		Refuse: func(_ string, why error) { p.recording.Refuse(why, r.at) },
		Now:    func() time.Time { return r.at },
	})
	if err := call(ctx, h, "/in/recorded", headerOf(line.Headers), bodyOf(line.Body)); err != nil {
		return nil, err
	}
	return judged, failure
}

// schemeOf verifies what was recorded with its headers as the source does, and
// takes the word of a line without them.
func (p *player) schemeOf(line deliveryLine) webhooks.Scheme {
	if len(line.Headers) > 0 {
		return p.watch.Source.Scheme
	}
	said := webhooks.Unsigned("", "")
	return webhooks.Scheme{Name: "recorded", Verify: func(h http.Header, body []byte, _ []string, now time.Time) (webhooks.Delivery, error) {
		d, err := said.Verify(h, body, nil, now)
		if line.Type != "" {
			d.Type = line.Type
		}
		if line.ID != "" {
			d.ID = line.ID
		}
		d.Event = line.Event
		return d, err
	}}
}
