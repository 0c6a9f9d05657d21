package web_test

import (
	"html"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"shapewatch/web"
)

var anyLink = regexp.MustCompile(`(?:href|src|data-zoom)="([^"#][^"]*)"`)

// TestCopy_NeedsNoServer writes both views, follows every link in them, and
// looks for what a copy must not have.
func TestCopy_NeedsNoServer(t *testing.T) {
	now := time.Now()
	w := endingWorld(now)
	w.teach(t, now, "stripe/GET /v1/charges", 10)
	h := w.handler()
	for _, private := range []bool{false, true} {
		dir := t.TempDir()
		files, err := web.Copy(t.Context(), web.CopyOptions{Ask: web.AskHandler(h), Dir: dir, Private: private})
		if err != nil || private && files < 30 || !private && files < 7 {
			t.Fatalf("private %t: %d files, %v", private, files, err)
		}
		err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			checkCopied(t, dir, name, private)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		zoomed, err := filepath.Glob(filepath.Join(dir, "apis/*/history/*/index.html"))
		if err != nil || private == (len(zoomed) == 0) {
			t.Errorf("private %t: %d pages of history, %v", private, len(zoomed), err)
		}
		for _, name := range zoomed {
			text, err := os.ReadFile(name)
			if err != nil || !strings.Contains(string(text), "static/zoom.js") || !strings.Contains(string(text), `data-zoom="../../../../api/v1/apis/`) {
				t.Errorf("%s cannot be zoomed into: %v", name, err)
			}
		}
	}
}

func checkCopied(t *testing.T, dir, name string, private bool) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !private && strings.Contains(string(text), "customer") {
		t.Errorf("%s of the public copy speaks of a field", name)
	}
	if path.Ext(name) != ".html" {
		return
	}
	for _, useless := range []string{"<form method=\"post\"", "page.js", "http-equiv", "/login"} {
		if strings.Contains(string(text), useless) {
			t.Errorf("%s has %q, which needs a server", name, useless)
		}
	}
	for _, m := range anyLink.FindAllStringSubmatch(string(text), -1) {
		target, _, _ := strings.Cut(html.UnescapeString(m[1]), "#")
		if strings.HasPrefix(target, "https://") {
			continue // a pull request, at its forge
		}
		if strings.HasPrefix(target, "/") {
			t.Errorf("%s leads to %s, which depends on where the copy is", name, target)
		}
		target, _, _ = strings.Cut(target, "?")
		if _, err := os.Stat(filepath.Join(filepath.Dir(name), target)); err != nil {
			t.Errorf("%s leads to %s: %v", name, target, err)
		}
	}
}

// TestCopy_StaysInItsFolder copies a world whose names try to leave it.
func TestCopy_StaysInItsFolder(t *testing.T) {
	for _, text := range payloads {
		outer := t.TempDir()
		h := hostileWorld(t, time.Now(), text).handler()
		if _, err := web.Copy(t.Context(), web.CopyOptions{Ask: web.AskHandler(h), Dir: filepath.Join(outer, "copy"), Private: true}); err != nil && len(text) < 200 {
			t.Errorf("%.40q: %v", text, err)
		}
		if found, _ := os.ReadDir(outer); len(found) != 1 {
			t.Errorf("%.40q: files beside the copy: %v", text, found)
		}
	}
}
