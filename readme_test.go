package main

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"shapewatch/contracts/detectors"
)

var update = flag.Bool("update", false, "rewrite golden files and generated docs")

const detectorsBegin = "<!-- detectors:begin (generated: make update) -->\n"

// TestReadme_ListsTheDetectors keeps the README's table equal to the code.
func TestReadme_ListsTheDetectors(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := bytes.Cut(page, []byte(detectorsBegin))
	_, after, closed := bytes.Cut(rest, []byte("<!-- detectors:end -->"))
	if !found || !closed {
		t.Fatal("README.md has lost the markers of its generated table")
	}
	want := string(before) + detectorsBegin + detectors.Table() + "<!-- detectors:end -->" + string(after)
	if *update {
		if err := os.WriteFile("README.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(page) != want {
		t.Error("the detectors table is stale: make update")
	}
}

// TestReadme_LinksExist follows every relative link of the pages people read.
func TestReadme_LinksExist(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#]+)\)`)
	for _, page := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(m[1]); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			}
		}
	}
}

// TestReadme_ShowsWhatLearnPrints runs the command that the README quotes.
func TestReadme_ShowsWhatLearnPrints(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var out, errOut bytes.Buffer
	if code := run(t.Context(), []string{"learn", "testdata/readme/orders.ndjson"}, &out, &errOut); code != 0 {
		t.Fatalf("exit code %d: %s", code, errOut.String())
	}
	quoted := "$ ./shapewatch learn testdata/readme/orders.ndjson\n" + strings.TrimRight(out.String(), "\n") + "\n```"
	if !strings.Contains(string(page), quoted) {
		t.Errorf("README.md does not quote this:\n%s", quoted)
	}
}
