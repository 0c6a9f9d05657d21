package probes

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// settlesIn is how long a file must have been left alone before it is read,
// when there is another: whoever drops files writes them in pieces.
const settlesIn = 2 * time.Second

// mediaOf is what a file is by the end of its name.
var mediaOf = map[string]string{
	".json": "application/json", ".ndjson": "application/x-ndjson", ".jsonl": "application/x-ndjson",
	".csv": "text/csv", ".tsv": "text/tab-separated-values", ".xml": "application/xml",
}

// ReadFile brings back the newest file that a pattern matches, or of the folder
// that it names, as a sample; its [Sample.Modified] is when it was written. Files that
// are being written (.part, .tmp, .filepart, hidden, or changed in the last two
// seconds while there is another) do not count. What ends in .gz is unpacked.
func ReadFile(p Probe, pattern string) Sample {
	began := time.Now()
	a := &ask{probe: p}
	path, found, f := newestFile(pattern, began)
	if f.problem != "" {
		return a.sample(began, f)
	}
	name := filepath.Base(path)
	s := a.sample(began, failure{class: Valid})
	s.Method, s.Status, s.Header, s.Attempts = http.MethodGet, http.StatusOK, http.Header{}, 1
	s.Modified = found.ModTime().UTC()
	s.MediaType = mediaOf[strings.ToLower(filepath.Ext(strings.TrimSuffix(name, ".gz")))]
	if s.Body, f = readFile(path, p.maxBody()); f.problem == "" {
		s.Bytes = int64(len(s.Body))
		f = a.sniff(s)
	}
	s.Latency = time.Since(began)
	if f.problem != "" {
		s.Class, s.Problem = f.class, printable(name, 80)+": "+f.problem
	}
	return s
}

// newestFile finds the file to read.
func newestFile(pattern string, now time.Time) (path string, found fs.FileInfo, f failure) {
	if info, err := os.Stat(pattern); err == nil && info.IsDir() {
		pattern = filepath.Join(pattern, "*")
	}
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return "", nil, failure{class: Unreachable, problem: "file: patterns know *, ? and [a-z]"}
	}
	for _, candidate := range paths {
		info, err := statWithin(candidate)
		if err != nil || !info.Mode().IsRegular() || unfinished(info.Name()) {
			continue
		}
		if found == nil || fitter(info, found, now) {
			path, found = candidate, info
		}
	}
	if found == nil {
		return "", nil, failure{class: Unreachable, problem: "no file matches " + printable(filepath.Base(pattern), 80)}
	}
	return path, found, failure{}
}

// statWithin and openWithin follow no link out of the file's folder: whoever
// may drop files there must not choose what else is read.
func statWithin(path string) (fs.FileInfo, error) {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Stat(filepath.Base(path))
}

func openWithin(path string) (*os.File, error) {
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Open(filepath.Base(path))
}

// fitter reports whether a file is to be read rather than another one.
func fitter(a, b fs.FileInfo, now time.Time) bool {
	settled := func(i fs.FileInfo) bool { return now.Sub(i.ModTime()) >= settlesIn }
	if settled(a) != settled(b) {
		return settled(a)
	}
	if !a.ModTime().Equal(b.ModTime()) {
		return a.ModTime().After(b.ModTime())
	}
	return a.Name() > b.Name()
}

func unfinished(name string) bool {
	lower := strings.ToLower(name)
	for _, end := range []string{".part", ".tmp", ".filepart", ".partial", ".crdownload"} {
		if strings.HasSuffix(lower, end) {
			return true
		}
	}
	return strings.HasPrefix(name, ".")
}

// readFile reads a file within a limit.
func readFile(path string, limit int64) ([]byte, failure) {
	file, err := openWithin(path)
	if err != nil {
		return nil, failure{class: Unreachable, problem: reasonOf(err)}
	}
	defer file.Close()
	var from io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if from, err = gzip.NewReader(file); err != nil {
			return nil, failure{class: Protocol, problem: "it is not gzip"}
		}
	}
	var text bytes.Buffer
	switch n, err := io.Copy(&text, io.LimitReader(from, limit+1)); {
	case err != nil:
		return nil, failure{class: Protocol, problem: "it breaks off: " + reasonOf(err)}
	case n > limit:
		return nil, failure{class: OverLimit, problem: fmt.Sprintf("it is longer than the limit of %s (max_body)", bytesInWords(limit))}
	}
	return text.Bytes(), failure{}
}

// reasonOf is an error of the file system without the path.
func reasonOf(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return err.Error()
}
