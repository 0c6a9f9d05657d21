package detectors_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts/detectors"
)

func TestAll_NamesAreKebabCaseAndUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range detectors.All() {
		if !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(d.Name) {
			t.Errorf("%q: want kebab-case", d.Name)
		}
		if seen[d.Name] {
			t.Errorf("%s: listed twice", d.Name)
		}
		seen[d.Name] = true
	}
}

func TestAll_DocumentsEveryDetectorInOneForm(t *testing.T) {
	for _, d := range detectors.All() {
		title, rest, _ := strings.Cut(d.Doc, "\n")
		if title == "" || strings.HasSuffix(title, ".") || len(title) > 70 {
			t.Errorf("%s: title %q: want a short line without a full stop", d.Name, title)
		}
		for _, part := range []string{"**What it means for you.**", "**A real one.**", "**How it decides.**"} {
			if !strings.Contains(rest, part) {
				t.Errorf("%s: its Doc lacks %s", d.Name, part)
			}
		}
	}
}

func TestFixtures_BelongToADetector(t *testing.T) {
	known := map[string]bool{}
	for _, d := range detectors.All() {
		known[d.Name] = true
	}
	for _, dir := range glob(t, filepath.Join("testdata", "*")) {
		if !known[filepath.Base(dir)] {
			t.Errorf("%s: there is no such detector", dir)
		}
	}
}

func TestMarkdown_IsTheDocumentInTheRepository(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "detectors.md")
	if *update {
		if err := os.WriteFile(path, []byte(detectors.Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), detectors.Markdown()); diff != "" {
		t.Errorf("docs/detectors.md is stale; run go test ./contracts/detectors -update (-file +code):\n%s", diff)
	}
}

func TestTable_HasALineForEachDetector(t *testing.T) {
	if got, want := strings.Count(detectors.Table(), "\n"), len(detectors.All())+2; got != want {
		t.Errorf("%d lines, want %d", got, want)
	}
}
