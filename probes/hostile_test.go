package probes_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/probes"
)

var update = flag.Bool("update", false, "rewrite golden files")

// A hostile server sends whatever it likes after it has read a request.
type hostile struct {
	name  string
	send  string
	slow  func(net.Conn)              // instead of send
	echo  func(request string) string // instead of send
	ask   func(*probes.Probe)
	class probes.Class
}

const ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

func framed(header, body string) string {
	return fmt.Sprintf("%s%sContent-Length: %d\r\n\r\n%s", ok, header, len(body), body)
}

func typed(media, body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", media, len(body), body)
}

func chunked(body string) string {
	return fmt.Sprintf("%sTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", ok, len(body), body)
}

func status(line, rest string) string { return "HTTP/1.1 " + line + "\r\n" + rest }

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

func zlibbed(s string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

func drip(head string, every time.Duration) func(net.Conn) {
	return func(c net.Conn) {
		io.WriteString(c, head)
		for {
			time.Sleep(every)
			if _, err := c.Write([]byte("1")); err != nil {
				return
			}
		}
	}
}

func impatient(p *probes.Probe) { p.Timeout = 300 * time.Millisecond }

func once(p *probes.Probe) { p.Method = "POST" } // never retried, so the table is quick

func small(p *probes.Probe) { p.MaxBody = 1000 }

func hostileServers() []hostile {
	gz := "Content-Encoding: gzip\r\n"
	object := `{"a":1}`
	return []hostile{
		{name: "plain answer", send: framed("", object), class: probes.Valid},
		{name: "length 100, 7 bytes sent", send: ok + "Content-Length: 100\r\n\r\n" + object, class: probes.Protocol},
		{name: "chunks without the last", send: chunked(object), class: probes.Protocol},
		{name: "chunks with the last", send: chunked(object) + "0\r\n\r\n", class: probes.Valid},
		{name: "no length, closed", send: ok + "\r\n" + object, class: probes.Valid},
		{name: "bad chunk size", send: ok + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n" + object, class: probes.Protocol},
		{name: "length and chunks", send: ok + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n" + object + "\r\n0\r\n\r\n", class: probes.Valid},
		{name: "two lengths", send: ok + "Content-Length: 7\r\nContent-Length: 8\r\n\r\n" + object, class: probes.Protocol},
		{name: "negative length", send: ok + "Content-Length: -7\r\n\r\n" + object, class: probes.Protocol},
		{name: "unknown transfer encoding", send: ok + "Transfer-Encoding: rot13\r\n\r\n" + object, class: probes.Protocol},
		{name: "flood of 103s", send: strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 4000), class: probes.OverLimit},
		{name: "100 KB of header", send: ok + strings.Repeat("X-Filler: "+strings.Repeat("f", 1000)+"\r\n", 100) + "\r\n", class: probes.OverLimit},
		{name: "header without colon", send: ok + "no colon here\r\n\r\n" + object, class: probes.Protocol},
		{name: "NUL in a header", send: ok + "X-Nul: a\x00b\r\n\r\n" + object, class: probes.Protocol},
		{name: "header cut off", send: ok + "X-Cut: of", class: probes.Protocol},
		{name: "folded header", send: ok + "X-Old: one\r\n two\r\nContent-Length: 7\r\n\r\n" + object, class: probes.Valid},
		{name: "SSH banner", send: "SSH-2.0-OpenSSH_9.2\r\n", class: probes.Protocol},
		{name: "terminal escapes for a status line", send: "HTTP/1.1 \x1b[2Jgone\r\n\r\n", class: probes.Protocol},
		{name: "no answer at all", ask: once, class: probes.Unreachable},
		{name: "reset at once", ask: once, slow: func(c net.Conn) { c.(*net.TCPConn).SetLinger(0) }, class: probes.Unreachable},
		{name: "reset in the body", slow: func(c net.Conn) {
			io.WriteString(c, ok+"Content-Length: 100\r\n\r\n"+object)
			time.Sleep(50 * time.Millisecond)
			c.(*net.TCPConn).SetLinger(0)
		}, class: probes.Protocol},
		{name: "status 999", send: status("999 What", "Content-Length: 7\r\n\r\n") + object, class: probes.Status},
		{name: "status 099", send: status("099 What", "Content-Length: 7\r\n\r\n") + object, class: probes.Status},
		{name: "404 with JSON", send: status("404 Not Found", "Content-Length: 7\r\n\r\n") + object, class: probes.Status},
		{name: "401", send: status("401 Unauthorized", "Content-Length: 0\r\n\r\n"), class: probes.Status},
		{name: "500 cut off", send: status("500 Oops", "Content-Length: 70\r\n\r\n") + object, class: probes.Status},
		{name: "201 where 200 is expected", send: status("201 Created", "Content-Length: 7\r\n\r\n") + object,
			ask: func(p *probes.Probe) { p.Expect = []int{200} }, class: probes.Status},
		{name: "404 where it is expected", send: status("404 Not Found", "Content-Length: 7\r\n\r\n") + object,
			ask: func(p *probes.Probe) { p.Expect = []int{404} }, class: probes.Valid},
		{name: "204", send: status("204 No Content", "\r\n"), class: probes.Valid},
		{name: "204 with a body", send: status("204 No Content", "Content-Length: 7\r\n\r\n") + object, class: probes.Valid},
		{name: "304 unasked", send: status("304 Not Modified", "\r\n"), class: probes.Protocol},
		{name: "206 unasked", send: status("206 Partial Content", "Content-Range: bytes 0-6/100\r\nContent-Length: 7\r\n\r\n") + object, class: probes.Protocol},
		{name: "200 with a range", send: framed("Content-Range: bytes 0-6/100\r\n", object), class: probes.Protocol},
		{name: "body over the limit, declared", send: ok + "Content-Length: 1073741824\r\n\r\n", class: probes.OverLimit},
		{name: "body over the limit, endless", ask: small, slow: func(c net.Conn) {
			io.WriteString(c, ok+"\r\n[")
			for {
				if _, err := io.WriteString(c, "1,1,1,1,1,1,1,1,1,1,"); err != nil {
					return
				}
			}
		}, class: probes.OverLimit},
		{name: "body of the limit", ask: small, send: framed("", "["+strings.Repeat(" ", 998)+"]"), class: probes.Valid},
		{name: "silence", ask: impatient, slow: func(c net.Conn) { time.Sleep(400 * time.Millisecond) }, class: probes.Unreachable},
		{name: "dripping header", ask: impatient, slow: drip("HTTP/1.1 200 OK\r\nX-Slow: ", 20*time.Millisecond), class: probes.Unreachable},
		{name: "stalled body", ask: impatient, slow: func(c net.Conn) {
			io.WriteString(c, ok+"\r\n[1")
			time.Sleep(400 * time.Millisecond)
		}, class: probes.Unreachable},
		{name: "gzip", send: framed(gz, gzipped(object)), class: probes.Valid},
		{name: "gzip twice", send: framed("Content-Encoding: gzip, gzip\r\n", gzipped(gzipped(object))), class: probes.Valid},
		{name: "gzip three times", send: framed("Content-Encoding: gzip, gzip, gzip\r\n", ""), class: probes.Protocol},
		{name: "gzip that is plain", send: framed(gz, object), class: probes.Protocol},
		{name: "gzip that is long and plain", send: framed(gz, "["+strings.Repeat("1,", 999)+"1]"), class: probes.Protocol},
		{name: "gzip cut off", send: framed(gz, gzipped(object)[:20]), class: probes.Protocol},
		{name: "gzip cut off on the wire", send: ok + gz + "Content-Length: 100\r\n\r\n" + gzipped(object), class: probes.Protocol},
		{name: "gzip with a bad checksum", send: framed(gz, damaged(gzipped(object), -8)), class: probes.Protocol},
		{name: "gzip with garbage behind", send: framed(gz, gzipped(object)+"garbage and more"), class: probes.Protocol},
		{name: "gzip bomb", send: framed(gz, gzipped(strings.Repeat(" ", 4<<20))), class: probes.OverLimit},
		{name: "gzip over the limit", ask: small, send: framed(gz, gzipped(strings.Repeat("1", 2000))), class: probes.OverLimit},
		{name: "deflate by the letter", send: framed("Content-Encoding: deflate\r\n", zlibbed(object)), class: probes.Valid},
		{name: "deflate by habit", send: framed("Content-Encoding: deflate\r\n", zlibbed(object)[2:len(zlibbed(object))-4]), class: probes.Valid},
		{name: "br unasked", send: framed("Content-Encoding: br\r\n", "\x0b\x03\x80"+object), class: probes.Protocol},
		{name: "zstd unasked", send: framed("Content-Encoding: zstd\r\n", "\x28\xb5\x2f\xfd"), class: probes.Protocol},
		{name: "JSON as HTML", send: typed("text/html; charset=utf-8", object), class: probes.Valid},
		{name: "JSON as octets", send: typed("application/octet-stream", "[1]"), class: probes.Valid},
		{name: "JSON of a vendor's type", send: typed("application/vnd.api+json", object), class: probes.Valid},
		{name: "JSON with a byte order mark", send: typed("application/json", "\xef\xbb\xbf"+object), class: probes.Valid},
		{name: "JSON scalar", send: typed("application/json", ` "text"`), class: probes.Valid},
		{name: "lines of JSON", send: typed("application/x-ndjson", object+"\n"+object+"\n"), class: probes.Valid},
		{name: "login page", send: typed("text/html", "<!DOCTYPE html><html><head><title>Sign in \x1b[31m& <b>"), class: probes.NotJSON},
		{name: "login page that claims JSON", send: typed("application/json", "<html><title>Sign in</title>"), class: probes.NotJSON},
		{name: "page without title", send: typed("text/html", "<!DOCTYPE html><p>maintenance"), class: probes.NotJSON},
		{name: "XML", send: typed("application/xml", `<?xml version="1.0"?><a/>`), class: probes.Valid},
		{name: "XML of a vendor's type", send: typed("application/rss+xml", "\xef\xbb\xbf<rss/>"), class: probes.Valid},
		{name: "XML as JSON", send: typed("application/json", `<?xml version="1.0"?><a/>`), class: probes.NotJSON},
		{name: "page that claims XML", send: typed("text/xml", "<html><title>Sign in</title>"), class: probes.NotJSON},
		{name: "page of XHTML", send: typed("application/xhtml+xml", `<?xml version="1.0"?><x/>`), class: probes.NotJSON},
		{name: "CSV", send: typed("text/csv", "a,b\n1,2\n"), class: probes.Valid},
		{name: "CSV that is a page", send: typed("text/csv", "<html><title>Sign in</title>"), class: probes.NotJSON},
		{name: "a table in UTF-16", send: typed("text/csv", "\xff\xfea\x00"), class: probes.NotJSON},
		{name: "events", send: typed("text/event-stream", "data: {}\n\n"), class: probes.Valid},
		{name: "plain text", send: typed("text/plain", "true enough"), class: probes.NotJSON},
		{name: "empty", send: framed("", ""), class: probes.NotJSON},
		{name: "white space", send: framed("", " \r\n\t "), class: probes.NotJSON},
		{name: "only a byte order mark", send: framed("", "\xef\xbb\xbf"), class: probes.NotJSON},
		{name: "UTF-16", send: framed("", "\xff\xfe{\x00}\x00"), class: probes.NotJSON},
		{name: "UTF-16 without mark", send: framed("", "\x00{\x00}"), class: probes.NotJSON},
		{name: "JSON behind a prefix", send: framed("", ")]}',\n"+object), class: probes.InvalidJSON},
		{name: "number without a media type", send: status("200 OK", "Content-Length: 2\r\n\r\n42"), class: probes.Valid},
		{name: "bytes without a media type", send: status("200 OK", "Content-Length: 3\r\n\r\n\x01\x02\x03"), class: probes.NotJSON},
		{name: "unprintable media type", send: typed("text/\xe2\x80\xae", "hello"), class: probes.NotJSON},
		{name: "redirect elsewhere", send: status("302 Found", "Location: https://user:pw@elsewhere.example/x?api_key=1\r\nContent-Length: 0\r\n\r\n"), class: probes.Status},
		{name: "redirect to metadata", send: status("302 Found", "Location: http://169.254.169.254/latest/\r\nContent-Length: 0\r\n\r\n"), class: probes.Status},
		{name: "redirect to a file", send: status("301 Moved", "Location: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"), class: probes.Status},
		{name: "redirect to nowhere", send: status("301 Moved", "Content-Length: 0\r\n\r\n"), class: probes.Status},
		{name: "redirect to nonsense", send: status("301 Moved", "Location: http://[::1\r\nContent-Length: 0\r\n\r\n"), class: probes.Status},
		{name: "redirect in circles", send: status("307 Again", "Location: /again\r\nContent-Length: 0\r\n\r\n"), class: probes.Status},
		{name: "redirect to a host with escapes", send: status("302 Found", "Location: https://a\xe2\x80\xaeb.example/\r\nContent-Length: 0\r\n\r\n"), class: probes.Status},
		{name: "300 with choices", send: status("300 Multiple Choices", "Content-Length: 7\r\n\r\n") + object, class: probes.Status},
	}
}

func damaged(s string, at int) string {
	b := []byte(s)
	b[(len(b)+at)%len(b)] ^= 0xff
	return string(b)
}

// serve runs a hostile server on a loopback port and returns its address.
func serve(t testing.TB, h hostile) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go h.answer(conn)
		}
	}()
	return listener.Addr().String()
}

