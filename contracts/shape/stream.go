package shape

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// chunk is how much of a stream is read ahead.
const chunk = 1 << 18

// longestToken is more than the bytes of the longest escape, rune or word: a
// mistake closer to the end of what was read may be a token that was cut.
const longestToken = 16

// ObserveStream adds the documents of a stream of JSON texts, one after the
// other or one a line (NDJSON), each as one probe's answer. It holds one
// document at a time in memory. On an error the documents before it are kept,
// and the error names the document, from 1. A document that is cut at the end
// of the stream is an error.
func (s *Shape) ObserveStream(from io.Reader, at time.Time) (documents int, err error) {
	buffer := make([]byte, 0, chunk)
	w := s.walker()
	defer w.giveBack()
	for ended := false; ; {
		if documents == 0 {
			buffer = withoutBOM(buffer)
		}
		rest, n, err := s.observeAll(w, buffer, at, ended)
		if documents += n; err != nil {
			return documents, fmt.Errorf("document %d: %w", documents+1, err)
		}
		if ended {
			return documents, nil
		}
		if buffer, ended, err = refill(buffer, rest, from); err != nil {
			return documents, fmt.Errorf("read document %d: %w", documents+1, err)
		}
	}
}

// refill moves the rest of a buffer to its front and reads after it.
func refill(buffer, rest []byte, from io.Reader) ([]byte, bool, error) {
	if cap(buffer)-len(rest) < chunk {
		buffer = make([]byte, 0, 2*len(rest)+2*chunk)
	}
	n := copy(buffer[:cap(buffer)], rest)
	read, err := io.ReadFull(from, buffer[n:cap(buffer)])
	ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if ended {
		err = nil
	}
	return buffer[:n+read], ended, err
}

// observeAll observes the documents that are whole in b and returns the rest.
func (s *Shape) observeAll(w *walker, b []byte, at time.Time, last bool) (rest []byte, documents int, err error) {
	for rest = b[skipSpace(b, 0):]; len(rest) > 0; rest = rest[skipSpace(rest, 0):] {
		end := w.pass.whole(rest, s.root)
		if end < 0 {
			c := checker{b: rest, limits: s.limits}
			if c.skip(0, 0); last || c.at < len(rest)-longestToken {
				return nil, documents, c.explain(0)
			}
		}
		switch {
		case end > 0 && int64(end) > s.limits.Body, end < 0 && int64(len(rest)) > s.limits.Body:
			return nil, documents, &LimitError{Problem: fmt.Sprintf("larger than %d bytes", s.limits.Body)}
		case end < 0, end == len(rest) && !last && !closes(rest[end-1]): // a number may go on
			return rest, documents, nil
		}
		s.learn(w, rest[:end], at)
		documents++
		rest = rest[end:]
	}
	return rest, documents, nil
}

// closes reports whether a value that ends in a byte is over.
func closes(b byte) bool { return b == '}' || b == ']' || b == '"' }
