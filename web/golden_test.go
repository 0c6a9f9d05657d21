package web_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

// golden are the addresses whose answers are kept word by word.
var golden = []struct{ file, address string }{
	{"overview.html", "/"},
	{"api.html", "/apis/openweather"},
	{"api-waiting.html", "/apis/fresh"},
	{"incident.html", "/incidents/inc_00000000000000a1"},
	{"history.html", "/incidents"},
	{"about.html", "/about"},
	{"missing.html", "/nowhere"},
	{"overview.json", "/api/v1/overview"},
	{"api.json", "/api/v1/apis/ups"},
	{"incidents.json", "/api/v1/incidents"},
	{"incident.json", "/api/v1/incidents/inc_00000000000000a1"},
	{"feed.atom", "/feed.atom"},
}

// assetVersion changes with every change of a style sheet, which is not what
// these files are about.
var assetVersion = regexp.MustCompile(`\?v=[0-9a-f]{16}`)

// TestAnswers_AreTheGoldenOnes draws the world at an instant that never
// changes.
func TestAnswers_AreTheGoldenOnes(t *testing.T) {
	answers := map[string][]byte{}
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // when bubbles begin
	w := newWorld(now)
	w.teach(t, now, "openweather/GET /data/2.5/forecast", 3) // outside: zstd keeps its workers for all tests
	synctest.Test(t, func(t *testing.T) {
		h := w.handler()
		for _, g := range golden {
			answers[g.file] = get(h, "GET", g.address).Body.Bytes()
		}
	})
	for _, g := range golden {
		got := assetVersion.ReplaceAll(answers[g.file], []byte("?v=VERSION"))
		if filepath.Ext(g.file) == ".json" {
			var indented bytes.Buffer
			if err := json.Indent(&indented, got, "", "  "); err != nil {
				t.Fatalf("%s: %v", g.address, err)
			}
			got = indented.Bytes()
		}
		compareGolden(t, filepath.Join("testdata", g.file), got)
	}
}

func compareGolden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: -update writes it", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites):\n%.4000s", path, diff)
	}
}
