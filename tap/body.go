package tap

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A body is the body of an answer on its way to the caller. What passes is
// copied while it may become a sample.
type body struct {
	io.ReadCloser
	tap       *Tap
	operation string

	mu     sync.Mutex    // Close may come while Read goes on
	copy   *bytes.Buffer // nil when it is no sample, or no longer
	sample sample
}

// attach puts a body in the place of the answer's, one that can be written to
// where that could be: a connection that was taken over stays one.
func (t *Tap) attach(r *http.Request, response *http.Response) {
	t.mu.Lock()
	t.stats.Answers++
	t.mu.Unlock()
	if _, writable := response.Body.(io.Writer); writable || response.StatusCode == http.StatusSwitchingProtocols {
		return
	}
	b := &body{ReadCloser: response.Body, tap: t, operation: t.operation(r.Method, r.URL.EscapedPath())}
	if t.wants(b.operation, r, response) {
		b.copy = &bytes.Buffer{}
		b.sample = sample{operation: b.operation, At: time.Now().UTC(), Status: response.StatusCode, Headers: map[string]string{"Content-Type": response.Header.Get("Content-Type")}}
	}
	response.Body = b
}

// wants reports whether an answer may become a sample. Its turn is taken only
// when it is one.
func (t *Tap) wants(operation string, r *http.Request, response *http.Response) bool {
	if t.o.Folder == "" && t.o.Post == "" || r.Method == http.MethodHead || response.ContentLength > t.o.MaxBody {
		return false
	}
	if response.Header.Get("Content-Encoding") != "" || !strings.Contains(response.Header.Get("Content-Type"), "json") {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	last, known := t.last[operation]
	return (known || len(t.last) < maxOperations) && time.Since(last) >= t.o.Every
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.tap.guarded(func() { b.pass(p[:n], err) })
	return n, err
}

// Close closes the body. Whoever decodes one value often leaves the line break
// behind it: what was read until then is the answer if it is whole.
func (b *body) Close() error {
	b.tap.guarded(func() { b.end() })
	return b.ReadCloser.Close()
}

func (b *body) pass(p []byte, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.copy == nil {
		return
	}
	if b.copy.Len()+len(p) > int(b.tap.o.MaxBody) {
		b.copy = nil
		b.tap.drop()
		return
	}
	b.copy.Write(p)
	if errors.Is(err, io.EOF) {
		b.offer()
	}
}

func (b *body) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.copy != nil {
		b.offer()
	}
}

func (b *body) offer() {
	b.sample.Body, b.copy = b.copy.Bytes(), nil
	b.tap.offer(b.sample)
}

// offer hands a whole answer to the worker, if it is JSON, its operation's turn
// has come and there is room.
func (t *Tap) offer(s sample) {
	if !json.Valid(s.Body) {
		t.drop()
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.At.Sub(t.last[s.operation]) < t.o.Every {
		return
	}
	select {
	case t.samples <- s:
		t.last[s.operation] = s.At
	default:
		t.stats.Dropped++
	}
}

// Decode decodes the JSON of an answer into v, as json.NewDecoder does, and
// notes which paths the type of v takes when the answer came through a tap. It
// does not close the body.
func Decode(response *http.Response, v any) error {
	err := json.NewDecoder(response.Body).Decode(v)
	if b, ok := response.Body.(*body); ok {
		b.tap.Note(b.operation, v)
	}
	return err
}
