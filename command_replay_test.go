package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// samples reads a whole recording.
func samples(path string) (all []recorded, err error) {
	for r, err := range samplesOf(path) {
		if err != nil {
			return all, err
		}
		all = append(all, r)
	}
	return all, nil
}

var comparedAs = cmp.AllowUnexported(recorded{})

func TestRecording_ReadsAFolderInTheOrderOfNames(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "2_2024-05-02.json", `{"status": 404, "headers": {"X-A": ["1", 2], "Content-Length": "9"}, "body": "no JSON"}`)
	write(t, dir, "1.json", `{"body": {"status": "an answer's own"}}`)
	write(t, dir, ".hidden", "x")
	write(t, dir, "folder/3.json", "{}")
	got, err := samples(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []recorded{
		{name: "1.json", at: time.Unix(3600, 0).UTC(), status: 200, header: http.Header{}, body: []byte(`{"body": {"status": "an answer's own"}}`)},
		{name: "2_2024-05-02.json", at: time.Date(2024, 5, 2, 0, 0, 2, 0, time.UTC), status: 404, header: http.Header{"X-A": {"1", "2"}}, body: []byte("no JSON")},
	}
	if diff := cmp.Diff(want, got, comparedAs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRecording_ReadsGzippedLinesAndNumbersThem(t *testing.T) {
	file := filepath.Join(t.TempDir(), "history.jsonl.gz")
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	io.WriteString(w, "{\"date\":\"2024-05-01\",\"body\":{\"a\":1}}\n\n{\"a\":2}\n")
	w.Close()
	if err := os.WriteFile(file, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := samples(file)
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	want := []recorded{
		{name: 0, at: day, status: 200, header: http.Header{}, body: []byte(`{"a":1}`)},
		{name: 1, at: day.Add(time.Second), status: 200, header: http.Header{}, body: []byte(`{"a":2}`)}, // no date: right after the one before
	}
	if diff := cmp.Diff(want, got, comparedAs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRecording_ReadsAnHTTPArchive(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.har", `{"log":{"entries":[
		{"startedDateTime":"2024-05-01T10:00:00Z","response":{"status":201,"headers":[{"name":"content-encoding","value":"gzip"},{"name":"x-b","value":"1"}],"content":{"text":"{}"}}},
		{"startedDateTime":"2024-05-01T11:00:00Z","response":{"status":200,"headers":[],"content":{"text":"e30=","encoding":"base64"}}}]}}`)
	got, err := samples(filepath.Join(dir, "a.har"))
	if err != nil {
		t.Fatal(err)
	}
	want := []recorded{
		{name: 0, at: time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC), status: 201, header: http.Header{"X-B": {"1"}}, body: []byte("{}")},
		{name: 1, at: time.Date(2024, 5, 1, 11, 0, 0, 0, time.UTC), status: 200, header: http.Header{}, body: []byte("{}")},
	}
	if diff := cmp.Diff(want, got, comparedAs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRecording_RefusesWhatIsTooLarge uses files that are large only on paper.
func TestRecording_RefusesWhatIsTooLarge(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, size := range map[string]int64{"folder/body.json": maxLine + 1, "archive.har": maxArchive + 1, "lines.jsonl": maxLine + 1} {
		write(t, dir, name, "")
		if err := os.Truncate(filepath.Join(dir, name), size); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		"folder": "body.json: larger than 64MiB", "archive.har": "archive.har: larger than 512MiB", "lines.jsonl": "lines.jsonl: sample 0: a line longer than 64MiB",
	} {
		if _, err := samples(filepath.Join(dir, path)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

func TestReplay_BlamesTheRecordingOnlyForWhatIsWrongWithIt(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "good/1.json", "{}")
	write(t, dir, "bad.har", "no archive")
	write(t, dir, "bad.jsonl.gz", "not gzipped")
	for _, name := range []string{"none", "bad.har", "bad.jsonl.gz"} {
		code, _, errOut := runCommand(t, "replay", filepath.Join(dir, name))
		if code != 2 || !strings.Contains(errOut, name) {
			t.Errorf("%s: code %d, %s", name, code, errOut)
		}
	}
	var exit *exitError
	o := replayOptions{output: "text", sensitivity: "calm"}
	if err := replay(t.Context(), o, []string{filepath.Join(dir, "good")}, full{}); !errors.Is(err, errFull) || errors.As(err, &exit) {
		t.Errorf("what cannot be printed: %v, exit %+v", err, exit)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if err := replay(stopped, o, []string{filepath.Join(dir, "good")}, io.Discard); !errors.Is(err, context.Canceled) || errors.As(err, &exit) {
		t.Errorf("stopped: %v, exit %+v", err, exit)
	}
}

var errFull = errors.New("no room")

// full is where nothing more can be written.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// TestReplay_KeepsAVendorFromSteeringTheTerminal replays a field whose name
// would clear the screen.
func TestReplay_KeepsAVendorFromSteeringTheTerminal(t *testing.T) {
	dir := t.TempDir()
	for i := range 6 {
		name := `"before"`
		if i == 5 {
			name = `"\u001b[2J"`
		}
		write(t, dir, fmt.Sprintf("%d.json", i), fmt.Sprintf(`{"id": %d, %s: 1}`, i, name))
	}
	code, out, errOut := runCommand(t, "replay", "--sensitivity", "snapshot", dir)
	if code != 0 || !strings.Contains(out, "[2J") || strings.Contains(out, "\x1b") {
		t.Errorf("code %d: %q %s", code, out, errOut)
	}
}
