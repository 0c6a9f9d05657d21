// Package grpc calls a method of a gRPC API without its generated code: the
// server tells by reflection what its messages are, the request is written as
// JSON, and the answer is JSON, as the protobuf project defines it. It also
// takes down what the server says of the methods that are called, as the answer
// that is learned and judged: a field that is renumbered breaks every client
// before any answer looks different.
//
// The package is the only door to protobuf's reflection. It asks nobody itself:
// a call is a request of a [probes.Asker], with its budgets, guards and
// redaction.
package grpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"shapewatch/probes"
)

// A Call is one method and what it is asked.
type Call struct {
	Method  string // "shop.v1.Orders/Get"
	Request []byte // as JSON; nil for an empty message
}

// deepest bounds how deep a message may nest.
const deepest = 200

// Ask asks the server what the method's messages are, calls it, and brings back
// the answer as JSON: the message, or of a server that streams the list of
// messages, as many as the probe's Events say. Its URL is the server's.
func Ask(ctx context.Context, a probes.Asker, p probes.Probe, c Call) probes.Sample {
	known, s, ok := learn(ctx, a, p, c)
	if !ok {
		return s
	}
	method, err := known.method(c.Method)
	if err != nil {
		return fails(s, http.StatusNotFound, known.hide(err.Error()))
	}
	request, err := known.request(method, c.Request)
	if err != nil {
		return fails(s, http.StatusBadRequest, "not called: "+known.hide(err.Error()))
	}
	return called(a.Do(ctx, known.call(p, c.Method, request, method)), p.Events != nil)
}

// learn is what the server tells of a method; when it cannot be had, the sample
// that says why.
func learn(ctx context.Context, a probes.Asker, p probes.Probe, c Call) (*reflection, probes.Sample, bool) {
	r := &reflection{ctx: ctx, asker: a, probe: p}
	service, _, _ := strings.Cut(c.Method, "/")
	if !r.read([]string{service}) {
		return nil, r.last, false
	}
	return r, r.last, true
}

// call is the probe that calls a method.
func (r *reflection) call(p probes.Probe, method string, request []byte, m protoreflect.MethodDescriptor) probes.Probe {
	p = addressed(p, method)
	p.Body = probes.Framed(request)
	p.Frames = func(messages [][]byte) ([]byte, error) {
		texts := make([][]byte, 0, len(messages))
		weighed := newScale(p)
		weighed.types = r.types
		for _, message := range messages {
			text, err := r.json(m.Output(), message, weighed)
			if err != nil {
				return nil, err
			}
			texts = append(texts, text)
		}
		switch {
		case m.IsStreamingServer():
			return slicesJoined(texts), nil
		case len(texts) > 1:
			return nil, fmt.Errorf("%d messages where the method answers one", len(texts))
		}
		return bytes.Join(texts, nil), nil
	}
	return p
}

func slicesJoined(texts [][]byte) []byte {
	return append(append([]byte{'['}, bytes.Join(texts, []byte{','})...), ']')
}

// addressed is a probe of one method of a server.
func addressed(p probes.Probe, method string) probes.Probe {
	p.Method, p.URL = http.MethodPost, strings.TrimSuffix(p.URL, "/")+"/"+method
	header := http.Header{"Content-Type": {"application/grpc"}, "Te": {"trailers"}, "Accept-Encoding": {"identity"}, "Grpc-Accept-Encoding": {"identity"}}
	for name, values := range p.Header {
		header[name] = values
	}
	p.Header = header
	return p
}

// json is a message as the protobuf project writes it as JSON. Fields without
// presence are written also where they are zero: they are always there.
func (r *reflection) json(d protoreflect.MessageDescriptor, message []byte, weighed *scale) ([]byte, error) {
	if err := weighed.message(d, message, 0); err != nil {
		return nil, err
	}
	m := dynamicpb.NewMessage(d)
	if err := (proto.UnmarshalOptions{Resolver: r.types, RecursionLimit: deepest}).Unmarshal(message, m); err != nil {
		return nil, fmt.Errorf("the answer is no %s, by what the server tells of it", d.FullName())
	}
	text, err := protojson.MarshalOptions{Resolver: r.types, EmitDefaultValues: true}.Marshal(m)
	if err != nil {
		return nil, errNoJSON
	}
	var plain bytes.Buffer
	_ = json.Compact(&plain, text) // protobuf adds spaces by chance
	return plain.Bytes(), nil
}

// errNoJSON does not repeat protobuf's words, which quote values.
var errNoJSON = errors.New("the answer cannot be written as JSON: it holds an Any whose type is not told, a time or a path that is none, or lacks a field that is required")

// inPlain keeps a vendor's text short and on one line.
func inPlain(text string) string {
	text = strings.TrimPrefix(strings.ReplaceAll(text, "\u00a0", " "), "proto: ")
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if len(text) > mostWords {
		text = strings.ToValidUTF8(text[:mostWords], "") + "…"
	}
	return text
}

const mostWords = 200
