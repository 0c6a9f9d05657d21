package shape_test

import (
	"testing"

	"shapewatch/contracts/shape"
)

// TestObserve_AllocatesNothingThatGrows: once the paths are known, observing an
// answer allocates twice at most, however long it is: into a baseline as into a
// shape that is reset after each.
func TestObserve_AllocatesNothingThatGrows(t *testing.T) {
	docs := records(2000)
	for name, d := range map[string][]byte{"a record": docs[0], "a list of 20": list(docs[:20]), "a list of 2,000": list(docs)} {
		known, scratch := shape.New(shape.Limits{}), shape.New(shape.Limits{})
		into := func(s *shape.Shape) {
			if err := s.Observe(d, noon); err != nil {
				t.Fatal(err)
			}
		}
		for what, once := range map[string]func(){
			"a baseline":         func() { into(known) },
			"a shape used again": func() { scratch.Reset(); into(scratch) },
		} {
			least := testing.AllocsPerRun(1, once)
			for range 9 { // the race detector has pools forget now and then
				least = min(least, testing.AllocsPerRun(1, once))
			}
			if n := least; n > 2 {
				t.Errorf("%s observed into %s: %v allocations", name, what, n)
			}
		}
	}
}
