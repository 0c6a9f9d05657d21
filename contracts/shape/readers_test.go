package shape_test

import (
	"sync"
	"testing"

	"shapewatch/contracts/shape"
)

// TestShape_IsReadByMany: the first reader brings up to date what observing
// left for later; the others must neither see half of it nor do it twice.
func TestShape_IsReadByMany(t *testing.T) {
	for range 20 {
		s := learned(t, `[{"type":"a","x":1},{"type":"b"}]`, `[{"type":"a","x":1}]`)
		into := shape.New(shape.Limits{})
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				if v := s.Variants("/[]", "type"); len(v) != 2 || v[0].Count != 2 || v[0].Probes != 2 {
					t.Errorf("%+v", v)
				}
			})
			wait.Go(func() {
				if f, ok := s.Field("/[]/x"); !ok || f.Count != 2 {
					t.Errorf("%+v", f)
				}
			})
		}
		into.Merge(s)
		wait.Wait()
		if string(encoded(t, into)) != string(encoded(t, s)) {
			t.Error("merging while others read made another state")
		}
	}
}
