package splice_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"shapewatch/contracts/splice"
)

// read decodes a document with a library that shares nothing with the editor's
// own reading of JSON.
func read(t *testing.T, text []byte) (v any) {
	t.Helper()
	if json.Valid(text) {
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return v
}

// places lists the pointers of all collections and scalars, some of them.
func places(n *splice.Node, at string, r *rand.Rand, out *[]place) {
	if r.IntN(40) == 0 || at != "" && len(*out) < 3 {
		*out = append(*out, place{at, n})
	}
	for _, m := range n.Members {
		places(m.Value, splice.Join(at, m.Name()), r, out)
	}
	for i, item := range n.Items {
		places(item, splice.Join(at, itoa(i)), r, out)
	}
}

type place struct {
	at   string
	node *splice.Node
}

func itoa(i int) string { b, _ := json.Marshal(i); return string(b) }

func documents(t testing.TB) map[string][]byte {
	paths, _ := filepath.Glob("../../../shared/corpus/specs/*/*")
	own, _ := filepath.Glob("testdata/*")
	all := map[string][]byte{}
	for _, path := range append(paths, own...) {
		if strings.Contains(path, "oasdiff") || filepath.Ext(path) == ".txtar" {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(path, "../../../shared/corpus/specs/")] = text
	}
	return all
}

// TestApply_ChangesNothingButWhatWasAsked edits real documents at random
// places: what comes out reads as the edit means, and every line but those of
// the edit is the line that was there.
func TestApply_ChangesNothingButWhatWasAsked(t *testing.T) {
	for name, text := range documents(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := splice.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(7, uint64(len(text))))
			var at []place
			places(d.Root, "", r, &at)
			edits, refused := 6, 0
			if testing.Short() || len(text) > 300<<10 {
				edits = 1
			}
			for range edits {
				p := at[r.IntN(len(at))]
				if refusedEdit(t, text, p, r) {
					refused++
				}
			}
			if refused*2 > edits {
				t.Errorf("%d of %d edits were refused", refused, edits)
			}
		})
	}
}

func refusedEdit(t *testing.T, text []byte, p place, r *rand.Rand) bool {
	t.Helper()
	e := anEdit(p, r)
	out, err := splice.Apply(text, []splice.Edit{e})
	if err != nil {
		if e.Path != "" && !strings.Contains(err.Error(), "cannot be edited") {
			t.Errorf("%s %s: %v", e.Op, e.Path, err)
		}
		return true
	}
	want, got := patched(t, read(t, text), e), read(t, out)
	if !reflect.DeepEqual(want, got) {
		t.Errorf("%s %s: reads otherwise than meant", e.Op, e.Path)
	}
	if n := hunk(text, out); n > 8+strings.Count(string(text[p.node.Start:p.node.End]), "\n") {
		t.Errorf("%s %s: %d lines changed", e.Op, e.Path, n)
	}
	return false
}

func anEdit(p place, r *rand.Rand) splice.Edit {
	schema := splice.Object{{"type", "string"}, {"enum", splice.List{"a", "no", "b: c"}}}
	switch {
	case p.node.Kind == splice.Mapping && r.IntN(3) > 0:
		return splice.Edit{Op: splice.Add, Path: splice.Join(p.at, "zz/new"), Value: schema}
	case p.node.Kind == splice.Sequence && r.IntN(3) > 0:
		return splice.Edit{Op: splice.Add, Path: p.at + "/-", Value: "o'n \"e"}
	case p.node.Kind == splice.Scalar && r.IntN(2) > 0:
		return splice.Edit{Op: splice.Replace, Path: p.at, Value: "other # text"}
	}
	if len(p.node.Members) > 8 || len(p.node.Items) > 8 { // what is large is edited inside
		return splice.Edit{Op: splice.Remove, Path: below(p)}
	}
	return splice.Edit{Op: splice.Remove, Path: p.at}
}

func below(p place) string {
	if p.node.Kind == splice.Mapping {
		return splice.Join(p.at, p.node.Members[len(p.node.Members)/2].Name())
	}
	return splice.Join(p.at, itoa(len(p.node.Items)-1))
}

// patched is a JSON Patch on a decoded document, written without the editor.
func patched(t *testing.T, v any, e splice.Edit) any {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var patch struct {
		Op, Path string
		Value    any
	}
	if err := json.Unmarshal(text, &patch); err != nil {
		t.Fatal(err)
	}
	var walk func(v any, path []string) any
	walk = func(v any, path []string) any {
		name := strings.NewReplacer("~1", "/", "~0", "~").Replace(path[0])
		switch v := v.(type) {
		case map[string]any:
			switch {
			case len(path) > 1:
				v[name] = walk(v[name], path[1:])
			case patch.Op == "remove":
				delete(v, name)
			default:
				v[name] = patch.Value
			}
			return v
		case map[any]any:
			for k := range v {
				if text, ok := k.(string); ok && text == name || itoaAny(k) == name {
					v[k] = walk(v[k], path[1:])
				}
			}
			return v
		case []any:
			if name == "-" {
				return append(v, patch.Value)
			}
			var i int
			if err := json.Unmarshal([]byte(name), &i); err != nil {
				t.Fatal(err)
			}
			switch {
			case len(path) > 1:
				v[i] = walk(v[i], path[1:])
			case patch.Op == "remove":
				return append(v[:i], v[i+1:]...)
			default:
				v[i] = patch.Value
			}
			return v
		}
		t.Fatalf("%s: nothing at %v", e.Path, path)
		return nil
	}
	return walk(v, strings.Split(strings.TrimPrefix(patch.Path, "/"), "/"))
}

func itoaAny(v any) string { b, _ := json.Marshal(v); return string(b) }

// hunk is how many lines lie between the first and the last that differ.
func hunk(a, b []byte) int {
	x, y := strings.SplitAfter(string(a), "\n"), strings.SplitAfter(string(b), "\n")
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	return max(len(x), len(y))
}
