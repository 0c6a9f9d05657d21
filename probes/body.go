package probes

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Limits of a body beside the probe's MaxBody.
const (
	maxRatio      = 200              // decoded to sent bytes, once ratioMatters bytes are decoded
	ratioMatters  = 1 << 20          // below it a high ratio is only a short, dull answer
	maxCodings    = 2                // "gzip, gzip" is sloppy, more is an attack
	rightSized    = 256 << 10        // bodies that declare up to this are read into a buffer of their size
	slowestRate   = 1 << 10          // bytes a second …
	slowestRateAt = 10 * time.Second // … once a body has taken this long
	mostScratch   = 1 << 20          // bytes of a buffer that is kept for the next body
)

// A body is a response body on its way in: counted on the wire, decoded, and
// bounded in size, ratio and slowness.
type body struct {
	wire     wire
	decoded  io.Reader
	declared int64 // Content-Length; -1 when unknown
	coding   string
	limit    int64 // of decoded bytes
	began    time.Time
	size     int64 // decoded so far
}

// wire counts what was sent, and remembers how it ended.
type wire struct {
	io.Reader
	bytes int64
	err   error
}

// Read implements [io.Reader].
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	w.bytes += int64(n)
	if err != nil {
		w.err = err
	}
	return n, err
}

// newBody prepares to read a response's body.
func newBody(r *http.Response, limit int64) (*body, error) {
	b := &body{wire: wire{Reader: r.Body}, declared: r.ContentLength, limit: limit, began: time.Now()}
	b.decoded = &b.wire
	codings := r.Header.Values("Content-Encoding")
	if len(codings) == 0 {
		return b, b.tooLarge(r.ContentLength)
	}
	return b, b.decode(strings.Split(strings.ToLower(strings.Join(codings, ",")), ","))
}

func (b *body) tooLarge(declared int64) error {
	if declared <= b.limit {
		return nil
	}
	b.size = declared
	return failure{class: OverLimit, problem: fmt.Sprintf(
		"the body is %s long, more than the limit of %s (max_body)", bytesInWords(declared), bytesInWords(b.limit))}
}

// decode undoes the content codings, the last one applied first.
func (b *body) decode(codings []string) (err error) {
	if len(codings) > maxCodings {
		return failure{class: Protocol, problem: fmt.Sprintf("the body is encoded %d times over", len(codings))}
	}
	for i := len(codings) - 1; i >= 0; i-- {
		switch coding := strings.TrimSpace(codings[i]); coding {
		case "", "identity":
			continue
		case "gzip", "x-gzip":
			b.decoded = &gunzip{from: b.decoded}
		case "deflate":
			b.decoded = &inflate{from: bufio.NewReader(b.decoded)}
		default:
			return failure{class: Protocol, problem: fmt.Sprintf(
				"the body is encoded as %s, which was not asked for", quoted(coding, 20))}
		}
		b.coding = strings.TrimSpace(codings[i])
	}
	return nil
}

// A gunzip decodes gzip with a pooled decoder. An empty body is empty, not broken.
type gunzip struct {
	from io.Reader
	*gzip.Reader
	err error
}

var gzipReaders sync.Pool // of *gzip.Reader, each with 40 KiB of window and tables

// Read implements [io.Reader].
func (g *gunzip) Read(p []byte) (n int, err error) {
	if g.err != nil {
		return 0, g.err
	}
	if g.Reader == nil {
		if g.err = g.open(); g.err != nil {
			return 0, g.err
		}
	}
	if n, g.err = g.Reader.Read(p); g.err != nil {
		gzipReaders.Put(g.Reader)
		g.Reader = nil
	}
	return n, g.err
}

func (g *gunzip) open() (err error) {
	if pooled, ok := gzipReaders.Get().(*gzip.Reader); ok {
		g.Reader = pooled
		return pooled.Reset(g.from)
	}
	g.Reader, err = gzip.NewReader(g.from)
	return err
}

// An inflate decodes "deflate", which is zlib by the letter and raw deflate by
// the habit of some servers.
type inflate struct {
	from *bufio.Reader
	to   io.Reader
}

