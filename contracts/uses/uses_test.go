package uses_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"shapewatch/contracts/uses"
)

var update = flag.Bool("update", false, "rewrite the golden parts")

// TestRead reads every archive of testdata: the comment is the file and name
// that is read, "-- paths --" and "-- notes --" are golden; an error is a note.
func TestRead(t *testing.T) {
	archives, _ := filepath.Glob("testdata/*.txtar")
	if len(archives) < 8 {
		t.Fatalf("%d archives", len(archives))
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := read(archive)
			want := map[string]string{}
			for i, f := range archive.Files {
				if f.Name == "paths" || f.Name == "notes" {
					want[f.Name] = string(f.Data)
					archive.Files[i].Data = []byte(got[f.Name])
				}
			}
			if *update {
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func read(archive *txtar.Archive) map[string]string {
	file, name, _ := strings.Cut(strings.TrimSpace(string(archive.Comment)), "#")
	s := uses.Source{File: file, Name: name, Files: map[string][]byte{}}
	for _, f := range archive.Files {
		switch {
		case f.Name == file:
			s.Text = f.Data
		case strings.HasSuffix(f.Name, ".go"):
			s.Files[f.Name] = f.Data
		}
	}
	paths, notes, err := uses.Read(s)
	if err != nil {
		notes = append(notes, "error: "+err.Error())
	}
	lines := func(all []string) string { return strings.Join(append(all, ""), "\n") }
	return map[string]string{"paths": lines(paths), "notes": lines(notes)}
}

// FuzzRead: whatever stands in a file, reading it ends, and names no path that
// is none.
func FuzzRead(f *testing.F) {
	f.Add("a.ts", "A", "interface A<T = {x: 1}> extends B<A<T>>, C { a?: T[]; [k: string]: A<T> | {b: (x: 1) => void} }")
	f.Add("a.ts", "A", "type A = { [K in keyof B]: A } & [a: string, ...A[]] | `x` | -1")
	f.Add("a.ts", "A", "type A = Omit<A, 'b'>")
	f.Add("a.go", "A", "package a\ntype A struct { A *A `json:\"a\"`; M map[string][]A }")
	f.Add("a.json", "A", `{"definitions":{"A":{"$ref":"#/definitions/A"}}}`)
	f.Add("a.yaml", "getA", "paths: {/a: {get: {operationId: getA, responses: {'200': }}}}")
	f.Fuzz(func(t *testing.T, file, name, text string) {
		paths, _, _ := uses.Read(uses.Source{File: file, Name: name, Text: []byte(text)})
		for _, p := range paths {
			if !strings.HasPrefix(p, "/") {
				t.Errorf("%q", p)
			}
		}
	})
}
