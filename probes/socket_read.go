package probes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// binaryType is the type of a message that is neither text nor JSON.
const binaryType = "binary"

// gather reads the messages of a line until there are enough, its time is over
// or it ends, and returns them as one JSON text: an object with a list for each
// type.
func (a *ask) gather(ctx context.Context) ([]byte, int64, failure) {
	e := a.reading()
	var over atomic.Bool
	timer := time.AfterFunc(e.For, func() { over.Store(true); a.line.hangUp() })
	defer timer.Stop()
	defer func() { _ = a.line.conn.CloseNow() }()
	s := &stream{limit: a.probe.maxBody(), tag: e.Tag}
	n, err := a.line.hear(ctx, s, a.probe.Socket, e.Most)
	switch {
	case err == nil:
		a.line.hangUp()
	case n == 0 && over.Load():
		return nil, s.size, failure{class: Unreachable, problem: fmt.Sprintf("the WebSocket brought no message within %s", inWords(e.For))}
	case n == 0 && ctx.Err() != nil:
		return nil, s.size, a.explain(ctx, ctx.Err(), readingBody)
	case !over.Load() && ctx.Err() == nil || errors.As(err, &failure{}):
		if f := broken(err, n); f.problem != "" {
			return saying(f, err), s.size, f
		}
	}
	return s.json(), s.size, failure{}
}

// hear says what is to be said and takes down what comes.
func (l *line) hear(ctx context.Context, s *stream, say *Socket, most int) (n int, err error) {
	l.conn.SetReadLimit(-1) // the stream has a limit of its own, over all messages
	for said := 0; n < most; n++ {
		for ; said < len(say.Say) && (!say.InTurn || said <= n); said++ {
			if err := l.conn.Write(ctx, websocket.MessageText, say.Say[said]); err != nil {
				return n, err
			}
		}
		kind, r, err := l.conn.Reader(ctx)
		if err != nil {
			return n, err
		}
		if err := s.message(content{r, &l.held}, kind == websocket.MessageText); err != nil {
			return n, err
		}
		l.held.Add(ofFrame)
	}
	return n, nil
}

// A content counts what a message holds.
type content struct {
	io.Reader
	held *atomic.Int64
}

// Read implements [io.Reader].
func (c content) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.held.Add(int64(n))
	return n, err
}

// message takes down one message, however many frames it comes in. JSON is
// JSON also where it is sent as binary; of other binary messages only is kept
// that there was one.
func (s *stream) message(r io.Reader, isText bool) error {
	text, err := io.ReadAll(io.LimitReader(r, s.limit-s.size+1))
	if s.size += int64(len(text)); s.size > s.limit {
		return failure{class: OverLimit, problem: fmt.Sprintf("the messages are longer than the limit of %s (max_body)", bytesInWords(s.limit))}
	}
	switch {
	case err != nil:
		return err
	case isText && !utf8.Valid(text):
		return failure{class: Protocol, problem: "a text message of the WebSocket is not UTF-8"}
	case !isText && !json.Valid(text):
		s.add(binaryType, "a binary message")
	default:
		s.add("", string(text))
	}
	return nil
}

// recalled reads the messages of a recording: the entries of a list, or one a
// line.
func (a *ask) recalled(ctx context.Context, r reply) ([]byte, int64, failure) {
	b, err := newBody(r.Response, a.probe.maxBody())
	if err != nil {
		return nil, b.size, a.explainBody(ctx, b, err)
	}
	text, err := b.readAll()
	if err != nil {
		return nil, b.size, a.explainBody(ctx, b, err)
	}
	var list []json.RawMessage
	if json.Unmarshal(text, &list) != nil {
		for line := range bytes.Lines(text) {
			if line = bytes.TrimSpace(line); len(line) > 0 {
				list = append(list, line)
			}
		}
	}
	s := &stream{limit: b.size, tag: a.reading().Tag}
	for _, message := range list {
		s.add("", string(message))
	}
	if len(list) == 0 {
		return nil, b.size, failure{class: Unreachable, problem: "no message was recorded"}
	}
	return s.json(), b.size, failure{}
}
