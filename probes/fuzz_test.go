package probes_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"
	"unicode"

	"shapewatch/probes"
)

// TestDo_ReadsTheTitleOfAPageInLatin1 once broke: letters beyond ASCII made
// the page longer in lower case, and its title was looked for behind its end.
func TestDo_ReadsTheTitleOfAPageInLatin1(t *testing.T) {
	page := "<HTML><!-- " + strings.Repeat("\xe9", 40) + " --><Title>Anmeldung</Title>"
	client := probes.NewClient(probes.Options{Transport: vendor(func(*http.Request) (*http.Response, error) {
		return answer(200, http.Header{"Content-Type": {"text/html; charset=iso-8859-1"}}, strings.NewReader(page))
	})})
	s := client.Do(t.Context(), probe())
	if want := `the body is an HTML page instead of JSON, titled "Anmeldung"`; s.Class != probes.NotJSON || s.Problem != want {
		t.Errorf("%s %q, want %q", s.Class, s.Problem, want)
	}
}

// FuzzDo answers with anything: a sample comes back that keeps its promises.
func FuzzDo(f *testing.F) {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	zip.Write([]byte(`{"a":1}`))
	zip.Close()
	f.Add(200, "application/json", "", []byte(`{"a":1}`))
	f.Add(200, "application/json", "gzip", packed.Bytes())
	f.Add(200, "application/json", "gzip, gzip", packed.Bytes())
	f.Add(200, "application/json", "deflate", []byte("\x78\x9c\xab\x56"))
	f.Add(200, "text/html; charset=\x00", "", []byte("<html><title>\u212a\x1b[31m</title>"))
	f.Add(200, "", "identity,,x-gzip", []byte("\xff\xfe{"))
	f.Add(302, "text/plain", "br", []byte("\xef\xbb\xbf \n"))
	f.Add(-1, ";;;=", "", []byte{})
	f.Fuzz(func(t *testing.T, status int, media, coding string, body []byte) {
		header := http.Header{"Content-Type": {media}, "Location": {media}, "Retry-After": {coding}}
		if coding != "" {
			header.Set("Content-Encoding", coding)
		}
		client := probes.NewClient(probes.Options{Transport: vendor(func(*http.Request) (*http.Response, error) {
			return answer(status, header.Clone(), bytes.NewReader(body))
		})})
		p := probe()
		p.Method, p.MaxBody = http.MethodPost, 1<<10 // a POST is not tried again, which would take its time
		s := client.Do(t.Context(), p)
		if (s.Class == probes.Valid) != (s.Problem == "") || strings.Contains(s.Problem, "our own fault") {
			t.Errorf("%s: %q", s.Class, s.Problem)
		}
		if len(s.Body) > 1<<10 || s.Class == probes.Valid && int64(len(s.Body)) != s.Bytes {
			t.Errorf("%d bytes are kept of %d", len(s.Body), s.Bytes)
		}
		if len(s.Problem) > 600 || strings.ContainsFunc(s.Problem+s.MediaType, unicode.IsControl) {
			t.Errorf("unprintable: %q, %q", s.Problem, s.MediaType)
		}
	})
}
