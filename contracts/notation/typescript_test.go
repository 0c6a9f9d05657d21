package notation_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestTypeScript_CompilesAndFitsTheSamples gives every answer, as a literal,
// its type. Answers that repeat a key or hold numbers that JavaScript reads as
// infinite are no literals.
func TestTypeScript_CompilesAndFitsTheSamples(t *testing.T) {
	compiler := typescriptCompiler(t)
	dir := t.TempDir()
	for i, s := range samples(t) {
		source := written(t, "typescript", s)
		name := lastExport.FindAllSubmatch(source, -1)
		root := string(name[len(name)-1][1])
		var b bytes.Buffer
		b.Write(source)
		for n, body := range s.bodies[:min(len(s.bodies), 20)] {
			if s.name != "repeated keys" && s.name != "long keys" && len(body) < 64<<10 {
				fmt.Fprintf(&b, "\nexport const sample%d: %s = %s;\n", n, root, body)
			}
		}
		put(t, filepath.Join(dir, fmt.Sprintf("s%d.ts", i)), b.Bytes())
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.ts"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(compiler, append([]string{"--noEmit", "--strict", "--target", "es2022"}, files...)...).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%.4000s", err, out)
	}
}

// typescriptCompiler finds tsc; without it the test is skipped, except where
// everything is required.
func typescriptCompiler(t *testing.T) string {
	t.Helper()
	if local, err := filepath.Abs("../../node_modules/.bin/tsc"); err == nil { // where .ci/tools puts it
		if _, err := os.Stat(local); err == nil {
			return local
		}
	}
	compiler, err := exec.LookPath("tsc")
	switch {
	case err == nil:
		return compiler
	case os.Getenv("SHAPEWATCH_REQUIRE_ALL") == "1":
		t.Fatal("tsc is not installed: .ci/tools installs it")
	}
	t.Skip("tsc is not installed (npm install -g typescript)")
	return ""
}
