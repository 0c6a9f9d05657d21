package probes_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shapewatch/probes"
)

// TestReadFile_TakesTheNewest that is finished, by pattern or of a folder.
func TestReadFile_TakesTheNewest(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-time.Hour).Truncate(time.Second)
	put := func(name, text string, at time.Time) {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(`{"n":3}`))
	_ = z.Close()
	put("orders-1.csv", "id,total\n1,2\n", old)
	put("orders-2.csv", "id,total\n3,4\n", old.Add(time.Minute))
	put("orders-3.csv.part", "id,to", old.Add(30*time.Minute))
	put(".hidden.csv", "x\n", old.Add(30*time.Minute))
	put("now.csv", "id\n", time.Now().Add(time.Minute))
	put("feed.xml", "<feed><item>1</item></feed>", old.Add(-time.Hour))
	put("deep.json.gz", packed.String(), old.Add(-time.Hour))
	put("page.json", "<html><title>Login</title></html>", old.Add(-time.Hour))
	put("empty.json", "", old.Add(-time.Hour))
	for pattern, want := range map[string]struct {
		class      probes.Class
		body, says string
		media      string
	}{
		"orders-*.csv": {probes.Valid, "id,total\n3,4\n", "", "text/csv"},
		"":             {probes.Valid, "id,total\n3,4\n", "", "text/csv"},
		"now.csv":      {probes.Valid, "id\n", "", "text/csv"},
		"*.xml":        {probes.Valid, "<feed><item>1</item></feed>", "", "application/xml"},
		"*.json.gz":    {probes.Valid, `{"n":3}`, "", "application/json"},
		"page.json":    {probes.NotJSON, "", "page.json: the body is an HTML page", "application/json"},
		"empty.json":   {probes.NotJSON, "", "empty.json: ", "application/json"},
		"none-*.csv":   {probes.Unreachable, "", "no file matches none-*.csv", ""},
	} {
		s := probes.ReadFile(probes.Probe{ID: "a/b"}, filepath.Join(dir, pattern))
		if s.Class != want.class || want.body != "" && string(s.Body) != want.body || !strings.HasPrefix(s.Problem, want.says) || s.MediaType != want.media {
			t.Errorf("%s: %s %q %s %q", pattern, s.Class, s.Problem, s.MediaType, s.Body)
		}
		if strings.Contains(s.Problem, dir) {
			t.Errorf("%s: a folder is told: %q", pattern, s.Problem)
		}
	}
	if s := probes.ReadFile(probes.Probe{}, filepath.Join(dir, "orders-*.csv")); !s.Modified.Equal(old.Add(time.Minute)) {
		t.Errorf("modified %v", s.Modified)
	}
	if s := probes.ReadFile(probes.Probe{MaxBody: 5}, filepath.Join(dir, "orders-*.csv")); s.Class != probes.OverLimit {
		t.Errorf("over the limit: %s", s.Class)
	}
}

// TestReadFile_FollowsNoLinkOutOfTheFolder but those within it.
func TestReadFile_FollowsNoLinkOutOfTheFolder(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	for path, text := range map[string]string{filepath.Join(outside, "secret.json"): `{"s":1}`, filepath.Join(dir, "real.json"): `{"n":1}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"out.json": filepath.Join(outside, "secret.json"), "in.json": "real.json"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	if s := probes.ReadFile(probes.Probe{}, filepath.Join(dir, "out.json")); s.Class != probes.Unreachable || len(s.Body) > 0 {
		t.Errorf("outside: %s %q", s.Class, s.Body)
	}
	if s := probes.ReadFile(probes.Probe{}, filepath.Join(dir, "in.json")); s.Class != probes.Valid || string(s.Body) != `{"n":1}` {
		t.Errorf("within: %s %q", s.Class, s.Problem)
	}
}
