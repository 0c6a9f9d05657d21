package probes_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"shapewatch/probes"
)

// allocated is how many bytes f allocates in all, freed or not.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestDo_UnpacksNoMoreOfABombThanTheLimit(t *testing.T) {
	bomb := framed("Content-Encoding: gzip\r\n", gzipped(strings.Repeat("\x00", 32<<20)))
	client, p := newClient(t, probes.Options{}), loopback(serve(t, hostile{send: bomb}))
	var s probes.Sample
	took := allocated(func() { s = client.Do(context.Background(), p) })
	if s.Class != probes.OverLimit || s.Body != nil || s.Bytes > 4<<20 {
		t.Errorf("%s %q, %d bytes", s.Class, s.Problem, s.Bytes)
	}
	if took > 8<<20 {
		t.Errorf("allocated %d bytes for a bomb of 32 MiB", took)
	}
}

func TestDo_AllocatesForWhatCameNotForWhatWasDeclared(t *testing.T) {
	client, p := newClient(t, probes.Options{}), loopback(serve(t, hostile{send: ok + "Content-Length: 8000000\r\n\r\n{}"}))
	var s probes.Sample
	took := allocated(func() { s = client.Do(context.Background(), p) })
	if s.Problem != "body ended after 2 of 8000000 bytes" || took > 1<<20 {
		t.Errorf("%q, allocated %d bytes", s.Problem, took)
	}
}

func TestDo_KeepsTheBeginningOfALongErrorPage(t *testing.T) {
	long := strings.Repeat("e", 1<<20)
	client, p := newClient(t, probes.Options{}), loopback(serve(t, hostile{send: status("500 Oops", "Content-Length: 1048576\r\n\r\n") + long}))
	s := client.Do(context.Background(), p)
	if s.Class != probes.Status || len(s.Body) != 256<<10 {
		t.Errorf("%s with %d bytes of body, want the first 256 KiB", s.Class, len(s.Body))
	}
}

func TestDo_ReturnsTheBodyWhole(t *testing.T) {
	for _, size := range []int{2, 3, 64<<10 - 1, 64 << 10, 64<<10 + 1, 256 << 10, 256<<10 + 1, 1 << 20, 2<<20 + 7} {
		body := "[" + strings.Repeat(" ", size-2) + "]"
		for name, send := range map[string]string{
			"length": framed("", body), "chunks": chunked(body) + "0\r\n\r\n", "close": ok + "\r\n" + body,
			"gzip": framed("Content-Encoding: gzip\r\n", gzipped(body[:2]+strings.Repeat("1,", 0)+body[2:])),
		} {
			if name == "gzip" && size > 1<<20 {
				continue // white space of that length is a bomb
			}
			client, p := newClient(t, probes.Options{}), loopback(serve(t, hostile{send: send}))
			s := client.Do(context.Background(), p)
			if s.Class != probes.Valid || string(s.Body) != body || s.Bytes != int64(size) {
				t.Errorf("%d bytes by %s: %s %q, %d bytes came", size, name, s.Class, s.Problem, s.Bytes)
			}
		}
	}
}

// serveHTTP2 runs a handler behind TLS and HTTP/2.
func serveHTTP2(t *testing.T, handle http.HandlerFunc) (*probes.Client, probes.Probe) {
	server := httptest.NewUnstartedServer(handle)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	p := loopback("")
	p.URL = server.URL
	return newClient(t, probes.Options{RootCAs: rootsOf(server)}), p
}

func TestDo_SpeaksHTTP2(t *testing.T) {
	client, p := serveHTTP2(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, `{"proto":"`+r.Proto+`"}`) })
	for _, p.FreshConnection = range []bool{false, true} {
		if s := client.Do(context.Background(), p); s.Class != probes.Valid || string(s.Body) != `{"proto":"HTTP/2.0"}` {
			t.Errorf("%s %q %s", s.Class, s.Problem, s.Body)
		}
	}
}

func TestDo_SaysThatHTTP2Broke(t *testing.T) {
	client, p := serveHTTP2(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			io.WriteString(w, `{"a":`)
			w.(http.Flusher).Flush()
			time.Sleep(20 * time.Millisecond)
		}
		panic(http.ErrAbortHandler)
	})
	p.Method = "POST"
	for path, want := range map[string]string{"/": "HTTP/2 broke: stream error", "/body": "body broke after 5 bytes: stream error"} {
		q := p
		q.URL += path
		if s := client.Do(context.Background(), q); s.Class != probes.Protocol || !strings.HasPrefix(s.Problem, want) {
			t.Errorf("%s: %s %q, want %q", path, s.Class, s.Problem, want)
		}
	}
}

func TestDo_ReusesConnectionsUnlessAskedNotTo(t *testing.T) {
	peers := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peers[r.RemoteAddr] = true
		io.WriteString(w, `{}`)
	}))
	defer server.Close()
	client, p := newClient(t, probes.Options{}), loopback(server.Listener.Addr().String())
	for _, p.FreshConnection = range []bool{false, false, false, true, true} {
		client.Do(context.Background(), p)
	}
	if len(peers) != 3 {
		t.Errorf("%d connections, want one that is kept and two of their own", len(peers))
	}
}

func TestDo_SaysThatAHeaderCannotBeSent(t *testing.T) {
	p := loopback(serve(t, hostile{send: framed("", "{}")}))
	p.Auth = probes.Bearer(canary + "\n")
	s := newClient(t, probes.Options{}).Do(context.Background(), p)
	if s.Class != probes.Unreachable || s.Attempts != 1 || !strings.HasPrefix(s.Problem, "a header of the probe cannot be sent") {
		t.Errorf("%s %q", s.Class, s.Problem)
	}
	assertNoCanary(t, "line break", s)
}
