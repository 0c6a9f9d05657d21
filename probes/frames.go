package probes

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Frames make one JSON text of the messages of a gRPC answer. An error is what
// is wrong with them.
type Frames func(messages [][]byte) ([]byte, error)

// ErrOverLimit is what an error of Frames wraps when the messages hold more than
// the probe's MaxBody lets them.
var ErrOverLimit = errors.New("over the limit")

// frameHead is what stands before each message: whether it is compressed, and
// how long it is.
const frameHead = 5

// Framed is a message as gRPC sends it.
func Framed(message []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...)
}

// unframe reads the messages of a gRPC answer: all, or of a stream as many as
// are wanted while its time lasts.
func (a *ask) unframe(ctx context.Context, r *http.Response) ([]byte, int64, failure) {
	var over atomic.Bool
	most := -1
	if e := a.probe.Events; e != nil {
		most = e.Most
		timer := time.AfterFunc(e.For, func() { over.Store(true); r.Body.Close() })
		defer timer.Stop()
	}
	b, err := newBody(r, a.probe.maxBody())
	if err != nil {
		return nil, b.size, a.explainBody(ctx, b, err)
	}
	messages, err := b.messages(most)
	switch f := (failure{}); {
	case errors.As(err, &f):
		return nil, b.size, f
	case err != nil && over.Load() && len(messages) == 0:
		return nil, b.size, failure{class: Unreachable, problem: fmt.Sprintf("the stream brought no message within %s", inWords(a.probe.Events.For))}
	case err != nil && !over.Load():
		return nil, b.size, a.explainBody(ctx, b, err)
	}
	text, err := a.probe.Frames(messages)
	switch {
	case errors.Is(err, ErrOverLimit) || int64(len(text)) > b.limit:
		return nil, b.size, failure{class: OverLimit, problem: fmt.Sprintf(
			"the answer as JSON is more than the limit of %s lets it be (max_body)", bytesInWords(b.limit))}
	case err != nil:
		return nil, b.size, failure{class: InvalidJSON, problem: printable(err.Error(), 200)}
	}
	return text, b.size, failure{}
}

// messages reads up to most messages, all when most is negative.
func (b *body) messages(most int) (all [][]byte, err error) {
	for len(all) != most {
		var head [frameHead]byte
		if _, err := io.ReadFull(b.decoded, head[:]); err == io.EOF {
			return all, nil
		} else if err != nil {
			return all, err
		}
		long := int64(binary.BigEndian.Uint32(head[1:]))
		switch b.size += frameHead + long; {
		case head[0] != 0:
			return all, failure{class: Protocol, problem: "a message is compressed, which was not asked for"}
		case b.size > b.limit:
			return all, b.overLimit()
		}
		message := make([]byte, long)
		if _, err := io.ReadFull(b.decoded, message); err != nil {
			return all, noLess(err)
		}
		all = append(all, message)
	}
	return all, nil
}

// noLess makes of an end within a message what it is: too early.
func noLess(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// isGRPC reports whether an answer is one of gRPC.
func isGRPC(h http.Header) bool { return strings.HasPrefix(mediaType(h), "application/grpc") }

// trail adds what a server says behind a body to what it said before it. The
// message of a status is decoded, so that a secret in it is found.
func trail(header http.Header, r *http.Response) http.Header {
	for name, values := range r.Trailer {
		header[http.CanonicalHeaderKey(name)] = values
	}
	for i, message := range header["Grpc-Message"] {
		if plain, err := url.PathUnescape(message); err == nil {
			header["Grpc-Message"][i] = plain
		}
	}
	return header
}
