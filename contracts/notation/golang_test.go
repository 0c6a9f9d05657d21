package notation_test

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

var (
	lastType   = regexp.MustCompile(`(?m)^type (\w+) `)
	lastExport = regexp.MustCompile(`(?m)^export (?:interface|type) (\w+) `)
)

// TestGo_CompilesAndDecodesTheSamples writes a program of all the types and of
// all the answers they were learned from, and runs it.
func TestGo_CompilesAndDecodesTheSamples(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a program")
	}
	dir := t.TempDir()
	put(t, filepath.Join(dir, "go.mod"), []byte("module answers\n\ngo 1.26\n"))
	var imports, calls bytes.Buffer
	for i, s := range samples(t) {
		source := written(t, "go", s)
		if tidy, err := format.Source(source); err != nil || !bytes.Equal(tidy, source) {
			t.Errorf("%s: not gofmt-clean: %v", s.name, err)
		}
		types := lastType.FindAllSubmatch(source, -1)
		if len(types) == 0 {
			t.Fatalf("%s: no type in\n%s", s.name, source)
		}
		pack := fmt.Sprintf("p%d", i)
		put(t, filepath.Join(dir, pack, "types.go"), source)
		for n, body := range s.bodies {
			put(t, filepath.Join(dir, "bodies", fmt.Sprintf("%s-%04d", pack, n)), body)
		}
		fmt.Fprintf(&imports, "%s \"answers/%s\"\n", pack, pack)
		fmt.Fprintf(&calls, "decode(%q, func(b []byte) error { var v %s.%s; return json.Unmarshal(b, &v) })\n", pack, pack, types[len(types)-1][1])
	}
	put(t, filepath.Join(dir, "main.go"), fmt.Appendf(nil, program, imports.String(), calls.String()))
	cmd := exec.Command("go", "run", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%.4000s", err, out)
	}
}

const program = `package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
%s
)

var failed bool

func decode(pack string, into func([]byte) error) {
	files, _ := filepath.Glob("bodies/" + pack + "-*")
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err == nil {
			err = into(body)
		}
		if err != nil {
			failed = true
			fmt.Printf("%%s: %%v: %%.200s\n", file, err, body)
			return
		}
	}
}

func main() {
%s
	if failed {
		os.Exit(1)
	}
}
`

func put(t testing.TB, file string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
