package splice_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts/splice"
)

// TestApply_KeepsTheStyle edits small documents in the styles people write.
func TestApply_KeepsTheStyle(t *testing.T) {
	schema := splice.Object{{"type", "string"}, {"format", "date"}}
	for _, c := range []struct {
		name, text string
		edit       splice.Edit
		want       string
	}{
		{"key at the end", "a:\n  b: 1 # one\n\n# tail\n", splice.Edit{Op: splice.Add, Path: "/a/c", Value: schema}, "a:\n  b: 1 # one\n  c:\n    type: string\n    format: date\n\n# tail\n"},
		{"sorted keys", "a: 1\nc: 2\n# d\nd: 3\n", splice.Edit{Op: splice.Add, Path: "/b", Value: true}, "a: 1\nb: true\nc: 2\n# d\nd: 3\n"},
		{"named neighbour", "b: 1\na: 2\n", splice.Edit{Op: splice.Add, Path: "/c", Value: nil, After: "b"}, "b: 1\nc: null\na: 2\n"},
		{"braces like the others", "p:\n  x: {type: string}\n", splice.Edit{Op: splice.Add, Path: "/p/y", Value: schema}, "p:\n  x: {type: string}\n  y: {type: string, format: date}\n"},
		{"four spaces, no last newline", "p:\n    x:\n        type: string", splice.Edit{Op: splice.Add, Path: "/p/y", Value: schema}, "p:\n    x:\n        type: string\n    y:\n        type: string\n        format: date"},
		{"CRLF", "p:\r\n  x: 1\r\nq: 2\r\n", splice.Edit{Op: splice.Add, Path: "/p/y", Value: schema}, "p:\r\n  x: 1\r\n  y:\r\n    type: string\r\n    format: date\r\nq: 2\r\n"},
		{"flush list", "r:\n- a\n- 'b'\n", splice.Edit{Op: splice.Add, Path: "/r/-", Value: "c"}, "r:\n- a\n- 'b'\n- 'c'\n"},
		{"list in brackets", "r: [ a,b ] # x\n", splice.Edit{Op: splice.Add, Path: "/r/-", Value: "no"}, "r: [ a,b,\"no\" ] # x\n"},
		{"behind a literal", "a: |\n  text\n\n  more\n", splice.Edit{Op: splice.Add, Path: "/b", Value: 1}, ""},
		{"behind a literal text", "a: |\n  text\n\n  more\n", splice.Edit{Op: splice.Add, Path: "/b", Value: splice.Number("1")}, "a: |\n  text\n\n  more\nb: 1\n"},
		{"remove a line and its comment", "a: 1\n# of b\nb:\n  c: 1 # c\n# of d\nd: 2\n", splice.Edit{Op: splice.Remove, Path: "/b"}, "a: 1\n# of d\nd: 2\n"},
		{"remove behind a dash", "- a: 1\n  b: 2\n", splice.Edit{Op: splice.Remove, Path: "/0/a"}, "- b: 2\n"},
		{"remove the only item", "r:\n  - a\ns: 1\n", splice.Edit{Op: splice.Remove, Path: "/r/0"}, "r: []\ns: 1\n"},
		{"remove the last line", "a: 1\nb: 2", splice.Edit{Op: splice.Remove, Path: "/b"}, "a: 1"},
		{"replace keeps quotes", "t: 'string'   # t\n", splice.Edit{Op: splice.Replace, Path: "/t", Value: "it's"}, "t: 'it''s'   # t\n"},
		{"replace by a list", "t: string # t\n", splice.Edit{Op: splice.Replace, Path: "/t", Value: splice.List{"string", "null"}}, "t: [string, \"null\"] # t\n"},
		{"replace a list by a word", "t:\n  - string\n  - 'null'\nu: 1\n", splice.Edit{Op: splice.Replace, Path: "/t", Value: "string"}, "t: string\nu: 1\n"},
		{"folded over lines", "d: one\n   two\ne: 1\n", splice.Edit{Op: splice.Replace, Path: "/d", Value: "x"}, "d: x\ne: 1\n"},
		{"anchor kept", "a: &x\n  b: 1\nc: *x\n", splice.Edit{Op: splice.Add, Path: "/a/d", Value: "e"}, "a: &x\n  b: 1\n  d: e\nc: *x\n"},
		{"through an alias", "a: &x\n  b: 1\nc: *x\n", splice.Edit{Op: splice.Add, Path: "/c/d", Value: "e"}, ""},
		{"merged keys", "a: &x {b: 1}\nc:\n  <<: *x\n  d: 1\n", splice.Edit{Op: splice.Add, Path: "/c/e", Value: "e"}, ""},
		{"wide characters", "ä: { ö: \"ü\", x: 1 }\n", splice.Edit{Op: splice.Replace, Path: "/ä/x", Value: splice.Number("2")}, "ä: { ö: \"ü\", x: 2 }\n"},
		{"quoted keys", "'200':\n  a: 1\n'404':\n  a: 2\n", splice.Edit{Op: splice.Add, Path: "/500", Value: "x"}, "'200':\n  a: 1\n'404':\n  a: 2\n'500': x\n"},
		{"nothing yet", "a:\nb: 1\n", splice.Edit{Op: splice.Replace, Path: "/a", Value: schema}, "a:\n  type: string\n  format: date\nb: 1\n"},
		{"pretty JSON", "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n", splice.Edit{Op: splice.Add, Path: "/a/c", Value: schema}, "{\n  \"a\": {\n    \"b\": 1,\n    \"c\": {\n      \"type\": \"string\",\n      \"format\": \"date\"\n    }\n  }\n}\n"},
		{"pretty JSON, empty", "{\n\t\"a\": {}\n}", splice.Edit{Op: splice.Add, Path: "/a/c", Value: true}, "{\n\t\"a\": {\n\t\t\"c\": true\n\t}\n}"},
		{"tight JSON", `{"a":{"b":1},"r":["x"]}`, splice.Edit{Op: splice.Add, Path: "/r/-", Value: "<y>"}, `{"a":{"b":1},"r":["x","<y>"]}`},
		{"JSON, one line each", "{\n  \"a\": {\"type\": \"x\"},\n  \"r\": [1]\n}", splice.Edit{Op: splice.Add, Path: "/b", Value: schema}, "{\n  \"a\": {\"type\": \"x\"},\n  \"r\": [1],\n  \"b\": {\"type\": \"string\", \"format\": \"date\"}\n}"},
		{"JSON, last removed", "{\n  \"a\": 1,\n  \"b\": \"\\ud83d\\ude00\"\n}", splice.Edit{Op: splice.Remove, Path: "/b"}, "{\n  \"a\": 1\n}"},
		{"several documents", "a: 1\n---\na: 2\n", splice.Edit{Op: splice.Remove, Path: "/a"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := splice.Apply([]byte(c.text), []splice.Edit{c.edit})
			if c.want == "" {
				if err == nil {
					t.Fatalf("was edited:\n%s", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestApply_NamesTheEditItRefuses(t *testing.T) {
	for path, want := range map[string]string{"/x/y": `there is no "x"`, "": "the whole document", "/a/b": "nothing to hold"} {
		_, err := splice.Apply([]byte("a: 1\n"), []splice.Edit{{Op: splice.Add, Path: path, Value: true}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

func TestPatch_IsAJSONPatch(t *testing.T) {
	got, err := splice.Patch([]splice.Edit{{Op: splice.Add, Path: "/a~1b", Value: splice.Object{{"z", splice.Number("1.50")}, {"a", nil}}, After: "x"}, {Op: splice.Remove, Path: "/c"}})
	want := "[\n  {\n    \"op\": \"add\",\n    \"path\": \"/a~1b\",\n    \"value\": {\n      \"z\": 1.50,\n      \"a\": null\n    }\n  },\n  {\n    \"op\": \"remove\",\n    \"path\": \"/c\"\n  }\n]\n"
	if err != nil || string(got) != want {
		t.Errorf("%s %v", got, err)
	}
}

// FuzzApply holds an edit of anything to its meaning, as the library reads it.
func FuzzApply(f *testing.F) {
	f.Add([]byte("a:\n  - b: c # d\n    e: 'f'\n"), "/a/0/e", byte(1))
	f.Add([]byte("a: &x {b: [1, 2,], \"c\": >-\n  d\n}\n"), "/a/b/-", byte(0))
	f.Add([]byte(`{"a": [1, {"b": "\u00e9"}]}`), "/a/1/b", byte(2))
	f.Fuzz(func(t *testing.T, text []byte, path string, op byte) {
		ops := []splice.Op{splice.Add, splice.Replace, splice.Remove}
		e := splice.Edit{Op: ops[int(op)%3], Path: path, Value: splice.List{"x"}}
		out, err := splice.Apply(text, []splice.Edit{e})
		if err != nil {
			return
		}
		if _, err := splice.Parse(out); err != nil {
			t.Errorf("unreadable: %q", out)
		}
	})
}
