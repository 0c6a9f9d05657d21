package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// A recorded response, and what it is called in its recording: a file's name,
// or a line's number from 0.
type recorded struct {
	name   any
	at     time.Time
	status int
	header http.Header
	body   []byte   // of another kind: the whole line
	kind   lineKind // empty for an answer

	modified time.Time // of a file: when it was written; zero when not said
}

// Bounds of what is read at a time, in bytes.
const (
	maxLine    = 64 << 20  // one sample: a line, or a file of a folder
	maxArchive = 512 << 20 // an HTTP archive, which is read whole
)

// recordedDate finds a date in a file's name.
var recordedDate = regexp.MustCompile(`\d{4}-\d{2}-\d{2}`)

// samplesOf are the samples of a folder, a .jsonl file (gzipped or not) or a
// .har file, in order. An error is the last thing that comes.
func samplesOf(path string) iter.Seq2[recorded, error] {
	return func(yield func(recorded, error) bool) {
		for r, err := range linesOf(path) {
			if err == nil && r.kind != "" {
				err = fmt.Errorf("%s: line %v is %s, no answer: only replay reads those", path, r.name, r.kind.words())
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// linesOf are all that a recording holds, whatever its kind.
func linesOf(path string) iter.Seq2[recorded, error] {
	return func(yield func(recorded, error) bool) {
		if err := readRecording(path, func(r recorded) bool { return yield(r, nil) }); err != nil {
			yield(recorded{}, err)
		}
	}
}

// readRecording hands out samples until there are no more, or no more are
// wanted.
func readRecording(path string, each func(recorded) bool) error {
	at, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case at.IsDir():
		return readFolder(path, each)
	case strings.HasSuffix(path, ".har"):
		return readHAR(path, each)
	}
	return readLines(path, each)
}

// readFolder reads a folder's files in the order of their names. A file is a
// body, or {status, headers, body}; one that is no JSON is a sample all the
// same: that is what the vendor sent.
func readFolder(dir string, each func(recorded) bool) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for i, entry := range entries {
		if entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		file := filepath.Join(dir, entry.Name())
		content, err := readBounded(file, maxLine)
		if err != nil {
			return fmt.Errorf("%s: %s", file, reason(err))
		}
		at := time.Unix(0, 0).UTC().Add(time.Duration(i) * time.Hour)
		if day, err := time.Parse(time.DateOnly, recordedDate.FindString(entry.Name())); err == nil {
			at = day.Add(time.Duration(i) * time.Second) // files of one day keep their order
		}
		if !each(responseOf(entry.Name(), content, at)) {
			return nil
		}
	}
	return nil
}

// readLines reads one JSON object a line: an answer with date and body, and
// perhaps status and headers, or what its kind says.
func readLines(path string, each func(recorded) bool) error {
	file, err := openRegular(path)
	if err != nil {
		return fmt.Errorf("%s: %s", path, reason(err))
	}
	defer file.Close()
	var in io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 1<<20), maxLine)
	at, n := time.Unix(0, 0).UTC(), 0
	for lines.Scan() {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		r, err := lineOf(n, bytes.Clone(lines.Bytes()), at)
		if err != nil {
			return fmt.Errorf("%s: line %d: %w", path, n, err)
		}
		if !each(r) {
			return nil
		}
		at = r.at.Add(time.Second)
		n++
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fmt.Errorf("%s: sample %d: a line longer than %s", path, n, printSize(maxLine))
	case err != nil:
		return fmt.Errorf("%s: sample %d: %w", path, n, err)
	}
	return nil
}

// A harFile is what is read of an HTTP archive.
type harFile struct {
	Log struct{ Entries []harEntry }
}

type harEntry struct {
	StartedDateTime time.Time
	Response        struct {
		Status  int
		Headers []struct{ Name, Value string }
		Content struct{ Text, Encoding string }
	}
}

// readHAR reads the responses of an HTTP archive.
func readHAR(path string, each func(recorded) bool) error {
	content, err := readBounded(path, maxArchive)
	if err != nil {
		return fmt.Errorf("%s: %s", path, reason(err))
	}
	var archive harFile
	if err := json.Unmarshal(content, &archive); err != nil {
		return fmt.Errorf("%s: not an HTTP archive: %w", path, err)
	}
	for i, e := range archive.Log.Entries {
		r, err := e.recorded(i)
		if err != nil {
			return fmt.Errorf("%s: entry %d: %w", path, i, err)
		}
		if !each(r) {
			return nil
		}
	}
	return nil
}

func (e harEntry) recorded(n int) (recorded, error) {
	body := []byte(e.Response.Content.Text)
	if e.Response.Content.Encoding == "base64" {
		var err error
		if body, err = base64.StdEncoding.DecodeString(e.Response.Content.Text); err != nil {
			return recorded{}, err
		}
	}
	header := http.Header{}
	for _, h := range e.Response.Headers {
		header.Add(h.Name, h.Value)
	}
	return recorded{name: n, at: e.StartedDateTime, status: e.Response.Status, header: decoded(header), body: body}, nil
}

// responseOf reads a recorded response; what is no envelope is a body.
func responseOf(name any, content []byte, at time.Time) recorded {
	var envelope struct {
		Date     string          `json:"date"`
		Status   *int            `json:"status"`
		Headers  map[string]any  `json:"headers"`
		Modified string          `json:"modified"`
		Body     json.RawMessage `json:"body"`
	}
	r := recorded{name: name, at: at, status: http.StatusOK, header: http.Header{}, body: content}
	if json.Unmarshal(content, &envelope) != nil || envelope.Body == nil || envelope.Status == nil && envelope.Date == "" {
		return r
	}
	if date := parseDate(envelope.Date); !date.IsZero() {
		r.at = date
	}
	if envelope.Status != nil {
		r.status = *envelope.Status
	}
	r.header, r.body, r.modified = headerOf(envelope.Headers), bodyOf(envelope.Body), parseDate(envelope.Modified)
	return r
}

// bodyOf is a recorded body: JSON as it was, or the text of what was none.
func bodyOf(raw json.RawMessage) []byte {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return []byte(text)
	}
	return raw
}

func headerOf(recorded map[string]any) http.Header {
	header := http.Header{}
	for name, value := range recorded {
		switch v := value.(type) {
		case []any:
			for _, one := range v {
				header.Add(name, fmt.Sprint(one))
			}
		default:
			header.Add(name, fmt.Sprint(v))
		}
	}
	return decoded(header)
}

// decoded drops what describes a transfer that is over: a recorded body is
// decoded and whole.
func decoded(header http.Header) http.Header {
	for _, name := range []string{"Content-Encoding", "Content-Length", "Transfer-Encoding"} {
		header.Del(name)
	}
	return header
}

func parseDate(text string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at
		}
	}
	return time.Time{}
}
