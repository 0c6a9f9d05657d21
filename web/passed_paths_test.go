package web

import (
	"testing"

	"shapewatch/contracts/shape"
)

// TestRecallPassed_CountsChangesNotPaths has several changes at one path.
func TestRecallPassed_CountsChangesNotPaths(t *testing.T) {
	over, lasts := change{path: "/a", passed: &passed{kind: "field-type"}}, change{path: "/a"}
	elsewhere := change{path: "/b", passed: &passed{}}
	for _, c := range []struct {
		name    string
		changes []change
		all     bool
		passed  int
	}{
		{"both over", []change{over, over}, true, 1},
		{"one lasts", []change{over, lasts}, false, 0},
		{"one lasts, told the other way round", []change{lasts, over}, false, 0},
		{"one lasts, and one elsewhere is over", []change{over, lasts, elsewhere}, false, 1},
	} {
		p := &past{before: fieldSet{"/a": shape.Field{}}, after: fieldSet{"/b": shape.Field{}}}
		p.recallPassed(c.changes)
		_, again := p.after["/a"]
		if allPassed(c.changes) != c.all || len(p.passed) != c.passed || again != c.all {
			t.Errorf("%s: all over %t, %d paths passed, as before again %t", c.name, allPassed(c.changes), len(p.passed), again)
		}
	}
}
