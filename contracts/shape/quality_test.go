package shape_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"shapewatch/contracts/shape"
)

// TestQuality_OfTheStructure learns from answers of generated schemas and
// compares what is read with the truth: which fields are required, which
// objects are maps, which are tagged unions. It prints precision, recall and F1
// for each; 0.95 is the mean F1 published for the best inference of this kind
// (ReCG, PVLDB 2024), on data sets of its own.
func TestQuality_OfTheStructure(t *testing.T) {
	scores := map[string]*score{"required": {}, "map": {}, "union": {}}
	for seed := range uint64(60) {
		truth := newTruth(rand.New(rand.NewPCG(seed, 3)))
		s := shape.New(shape.Limits{})
		for range 120 {
			observe(t, s, truth.answer())
		}
		for _, f := range s.Fields() {
			if f.Depth == 0 || f.InMap || strings.HasSuffix(f.Path, "/[]") {
				continue
			}
			required, _ := f.Required()
			scores["required"].add(required && f.Count == f.Parents, truth.required[f.Path])
			if f.Has(shape.Object) {
				scores["map"].add(f.IsMap, truth.maps[f.Path])
				scores["union"].add(f.Union != nil, truth.unions[f.Path])
			}
		}
	}
	for _, name := range []string{"required", "map", "union"} {
		c := scores[name]
		t.Logf("%-8s precision %.3f, recall %.3f, F1 %.3f of %d", name, c.precision(), c.recall(), c.f1(), c.right+c.missed)
		if c.f1() < 0.95 || c.right+c.missed < 50 {
			t.Errorf("%s: F1 %.3f of %d", name, c.f1(), c.right+c.missed)
		}
	}
}

type score struct{ right, wrong, missed int }

func (c *score) add(got, want bool) {
	switch {
	case got && want:
		c.right++
	case got:
		c.wrong++
	case want:
		c.missed++
	}
}

func (c *score) precision() float64 { return float64(c.right) / float64(max(c.right+c.wrong, 1)) }
func (c *score) recall() float64    { return float64(c.right) / float64(max(c.right+c.missed, 1)) }
func (c *score) f1() float64 {
	return 2 * float64(c.right) / float64(max(2*c.right+c.wrong+c.missed, 1))
}

// A truth is a schema that answers are drawn from.
type truth struct {
	r                      *rand.Rand
	required, maps, unions map[string]bool
	write                  func(*strings.Builder)
}

func newTruth(r *rand.Rand) *truth {
	s := &truth{r: r, required: map[string]bool{}, maps: map[string]bool{}, unions: map[string]bool{}}
	s.write = s.record("", 0)
	return s
}

func (s *truth) answer() string {
	var b strings.Builder
	s.write(&b)
	return b.String()
}

// record is a writer of objects with some fields, required or optional.
func (s *truth) record(path string, depth int) func(*strings.Builder) {
	var names []string
	var writers []func(*strings.Builder)
	var shares []float64
	for i := range 4 + s.r.IntN(5) {
		name := fmt.Sprintf("%s%d", []string{"title", "amount", "state", "owner", "detail", "config"}[s.r.IntN(6)], i)
		share := 1.0
		if s.r.IntN(3) == 0 {
			share = 0.1 + 0.8*s.r.Float64()
		}
		below := path + "/" + name
		s.required[below] = share == 1
		names, shares, writers = append(names, name), append(shares, share), append(writers, s.value(below, depth+1))
	}
	return func(b *strings.Builder) {
		b.WriteString("{")
		first := true
		for i, name := range names {
			if s.r.Float64() >= shares[i] {
				continue
			}
			if !first {
				b.WriteString(",")
			}
			first = false
			fmt.Fprintf(b, "%q:", name)
			writers[i](b)
		}
		b.WriteString("}")
	}
}

func (s *truth) value(path string, depth int) func(*strings.Builder) {
	switch kind := s.r.IntN(10); {
	case kind == 0 && depth < 4:
		return s.record(path, depth)
	case kind == 1 && depth < 3:
		item := s.record(path+"/[]", depth+1)
		return func(b *strings.Builder) { s.list(b, item) }
	case kind == 2:
		s.maps[path] = true
		return s.mapOf()
	case kind == 3:
		s.unions[path] = true
		return s.union(path)
	}
	return func(b *strings.Builder) { fmt.Fprintf(b, "%d", s.r.IntN(1000)) }
}

func (s *truth) list(b *strings.Builder, item func(*strings.Builder)) {
	b.WriteString("[")
	for i := range 1 + s.r.IntN(3) {
		if i > 0 {
			b.WriteString(",")
		}
		item(b)
	}
	b.WriteString("]")
}

// mapOf writes objects whose keys are ids, dates or words that keep changing.
func (s *truth) mapOf() func(*strings.Builder) {
	form := s.r.IntN(3)
	return func(b *strings.Builder) {
		b.WriteString("{")
		for i := range 2 + s.r.IntN(5) {
			if i > 0 {
				b.WriteString(",")
			}
			n := s.r.IntN(100_000)
			fmt.Fprintf(b, "%q:%d", []string{fmt.Sprintf("cus_%014d", n*10+i), fmt.Sprintf("20%02d-%02d-%02d", n%80+10, n%12+1, i+1), fmt.Sprintf("w%c%dx%d", 'a'+n%26, n, i)}[form], n)
		}
		b.WriteString("}")
	}
}

// union writes objects whose type says which keys there are.
func (s *truth) union(path string) func(*strings.Builder) {
	s.required[path+"/type"] = true
	variants := 2 + s.r.IntN(3)
	return func(b *strings.Builder) {
		v := s.r.IntN(variants)
		fmt.Fprintf(b, `{"type":"kind%c","only_%c":%d,"more_%c":true}`, 'a'+v, 'a'+v, s.r.IntN(9), 'a'+v)
	}
}