func (h hostile) answer(conn net.Conn) {
	defer conn.Close()
	head, read := make([]byte, 8<<10), 0
	for !bytes.Contains(head[:read], []byte("\r\n\r\n")) {
		n, err := conn.Read(head[read:])
		if err != nil {
			return
		}
		read += n
	}
	if h.slow != nil {
		h.slow(conn)
		return
	}
	if h.echo != nil {
		h.send = h.echo(string(head[:read]))
	}
	io.WriteString(conn, h.send)
	conn.(*net.TCPConn).CloseWrite()
	io.Copy(io.Discard, conn)
}

func loopback(address string) probes.Probe {
	return probes.Probe{
		ID: "api/op", URL: "http://" + address + "/v1?page=1", AllowPrivate: true, Timeout: 5 * time.Second,
		Limits: probes.HostLimits{PerSecond: 1e6, Concurrent: 64},
	}
}

func newClient(t testing.TB, o probes.Options) *probes.Client {
	c := probes.NewClient(o)
	t.Cleanup(c.Close)
	return c
}

// TestDo_ClassifiesEveryWayToLie asks each hostile server and compares the
// class with the table, and what a person reads with testdata/hostile.golden.
func TestDo_ClassifiesEveryWayToLie(t *testing.T) {
	client := newClient(t, probes.Options{})
	var said strings.Builder
	for _, h := range hostileServers() {
		address := serve(t, h)
		p := loopback(address)
		if h.ask != nil {
			h.ask(&p)
		}
		s := client.Do(context.Background(), p)
		if s.Class != h.class {
			t.Errorf("%s: class %s (%s), want %s", h.name, s.Class, s.Problem, h.class)
		}
		if (s.Problem == "") != (s.Class == probes.Valid) {
			t.Errorf("%s: class %s with problem %q", h.name, s.Class, s.Problem)
		}
		if !s.Class.Answered() && s.Body != nil {
			t.Errorf("%s: kept a body that is not whole", h.name)
		}
		fmt.Fprintf(&said, "%-38s %-18s %s\n", h.name, s.Class, strings.ReplaceAll(s.Problem, address, "HOST"))
	}
	golden(t, "testdata/hostile.golden", said.String())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (run with -update to accept):\n%s", path, diff)
	}
}
