package notation_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shapewatch/contracts/shape"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func learned(t testing.TB, bodies ...[]byte) *shape.Shape {
	t.Helper()
	s := shape.New(shape.Limits{})
	for _, b := range bodies {
		if err := s.Observe(b, noon); err != nil {
			t.Fatalf("%s: %v", clip(b), err)
		}
	}
	return s
}

func clip(b []byte) []byte { return b[:min(len(b), 200)] }

// A series is answers of one operation.
type series struct {
	name   string
	bodies [][]byte
}

// samples are what every notation is tried on: written ones, odd ones, random
// ones, and recorded ones where they are at hand.
func samples(t testing.TB) []series {
	t.Helper()
	all := []series{
		{"scalar", texts(`7`, `"x"`, `null`)},
		{"nothing known", texts(`null`)},
		{"empty", texts(`{}`, `[]`)},
		{"odd keys", texts(`{"":1,"-":2,"a b":3,"a,b":4,"a\"b":5,"ü":6,"type":7,"Type":8,"TYPE":9,"1":10,"id_":11,"id":12,"a/b~c":13,"func":14,"*/":15}`)},
		{"long keys", texts(`{"` + strings.Repeat("k", 300) + `":1,"x":1}`)},
		{"repeated keys", texts(`{"a":1,"a":"x","b":{"c":1,"c":null}}`)},
		{"large numbers", texts(`{"a":18446744073709551616,"b":1e400,"c":9007199254740993,"d":-0,"e":1.0,"f":1e2,"phone":4915112345678}`)},
		{"mixed kinds", texts(`{"a":1,"b":[1,"x",null,{"c":1},[2]]}`, `{"a":"x","b":[]}`, `{"a":{"d":1},"b":null}`)},
		{"nested lists", texts(`[[1,2],[],[[3]]]`, `[[[null]]]`)},
		{"a map", texts(`{"rates":{"EUR":1.1,"USD":1,"GBP":0.8}}`, `{"rates":{"EUR":1.1,"CHF":null,"JPY":150}}`)},
		{"markup", texts(`{"<b>":"</script>","a":"*/ <x> & \u2028"}`)},
	}
	closed, union := series{name: "closed set"}, series{name: "union"}
	for i := range 60 {
		closed.bodies = append(closed.bodies, fmt.Appendf(nil, `{"state":%q,"note":%s,"n":%d}`, []string{"open", "closed", ""}[i%3], []string{`"a"`, `null`}[i%2], i))
		union.bodies = append(union.bodies, []byte(event(i)))
	}
	return append(append(all, closed, union), append(random(20), recorded(t)...)...)
}

func texts(bodies ...string) (out [][]byte) {
	for _, b := range bodies {
		out = append(out, []byte(b))
	}
	return out
}

func event(i int) string {
	return []string{
		fmt.Sprintf(`{"type":"card","brand":"visa","last4":"%04d"}`, i),
		fmt.Sprintf(`{"type":"bank","iban":"DE%d","bic":null}`, i),
		`{"type":"cash"}`,
	}[i%3]
}

// random are series of documents whose keys come and go, change kind and
// repeat in lists.
func random(n int) (all []series) {
	for i := range n {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		s := series{name: fmt.Sprintf("random %d", i)}
		for range 1 + r.IntN(30) {
			var b strings.Builder
			value(r, &b, 0)
			s.bodies = append(s.bodies, []byte(b.String()))
		}
		all = append(all, s)
	}
	return all
}

func value(r *rand.Rand, b *strings.Builder, depth int) {
	switch kind := r.IntN(10); {
	case kind < 4 && depth < 5:
		b.WriteString("{")
		first := true
		for _, key := range []string{"id", "type", "a", "b", "data", "items", "2026-01-01", "EUR"} {
			if r.IntN(3) == 0 {
				continue
			}
			if !first {
				b.WriteString(",")
			}
			first = false
			fmt.Fprintf(b, "%q:", key)
			value(r, b, depth+1)
		}
		b.WriteString("}")
	case kind < 6 && depth < 5:
		b.WriteString("[")
		for i := range r.IntN(5) {
			if i > 0 {
				b.WriteString(",")
			}
			value(r, b, depth+1)
		}
		b.WriteString("]")
	default:
		b.WriteString([]string{`null`, `true`, `1`, `-3.5`, `"x"`, `""`, `"card"`, `"2026-03-01T12:00:00Z"`, `"2026-03-01 12:00:00Z"`, `1e300`, `"a@b.example"`}[r.IntN(11)])
	}
}

// recorded are the bodies of the recordings beside the repository, if any.
func recorded(t testing.TB) (all []series) {
	t.Helper()
	folders, err := filepath.Glob("../../../shared/corpus/responses/*/")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		s := series{name: filepath.Base(folder)}
		for _, file := range files {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if json.Valid(body) {
				s.bodies = append(s.bodies, bodyOf(body))
			}
		}
		if len(s.bodies) > 0 {
			all = append(all, s)
		}
	}
	return all
}

// bodyOf is the body of a recorded response.
func bodyOf(content []byte) []byte {
	var envelope struct {
		Status  *int
		Headers map[string]any
		Body    json.RawMessage
	}
	if json.Unmarshal(content, &envelope) == nil && envelope.Status != nil && len(envelope.Body) > 0 {
		return bytes.TrimSpace(envelope.Body)
	}
	return content
}
