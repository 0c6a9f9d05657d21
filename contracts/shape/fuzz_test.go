package shape_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"shapewatch/contracts/shape"
)

// FuzzObserve holds Observe to jsontext, and what it learned to the laws: both
// accept the same bodies; a refused one leaves no trace; no more fields are
// kept than the cap allows; one shape after the other merges to the same bytes
// as one shape; what is encoded decodes to the same bytes; the shape has a field
// for everything that it observed.
func FuzzObserve(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,2.5,-0,1e400,{"b":null}],"a":"x","":true}`, "\ufeff[]", `"\ud83d\ude00\u0000"`, `"\ud83d"`, "[\"\xff\"]", `{"a":1} x`, `[01]`, `-`, `{"k":{"k":{"k":{}}}}`,
		`{"id":"cus_9s6XKzkNRiz8i3","t":"2026-03-01T12:00:00Z","n":9223372036854775808,"lat":52.52}`, strings.Repeat("[", 70), `{"` + strings.Repeat("k", 300) + `":1}`,
		`{"m":{"2026-01-01":1,"2026-01-02":[{"x":1}],"2026-01-03":{"y":{"z":[[]]}}}}`,
	} {
		f.Add([]byte(seed), []byte(`{"a":1}`))
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		limits := shape.Limits{Nodes: 40}
		whole, left, right := shape.New(limits), shape.New(limits), shape.New(limits)
		for i, body := range [][]byte{first, second} {
			before := encoded(t, whole)
			err := whole.Observe(body, noon)
			part := []*shape.Shape{left, right}[i].Observe(body, noon)
			if (err == nil) != (part == nil) || err != nil && err.Error() != part.Error() {
				t.Fatalf("%v, but into an empty shape %v", err, part)
			}
			if err != nil && !bytes.Equal(before, encoded(t, whole)) {
				t.Fatal("an error left a trace")
			}
			if err == nil {
				accepts(t, whole, string(body))
			}
			if _, limit := err.(*shape.LimitError); !limit && (err == nil) != isJSON(body) { //nolint:errorlint // never wrapped
				t.Fatalf("%v, but jsontext says %v", err, isJSON(body))
			}
		}
		if n := len(whole.Fields()); n > limits.Nodes+64 {
			t.Fatalf("%d fields are kept", n)
		}
		right.Merge(left)
		if !bytes.Equal(encoded(t, whole), encoded(t, right)) {
			t.Fatal("a split state differs")
		}
		copied := new(shape.Shape)
		if err := copied.UnmarshalBinary(encoded(t, whole)); err != nil || !bytes.Equal(encoded(t, whole), encoded(t, copied)) {
			t.Fatalf("decoding changed the state: %v", err)
		}
		read(whole)
	})
}

// isJSON asks jsontext for one value and nothing after it.
func isJSON(body []byte) bool {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	d := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true))
	if _, err := d.ReadValue(); err != nil {
		return false
	}
	_, err := d.ReadToken()
	return err == io.EOF //nolint:errorlint // never wrapped
}

// read reads everything there is.
func read(s *shape.Shape) {
	s.Envelope()
	s.Lists()
	for _, f := range s.Fields() {
		f.MaybeID()
		f.IsTimestamp()
		f.RequiredAtLeast()
	}
}

// FuzzUnmarshalBinary feeds payloads around the compression, which would
// refuse nearly all of them by its checksum.
func FuzzUnmarshalBinary(f *testing.F) {
	for _, body := range []string{`{"a":[1,2.5,{"b":null}],"c":"x"}`, `[]`, `{"m":{"2026-01-01":1,"2026-01-02":[{"x":1e99}],"2026-01-03":{"y":{"z":[[]]}}}}`} {
		for _, limits := range []shape.Limits{{}, {Nodes: 3}} {
			s := shape.New(limits)
			if err := s.Observe([]byte(body), noon); err != nil {
				f.Fatal(err)
			}
			f.Add(shape.Payload(s))
		}
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		s := new(shape.Shape)
		if err := s.UnmarshalBinary(shape.Packed(payload)); err != nil {
			return
		}
		read(s)
		state := encoded(t, s)
		copied := new(shape.Shape)
		if err := copied.UnmarshalBinary(state); err != nil {
			t.Fatalf("what was written is not read: %v", err)
		}
		if !bytes.Equal(state, encoded(t, copied)) {
			t.Fatal("decoding changed the state")
		}
		copied.Merge(s)
		_ = copied.Observe([]byte(`{"a":[1,{"b":2}],"m":{"2026-01-01":1}}`), noon) // its limits may forbid it
		read(copied)
	})
}
