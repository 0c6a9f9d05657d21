package shape

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
)

// TestKeySet_ForgetsClosedObjects: a body of many folded objects costs the keys
// of the open ones, not those of all.
func TestKeySet_ForgetsClosedObjects(t *testing.T) {
	s := New(Limits{Nodes: 64})
	var b bytes.Buffer
	b.WriteString(`{"a":[{}`)
	for i := range 3000 {
		b.WriteString(`,{"d":1,"d":2`)
		for k := range 100 {
			fmt.Fprintf(&b, `,"k%d":1`, 100*i+k)
		}
		b.WriteString("}")
	}
	b.WriteString("]}")
	w := s.walker()
	w.b, w.when = b.Bytes(), 1
	w.pass.whole(w.b, s.root)
	w.reserve()
	w.observe(s.root)
	if n := len(w.seen); n > manyKeys+200 {
		t.Errorf("%d keys are remembered", n)
	}
	w.settle()
	s.probes++
	if f, ok := s.Field("/a/[]"); !ok || !f.IsMap || f.Duplicates != 3000 {
		t.Errorf("%+v", f)
	}
}

func TestPrivateWords_AreSorted(t *testing.T) {
	if !slices.IsSorted(privateWords) {
		t.Errorf("sort them: %q", slices.Sorted(slices.Values(privateWords)))
	}
}
