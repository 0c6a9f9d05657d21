package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// notUpdated have golden files that `make update` leaves alone, and why.
var notUpdated = map[string]string{
	"store": "its golden file is a store as a released version wrote it",
}

// TestMakefile_UpdatesEveryGoldenFile holds the list of `make update` to the
// packages that know -update: the others would refuse the flag.
func TestMakefile_UpdatesEveryGoldenFile(t *testing.T) {
	text, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^\t\$\(GO\) test -short (.*) -update$`).FindSubmatch(text)
	if m == nil {
		t.Fatal("no line of the Makefile runs go test -short … -update")
	}
	var want []string
	for _, dir := range goDirs(t) {
		if _, waived := notUpdated[dir]; !waived && knowsUpdate(t, dir) {
			want = append(want, "./"+strings.TrimPrefix(dir, "."))
		}
	}
	got := strings.Fields(strings.Replace(string(m[1]), ". ", "./ ", 1))
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("make update (-packages with golden files +Makefile):\n%s", diff)
	}
}

func knowsUpdate(t *testing.T, dir string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(text), `= flag.Bool("update"`)
	})
}

// TestMakefile_HasATargetForEveryNameItPromises fails for a .PHONY name that
// no rule makes.
func TestMakefile_HasATargetForEveryNameItPromises(t *testing.T) {
	text, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), ".PHONY:")
	line, _, _ := strings.Cut(after, "\n")
	for _, name := range strings.Fields(line) {
		if !strings.Contains(string(text), "\n"+name+":") {
			t.Errorf(".PHONY promises %s, which no rule makes", name)
		}
	}
}

// TestMakefile_TestsWithTheRaceDetectorWhatRunsAtOnce wants that nothing does in
// the packages that are tested without it alone, and those tested both ways to
// be those whose tests ask for it.
func TestMakefile_TestsWithTheRaceDetectorWhatRunsAtOnce(t *testing.T) {
	for _, dir := range listed(t, "STILL") {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Errorf("%s: no Go here, %v", dir, err)
		}
		for _, file := range files {
			for _, what := range atOnce(t, file) {
				t.Errorf("%s has %s: take %s out of STILL", file, what, dir)
			}
		}
	}
	var both []string
	for _, dir := range goDirs(t) {
		if _, err := os.Stat(filepath.Join(dir, "norace_test.go")); err == nil {
			both = append(both, dir)
		}
	}
	if diff := cmp.Diff(both, listed(t, "BOTH")); diff != "" {
		t.Errorf("BOTH (-packages with norace_test.go +Makefile):\n%s", diff)
	}
}

// listed are the words of a variable of the Makefile.
func listed(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^` + name + ` := (.*)$`).FindSubmatch(text)
	if m == nil {
		t.Fatalf("the Makefile has no %s", name)
	}
	return strings.Fields(string(m[1]))
}

// atOnce lists what makes something of a file run beside something else.
func atOnce(t *testing.T, file string) (found []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, imported := range parsed.Imports {
		if path := imported.Path.Value; path == `"net/http/httptest"` || path == `"golang.org/x/sync/errgroup"` || path == `"testing/synctest"` {
			found = append(found, path)
		}
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = append(found, "a go statement")
		case *ast.SelectorExpr:
			if slices.Contains([]string{"Parallel", "RunParallel", "AfterFunc", "Go"}, n.Sel.Name) {
				found = append(found, n.Sel.Name)
			}
		}
		return true
	})
	return found
}

// TestContributing_NamesFilesThatExist reads what the recipes name in code
// marks: files, and folders ending in /.
func TestContributing_NamesFilesThatExist(t *testing.T) {
	text, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("`([a-z_./]+(?:\\.go|\\.md|/))`").FindAllStringSubmatch(string(text), -1) {
		if _, err := os.Stat(m[1]); err != nil {
			t.Errorf("CONTRIBUTING.md names %s, which is not there", m[1])
		}
	}
}
