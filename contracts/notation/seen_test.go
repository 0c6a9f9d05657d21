package notation_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"shapewatch/contracts/notation"
	"shapewatch/contracts/shape"
)

// TestTree_SaysSinceWhenAndUntilWhen, by days, and nothing where a field was
// there all the time.
func TestTree_SaysSinceWhenAndUntilWhen(t *testing.T) {
	s := shape.New(shape.Limits{})
	for day, body := range []string{`{"id":1,"old":2}`, `{"id":2,"old":3}`, `{"id":3}`, `{"id":4,"new":{"x":1}}`} {
		if err := s.Observe([]byte(body), noon.AddDate(0, 0, day)); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := notation.Tree(&b, s, notation.Options{}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"new": "since " + noon.AddDate(0, 0, 3).Format(time.DateOnly),
		"old": "last seen " + noon.AddDate(0, 0, 1).Format(time.DateOnly),
		"id":  "",
	} {
		for line := range strings.Lines(b.String()) {
			if !strings.HasPrefix(line, name+" ") {
				continue
			}
			if !strings.Contains(line, want) || want == "" && (strings.Contains(line, "since") || strings.Contains(line, "last seen")) {
				t.Errorf("%q, want %q", line, want)
			}
		}
	}
	if strings.Count(b.String(), "since") != 2 || strings.Count(b.String(), "last seen") != 1 { // new, and x below it
		t.Error(b.String())
	}
}