// Read implements [io.Reader].
func (f *inflate) Read(p []byte) (int, error) {
	if f.to == nil {
		head, err := f.from.Peek(2)
		if len(head) == 0 {
			return 0, err
		}
		if f.to = flate.NewReader(f.from); isZlib(head) {
			if f.to, err = zlib.NewReader(f.from); err != nil {
				f.to = nil
				return 0, err
			}
		}
	}
	return f.to.Read(p)
}

func isZlib(head []byte) bool {
	return len(head) == 2 && head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0
}

var scratch = sync.Pool{New: func() any { b := make([]byte, 64<<10); return &b }}

// readAll returns the decoded body in a buffer of its own size.
func (b *body) readAll() ([]byte, error) {
	if b.coding == "" && 0 <= b.declared && b.declared <= rightSized {
		return b.fill(make([]byte, 0, b.declared+1))
	}
	pooled := scratch.Get().(*[]byte)
	filled, err := b.fill((*pooled)[:0])
	var own []byte
	if err == nil || len(filled) <= maxErrorBody { // of what is over the limit nothing is kept
		own = append(make([]byte, 0, len(filled)), filled...)
	}
	if cap(filled) <= mostScratch {
		*pooled = filled[:0]
	}
	scratch.Put(pooled)
	return own, err
}

// fill appends to buffer, growing it, until the body ends or a limit is met.
func (b *body) fill(buffer []byte) ([]byte, error) {
	for {
		if len(buffer) == cap(buffer) {
			grown := min(2*int64(cap(buffer)), max(b.limit+1, int64(cap(buffer))+1))
			buffer = append(make([]byte, 0, grown), buffer...)
		}
		n, err := b.decoded.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		b.size = int64(len(buffer))
		if b.size > b.limit {
			return buffer[:b.limit], b.overLimit()
		}
		if err == io.EOF {
			return buffer, nil
		}
		if err != nil {
			return buffer, err
		}
		if err := b.suspicious(); err != nil {
			return buffer, err
		}
	}
}

func (b *body) overLimit() error {
	return failure{class: OverLimit, problem: fmt.Sprintf(
		"the body is longer than the limit of %s (max_body)", bytesInWords(b.limit))}
}

// suspicious ends bombs and drips.
func (b *body) suspicious() error {
	if b.coding != "" && b.size > ratioMatters && b.size > maxRatio*b.wire.bytes {
		return failure{class: OverLimit, problem: fmt.Sprintf(
			"the body unpacks to more than %d times what was sent", maxRatio)}
	}
	took := time.Since(b.began)
	if took > slowestRateAt && float64(b.wire.bytes) < slowestRate*took.Seconds() {
		return failure{class: Unreachable, problem: fmt.Sprintf(
			"the body came slower than 1 KiB a second: %s in %s", bytesInWords(b.wire.bytes), inWords(took))}
	}
	return nil
}

// explain says how a body broke, for errors that are no failure yet.
func (b *body) explain(err error) failure {
	f := failure{class: Protocol}
	switch {
	case b.wire.err == nil || errors.Is(b.wire.err, io.EOF):
		f.problem = b.undecodable(err)
	case errors.Is(err, io.ErrUnexpectedEOF) && b.declared >= 0:
		f.problem = fmt.Sprintf("body ended after %d of %d bytes", b.wire.bytes, b.declared)
	case errors.Is(err, io.ErrUnexpectedEOF):
		f.problem = fmt.Sprintf("body ended after %s, before its last chunk", bytesInWords(b.wire.bytes))
	case isReset(err):
		f.problem = fmt.Sprintf("the connection was reset after %s of the body", bytesInWords(b.wire.bytes))
	case strings.Contains(err.Error(), "chunk"):
		f.problem = fmt.Sprintf("body is framed in bad chunks after %s", bytesInWords(b.wire.bytes))
	default:
		f.problem = fmt.Sprintf("body broke after %s: %s", bytesInWords(b.wire.bytes), printable(err.Error(), 120))
	}
	return f
}

func (b *body) undecodable(err error) string {
	if b.size == 0 {
		return "the body claims to be " + b.coding + " and is not"
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Sprintf("the %s body ended early, after %s decoded", b.coding, bytesInWords(b.size))
	}
	return fmt.Sprintf("the %s body is damaged after %s decoded", b.coding, bytesInWords(b.size))
}
