package shape

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
)

// chunk is how much of a stream is read ahead.
const chunk = 1 << 18

// ObserveStream adds the documents of a stream of JSON texts, one after the
// other or one a line (NDJSON), each as one probe's answer. It holds one
// document at a time in memory. On an error the documents before it are kept,
// and the error names the document, from 1. A document that is cut at the end
// of the stream is an error.
func (s *Shape) ObserveStream(from io.Reader, at time.Time) (documents int, err error) {
	buffer := make([]byte, 0, chunk)
	for ended := false; ; {
		if documents == 0 {
			buffer = withoutBOM(buffer)
		}
		rest, n, err := s.observeAll(buffer, at, ended)
		if documents += n; err != nil {
			return documents, fmt.Errorf("document %d: %w", documents+1, err)
		}
		if ended {
			return documents, nil
		}
		if int64(len(rest)) > s.limits.Body {
			return documents, &LimitError{Problem: fmt.Sprintf("document larger than %d bytes", s.limits.Body)}
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

// observeAll observes the documents that are whole in b. While more may come,
// only lines are known to be whole, unless there is none.
func (s *Shape) observeAll(b []byte, at time.Time, last bool) (rest []byte, documents int, err error) {
	whole := b
	if !last {
		whole = b[:bytes.LastIndexByte(b, '\n')+1]
	}
	i := skipSpace(whole, 0)
	for i < len(whole) {
		c := checker{b: whole, limits: s.limits}
		end := c.skip(i, 0)
		if end < 0 && !last && !c.limit && c.at >= len(whole) { // a document of several lines
			return b[i:], documents, nil
		}
		if end < 0 {
			return nil, documents, c.explain(0)
		}
		s.observeKnown(whole[i:end], at)
		documents++
		i = skipSpace(whole, end)
	}
	return b[len(whole):], documents, nil
}

// observeKnown observes a text that was checked.
func (s *Shape) observeKnown(text []byte, at time.Time) {
	w := s.begin(text, at)
	w.observe(s.root)
	w.settle()
	s.probes++
}
