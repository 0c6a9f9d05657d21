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

// TestObserveStream_NeedsNoLines: a stream of a few megabytes without a line
// break, whose documents are cut by every buffer's end.
func TestObserveStream_NeedsNoLines(t *testing.T) {
	documents := 40_000
	for name, doc := range map[string]string{
		"objects": `{"a":"\u00e9 ü \ud83d\ude00","b":[true,null,-1.5e+10]}`,
		"numbers": `1234567890 `,
		"words":   `false `,
	} {
		got, want := shape.New(shape.Limits{Body: 1 << 10}), shape.New(shape.Limits{Body: 1 << 10})
		n, err := got.ObserveStream(strings.NewReader(strings.Repeat(doc, documents)), noon)
		if err != nil || n != documents {
			t.Fatalf("%s: %d documents, %v", name, n, err)
		}
		for range documents {
			observe(t, want, doc)
		}
		if !bytes.Equal(encoded(t, got), encoded(t, want)) {
			t.Errorf("%s: another state", name)
		}
	}
}

func TestObserveStream_TellsWhichDocumentAndWhereInIt(t *testing.T) {
	limits := shape.Limits{Body: 20, Depth: 3}
	for stream, want := range map[string]string{
		"{\"a\":1}\n{\"a\":tru}\n{}":                          `document 2: not JSON at byte 5, path "/a": invalid value`,
		"{}\n{\"a\":\"" + strings.Repeat("x", 20) + "\"}\n{}": `document 2: over limit at path "": larger than 20 bytes`,
		"[[[[]]]]":     `document 1: over limit at path "/0/0/0": nested deeper than 3`,
		"1 2 ]":        `document 3: not JSON at byte 0, path "": invalid value`,
		"{} {\"a\":\"": `document 2: not JSON at byte 6, path "/a": the text ends inside a string`,
	} {
		_, err := shape.New(limits).ObserveStream(strings.NewReader(stream), noon)
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", stream, err, want)
		}
	}
	_, err := shape.New(limits).ObserveStream(iotest.ErrReader(io.ErrClosedPipe), noon)
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a failing reader: %v", err)
	}
}
