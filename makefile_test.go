package main

import (
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
