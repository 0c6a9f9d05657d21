package shape_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"shapewatch/contracts/shape"
)

// TestObserveStream_EqualsOneByOne feeds streams in awkward pieces.
func TestObserveStream_EqualsOneByOne(t *testing.T) {
	big := string(list(records(800)))
	for name, docs := range map[string][]string{
		"lines":      {`{"a":1}`, `{"a":2,"b":null}`, `[]`},
		"indented":   {"{\n \"a\":\n 1\n}", "[\n1,\n2]"},
		"large":      {big, `{"a":1}`, big},
		"many":       slicesOf(records(2000)),
		"nothing":    {},
		"bare words": {"1", "true", "null", `"x"`},
	} {
		for _, reader := range []func(io.Reader) io.Reader{iotest.HalfReader, iotest.DataErrReader, func(r io.Reader) io.Reader { return r }} {
			want, got := shape.New(shape.Limits{}), shape.New(shape.Limits{})
			for _, d := range docs {
				if err := want.Observe([]byte(d), noon); err != nil {
					t.Fatal(err)
				}
			}
			n, err := got.ObserveStream(reader(strings.NewReader(strings.Join(docs, "\n"))), noon)
			if err != nil || n != len(docs) || !bytes.Equal(encoded(t, want), encoded(t, got)) {
				t.Errorf("%s: %d documents, %v, or another state", name, n, err)
			}
		}
	}
}

func slicesOf(docs [][]byte) (out []string) {
	for _, d := range docs {
		out = append(out, string(d))
	}
	return out
}

func TestObserveStream_KeepsWhatCameBeforeTheError(t *testing.T) {
	s := shape.New(shape.Limits{})
	n, err := s.ObserveStream(strings.NewReader("{\"a\":1}\n{\"a\":2}\n{\"a\""), noon)
	if syntax := new(shape.SyntaxError); n != 2 || !errors.As(err, &syntax) || s.Probes() != 2 {
		t.Errorf("%d documents, %v, %d probes", n, err, s.Probes())
	}
}
