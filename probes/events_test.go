package probes_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"shapewatch/probes"
)

// streaming serves a text, and goes on without end when open.
func streaming(t *testing.T, media, text string, open bool) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", media)
		_, _ = fmt.Fprint(w, text)
		w.(http.Flusher).Flush()
		if open {
			<-r.Context().Done()
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func listened(t *testing.T, url string, e *probes.Events) probes.Sample {
	t.Helper()
	p := loopback("")
	p.URL, p.Timeout, p.Events = url, 20*time.Second, e
	return newClient(t, probes.Options{}).Do(context.Background(), p)
}

// TestDo_ReadsEventsByType wants a list for each type of server-sent event, in
// whatever way they are spelled.
func TestDo_ReadsEventsByType(t *testing.T) {
	text := ": hello\r\nretry: 10\r\n\r\nevent: paid\r\ndata: {\"n\":1}\r\nid: 7\r\n\r\ndata: {\"a\":\ndata:  2}\n\nevent:paid\ndata:{\"n\":2}\n\nevent: note\ndata: plain words\n\nevent: nothing\n\ndata: cut"
	s := listened(t, streaming(t, "text/event-stream; charset=utf-8", text, false), &probes.Events{Most: 50, For: 10 * time.Second})
	want := `{"paid":[{"n":1},{"n":2}],"message":[{"a":` + "\n" + ` 2}],"note":["plain words"]}`
	if s.Class != probes.Valid || string(s.Body) != want {
		t.Errorf("%s %q %s", s.Class, s.Problem, s.Body)
	}
}

// TestDo_EndsAStream: at enough events, when its time is over, and when it is
// too long; a stream that brings nothing is no answer.
func TestDo_EndsAStream(t *testing.T) {
	many := strings.Repeat("data: 1\n\n", 500)
	for name, c := range map[string]struct {
		media, text string
		most        int
		span        time.Duration
		class       probes.Class
		body        string
	}{
		"enough": {"text/event-stream", many, 3, time.Minute, probes.Valid, `{"message":[1,1,1]}`},
		"over":   {"text/event-stream", "data: 1\n\n", 3, time.Second, probes.Valid, `{"message":[1]}`},
		"silent": {"text/event-stream", ": ping\n\n", 3, 200 * time.Millisecond, probes.Unreachable, ""},
		"lines":  {"application/x-ndjson", "{\"a\":1}\n\n{\"a\":2}\n{\"a\":3}\n", 2, time.Minute, probes.Valid, "{\"a\":1}\n{\"a\":2}\n"},
	} {
		s := listened(t, streaming(t, c.media, c.text, true), &probes.Events{Most: c.most, For: c.span})
		if s.Class != c.class || string(s.Body) != c.body {
			t.Errorf("%s: %s %q %s", name, s.Class, s.Problem, s.Body)
		}
	}
	p := loopback("")
	p.URL, p.MaxBody, p.Events = streaming(t, "text/event-stream", "data: "+strings.Repeat("x", 5000), true), 1000, &probes.Events{Most: 9, For: 20 * time.Second}
	if s := newClient(t, probes.Options{}).Do(context.Background(), p); s.Class != probes.OverLimit {
		t.Errorf("too long: %s %q", s.Class, s.Problem)
	}
}

// TestDo_KeepsALastLineWithoutItsEnd when it is whole.
func TestDo_KeepsALastLineWithoutItsEnd(t *testing.T) {
	for text, want := range map[string]string{"{\"a\":1}\n{\"a\":2}": "{\"a\":1}\n{\"a\":2}\n", "{\"a\":1}\n{\"a\":": "{\"a\":1}\n"} {
		s := listened(t, streaming(t, "application/x-ndjson", text, false), &probes.Events{Most: 9, For: 10 * time.Second})
		if s.Class != probes.Valid || string(s.Body) != want {
			t.Errorf("%q: %s %q %q", text, s.Class, s.Problem, s.Body)
		}
	}
}

// TestDo_KeepsWhatAStreamBroughtBeforeTheTimeout and calls one that brought
// nothing until then slow, not broken.
func TestDo_KeepsWhatAStreamBroughtBeforeTheTimeout(t *testing.T) {
	for text, want := range map[string]probes.Class{"data: 1\n\n": probes.Valid, ": ping\n\n": probes.Unreachable} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		p := loopback("")
		p.URL, p.Timeout, p.Events = streaming(t, "text/event-stream", text, true), time.Minute, &probes.Events{Most: 9, For: time.Minute}
		s := newClient(t, probes.Options{}).Do(ctx, p)
		cancel()
		if s.Class != want || want == probes.Valid && string(s.Body) != `{"message":[1]}` {
			t.Errorf("%q: %s %q %s", text, s.Class, s.Problem, s.Body)
		}
	}
}
