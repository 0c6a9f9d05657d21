package probes

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Events say how much of a stream is read: server-sent events, or lines of
// JSON that do not end by themselves.
type Events struct {
	Most int           // events
	For  time.Duration // from the first byte of the answer
	Tag  string        // JSON Pointer to what tells types of events apart; empty for what the stream says
}

// Bounds of a stream that nobody said how to read, and of what it may say.
const (
	eventsMost = 100
	eventsFor  = 5 * time.Second
	maxTypes   = 256 // of events; all beyond are of one
	maxType    = 200 // bytes of a type's name
	otherType  = "other"
)

// listens is how long a probe reads a stream beyond its timeout.
func (p Probe) listens() time.Duration {
	if p.Events == nil {
		return 0
	}
	return p.Events.For
}

// streamed says how to read a response as a stream; nil when it is none.
func (a *ask) streamed(r *http.Response) *Events {
	switch media := mediaType(r.Header); {
	case media == "text/event-stream" && a.probe.Events == nil:
		return a.reading()
	case media == "text/event-stream" || isLines(media):
		return a.probe.Events
	}
	return nil
}

// reading is how much of a stream is read.
func (a *ask) reading() *Events {
	if a.probe.Events != nil {
		return a.probe.Events
	}
	return &Events{Most: eventsMost, For: min(eventsFor, a.probe.timeout()/2)}
}

// isLines reports whether a media type says one JSON value a line.
func isLines(media string) bool {
	switch media {
	case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines", "application/jsonlines", "application/json-seq":
		return true
	}
	return false
}

// listen reads a stream until there are enough events, its time is over, or it
// ends, and returns them as one JSON text: an object with a list for each type
// of server-sent event, or the lines.
func (a *ask) listen(ctx context.Context, r *http.Response, e *Events) ([]byte, int64, failure) {
	b, err := newBody(r, a.probe.maxBody())
	var f failure
	if errors.As(err, &f) {
		return nil, b.size, f
	}
	var over atomic.Bool
	timer := time.AfterFunc(e.For, func() { over.Store(true); r.Body.Close() })
	defer timer.Stop()
	s := &stream{lines: bufio.NewReader(b.decoded), limit: a.probe.maxBody(), tag: e.Tag}
	read := s.events
	if isLines(mediaType(r.Header)) {
		read = s.values
	}
	n, err := read(e.Most)
	switch {
	case errors.As(err, &f):
		return nil, s.size, f
	case n == 0 && (err == nil || errors.Is(err, io.EOF) || over.Load()):
		return nil, s.size, failure{class: Unreachable, problem: fmt.Sprintf("the stream brought no event within %s", inWords(e.For))}
	case n == 0 && ctx.Err() != nil:
		return nil, s.size, a.explainBody(ctx, b, err)
	case err != nil && !errors.Is(err, io.EOF) && !over.Load() && ctx.Err() == nil: // in time, what was read is kept
		return nil, s.size, b.explain(err)
	}
	return s.json(), s.size, failure{}
}

// A stream is what was read of one so far.
type stream struct {
	lines *bufio.Reader
	limit int64
	size  int64
	tag   string // where in an event its type stands; empty for nowhere

	types []string // in the order in which they came
	of    map[string]*bytes.Buffer
	plain bytes.Buffer // of lines
}

// line reads up to the end of a line, without it.
func (s *stream) line() (string, error) {
	var whole []byte
	for {
		part, err := s.lines.ReadSlice('\n')
		if s.size += int64(len(part)); s.size > s.limit {
			return "", failure{class: OverLimit, problem: fmt.Sprintf("the stream is longer than the limit of %s (max_body)", bytesInWords(s.limit))}
		}
		whole = append(whole, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return strings.TrimRight(string(whole), "\r\n"), err
		}
	}
}

// events reads server-sent events.
func (s *stream) events(most int) (n int, err error) {
	var kind string
	var data []string
	for n < most {
		line, err := s.line()
		if err != nil {
			return n, err // what has no blank line behind it is not complete
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if len(data) > 0 {
				s.add(kind, strings.Join(data, "\n"))
				n++
			}
			kind, data = "", nil
		case name == "event":
			kind = value
		case name == "data":
			data = append(data, value)
		}
	}
	return n, nil
}

// add keeps one event under its type, as JSON; what is none is a text.
func (s *stream) add(kind, data string) {
	text := []byte(data)
	if !json.Valid(text) {
		text, _ = json.Marshal(strings.ToValidUTF8(data, "\uFFFD")) // a string always marshals
	}
	if said := textAt(text, s.tag); s.tag != "" && said != "" {
		kind = said
	}
	if kind = strings.ToValidUTF8(kind, ""); kind == "" {
		kind = "message"
	}
	if len(kind) > maxType {
		kind = strings.ToValidUTF8(kind[:maxType], "")
	}
	if s.of == nil {
		s.of = map[string]*bytes.Buffer{}
	}
	if s.of[kind] == nil && len(s.types) >= maxTypes {
		kind = otherType
	}
	if s.of[kind] == nil {
		s.types, s.of[kind] = append(s.types, kind), &bytes.Buffer{}
	}
	if s.of[kind].Len() > 0 {
		s.of[kind].WriteByte(',')
	}
	s.of[kind].Write(text)
}

// values reads lines of JSON.
func (s *stream) values(most int) (n int, err error) {
	for n < most {
		line, err := s.line()
		line = strings.Trim(line, "\x1e \t")
		if err != nil && (!errors.Is(err, io.EOF) || !json.Valid([]byte(line))) {
			return n, err // the last line may have no end, and be whole
		}
		if line == "" {
			continue
		}
		if n++; s.tag != "" {
			s.add("", line)
			continue
		}
		s.plain.WriteString(line + "\n")
	}
	return n, nil
}

func (s *stream) json() []byte {
	if s.of == nil {
		return s.plain.Bytes()
	}
	var out bytes.Buffer
	for i, kind := range s.types {
		name, _ := json.Marshal(kind)
		out.WriteByte("{,"[min(i, 1)])
		out.Write(name)
		out.WriteString(":[")
		out.Write(s.of[kind].Bytes())
		out.WriteByte(']')
	}
	out.WriteByte('}')
	return out.Bytes()
}
