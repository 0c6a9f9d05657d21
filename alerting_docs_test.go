package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAlertingDocs_NameATestForEachPromise fails for a promise in
// docs/alerting.md whose test does not exist.
func TestAlertingDocs_NameATestForEachPromise(t *testing.T) {
	page, err := os.ReadFile("docs/alerting.md")
	if err != nil {
		t.Fatal(err)
	}
	_, promises, found := strings.Cut(string(page), "## What others were blamed for")
	named := regexp.MustCompile("`((?:Test|Benchmark)[A-Za-z0-9_]+)`").FindAllStringSubmatch(promises, -1)
	if !found || len(named) < 16 {
		t.Fatalf("%d promises with a test", len(named))
	}
	var all strings.Builder
	for _, dir := range goDirs(t) {
		files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
		}
	}
	for _, m := range regexp.MustCompile("`TestScript/([a-z_]+)`").FindAllStringSubmatch(promises, -1) {
		if _, err := os.Stat(filepath.Join("testdata/script", m[1]+".txtar")); err != nil {
			t.Errorf("no script %s: %v", m[1], err)
		}
	}
	for _, m := range named {
		if !strings.Contains(all.String(), "func "+m[1]+"(") {
			t.Errorf("no test %s", m[1])
		}
	}
}
