package probes_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"shapewatch/probes"
)

// speaking serves WebSocket.
func speaking(t *testing.T, o *websocket.AcceptOptions, talk func(context.Context, *websocket.Conn)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, o)
		if err != nil {
			return // the client tells
		}
		defer c.CloseNow()
		talk(r.Context(), c)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// saying sends texts and waits for the end.
func saying(texts ...string) func(context.Context, *websocket.Conn) {
	return func(ctx context.Context, c *websocket.Conn) {
		for _, text := range texts {
			if c.Write(ctx, websocket.MessageText, []byte(text)) != nil {
				return
			}
		}
		<-c.CloseRead(ctx).Done()
	}
}

func overSocket(t *testing.T, url string, say *probes.Socket, e *probes.Events) probes.Sample {
	t.Helper()
	p := loopback("")
	p.URL, p.Timeout, p.Socket, p.Events = url, 20*time.Second, say, e
	return newClient(t, probes.Options{}).Do(context.Background(), p)
}

// TestDo_ReadsMessagesByType wants a list for each type of message, told apart
// by where it says its type, or one list; binary is kept as such.
func TestDo_ReadsMessagesByType(t *testing.T) {
	url := speaking(t, nil, func(ctx context.Context, c *websocket.Conn) {
		_ = c.Write(ctx, websocket.MessageText, []byte(`{"type":"price","n":1}`))
		_ = c.Write(ctx, websocket.MessageBinary, []byte{0xff, 0})
		_ = c.Write(ctx, websocket.MessageBinary, []byte(`{"type":"trade"}`))
		saying(`{"type":"price","n":2}`, `[1]`, `hello`)(ctx, c)
	})
	for tag, want := range map[string]string{
		"/type": `{"price":[{"type":"price","n":1},{"type":"price","n":2}],"binary":["a binary message"],"trade":[{"type":"trade"}],"message":[[1],"hello"]}`,
		"":      `{"message":[{"type":"price","n":1},{"type":"trade"},{"type":"price","n":2},[1],"hello"],"binary":["a binary message"]}`,
	} {
		s := overSocket(t, url, &probes.Socket{}, &probes.Events{Most: 6, For: time.Minute, Tag: tag})
		if s.Class != probes.Valid || s.Status != 101 || s.MediaType != "websocket" || string(s.Body) != want {
			t.Errorf("%q: %s %d %q %q\n%s", tag, s.Class, s.Status, s.MediaType, s.Problem, s.Body)
		}
	}
}

// TestDo_SaysWhatOpensAStream at once, or each message after one that came.
func TestDo_SaysWhatOpensAStream(t *testing.T) {
	echo := func(greets bool) func(context.Context, *websocket.Conn) {
		return func(ctx context.Context, c *websocket.Conn) {
			for {
				_, text, err := c.Read(ctx)
				if err != nil || greets && c.Write(ctx, websocket.MessageText, []byte(`"heard"`)) != nil || c.Write(ctx, websocket.MessageText, text) != nil {
					return
				}
			}
		}
	}
	say := [][]byte{[]byte(`{"a":1}`), []byte(`two`)}
	for name, c := range map[string]struct {
		greets, inTurn bool
		most           int
		want           string
	}{
		"at once": {false, false, 2, `{"message":[{"a":1},"two"]}`},
		"in turn": {true, true, 3, `{"message":["heard",{"a":1},"heard"]}`},
	} {
		url := speaking(t, &websocket.AcceptOptions{Subprotocols: []string{"Orders.v2"}}, echo(c.greets))
		s := overSocket(t, url, &probes.Socket{Say: say, InTurn: c.inTurn, Protocols: []string{"orders.v3", "orders.v2"}}, &probes.Events{Most: c.most, For: time.Minute})
		if s.Class != probes.Valid || string(s.Body) != c.want || s.MediaType != "websocket/orders.v2" {
			t.Errorf("%s: %s %q %q %s", name, s.Class, s.Problem, s.MediaType, s.Body)
		}
	}
}

// TestDo_EndsALine: when its time is over, when the server closes it well or
// badly, when nothing comes, when it is too long.
func TestDo_EndsALine(t *testing.T) {
	closing := func(code websocket.StatusCode, reason string, texts ...string) func(context.Context, *websocket.Conn) {
		return func(ctx context.Context, c *websocket.Conn) {
			for _, text := range texts {
				_ = c.Write(ctx, websocket.MessageText, []byte(text))
			}
			_ = c.Close(code, reason)
		}
	}
	for name, c := range map[string]struct {
		talk          func(context.Context, *websocket.Conn)
		span          time.Duration
		class         probes.Class
		body, problem string
	}{
		"time is over": {saying("1"), time.Second, probes.Valid, `{"message":[1]}`, ""},
		"silent":       {saying(), 200 * time.Millisecond, probes.Unreachable, "", "the WebSocket brought no message within 200 ms"},
		"closed well":  {closing(1000, "", "1"), time.Minute, probes.Valid, `{"message":[1]}`, ""},
		"closed empty": {closing(1001, "away"), time.Minute, probes.Unreachable, "", `the WebSocket was closed with code 1001: "away" before any message`},
		"refused":      {closing(4401, "token expired", "1"), time.Minute, probes.ErrorEnvelope, `{"code":4401,"error":"unauthorized","reason":"token expired"}`, `the WebSocket was closed with code 4401 (unauthorized): "token expired" after 1 message`},
		"failed":       {closing(1011, ""), time.Minute, probes.ErrorEnvelope, `{"code":1011,"reason":""}`, `the WebSocket was closed with code 1011 after 0 messages`},
		"cut off":      {func(_ context.Context, c *websocket.Conn) { _ = c.CloseNow() }, time.Minute, probes.Protocol, "", "the WebSocket ended after 0 messages without a close frame"},
		"too long":     {saying(strings.Repeat("x", 5000)), time.Minute, probes.OverLimit, "", "the messages are longer than the limit of 1000 bytes (max_body)"},
		"no text":      {saying("\xff\xfe"), time.Minute, probes.Protocol, "", "a text message of the WebSocket is not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			p := loopback("")
			p.URL, p.Timeout, p.MaxBody = speaking(t, nil, c.talk), 20*time.Second, 1000
			p.Socket, p.Events = &probes.Socket{}, &probes.Events{Most: 9, For: c.span}
			s := newClient(t, probes.Options{}).Do(context.Background(), p)
			if s.Class != c.class || string(s.Body) != c.body || s.Problem != c.problem {
				t.Errorf("%s %q %s", s.Class, s.Problem, s.Body)
			}
		})
	}
}

// TestDo_ShakesHandsAsItAsks: with credentials, at the same origin only, and a
// refusal is read like any answer.
func TestDo_ShakesHandsAsItAsks(t *testing.T) {
	var served *httptest.Server
	served = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/stream", http.StatusTemporaryRedirect)
		case "/away":
			http.Redirect(w, r, strings.Replace(served.URL, "127.0.0.1", "localhost", 1)+"/stream", http.StatusFound)
		case "/plain":
			fmt.Fprint(w, `{"no":"WebSocket"}`)
		case "/liar":
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "websocket")
			w.Header().Set("Sec-WebSocket-Accept", "wrong")
			w.WriteHeader(http.StatusSwitchingProtocols)
		case "/stream":
			if r.Header.Get("Authorization") != "Bearer sesame-opens" {
				w.WriteHeader(http.StatusUnauthorized)
				fmt.Fprint(w, `{"error":"invalid_token"}`)
				return
			}
			if c, err := websocket.Accept(w, r, nil); err == nil {
				saying(`"in, sesame-opens"`)(r.Context(), c)
				_ = c.CloseNow()
			}
		}
	}))
	t.Cleanup(served.Close)
	for path, want := range map[string]struct {
		auth          probes.Auth
		status        int
		class         probes.Class
		body, problem string
	}{
		"/stream":  {probes.Bearer("sesame-opens"), 101, probes.Valid, `{"message":["in, [redacted]"]}`, ""},
		"/moved":   {probes.Bearer("sesame-opens"), 101, probes.Valid, `{"message":["in, [redacted]"]}`, ""},
		"/stream?": {nil, 401, probes.Status, `{"error":"invalid_token"}`, "answered 401 Unauthorized: check the credentials"},
		"/away":    {probes.Bearer("sesame-opens"), 302, probes.Status, "", "answered 302 Found, now redirects to localhost"},
		"/plain":   {nil, 200, probes.Status, `{"no":"WebSocket"}`, "answered 200 OK"},
		"/liar":    {nil, 0, probes.Protocol, "", "answered 101 without agreeing on WebSocket"},
	} {
		t.Run(path, func(t *testing.T) {
			p := loopback("")
			p.URL, p.Timeout, p.Auth, p.Socket, p.Events = served.URL+path, 20*time.Second, want.auth, &probes.Socket{}, &probes.Events{Most: 1, For: time.Minute}
			s := newClient(t, probes.Options{}).Do(context.Background(), p)
			body := string(s.Body)
			if path == "/away" {
				body = ""
			}
			if s.Class != want.class || s.Status != want.status || body != want.body || !strings.HasPrefix(s.Problem, want.problem) || s.Attempts != 1 {
				t.Errorf("%s %d %q %s, %d attempts", s.Class, s.Status, s.Problem, s.Body, s.Attempts)
			}
		})
	}
	p := loopback("")
	p.URL, p.AllowPrivate, p.Socket = served.URL+"/stream", false, &probes.Socket{}
	if s := newClient(t, probes.Options{}).Do(context.Background(), p); s.Class != probes.Unreachable || !strings.Contains(s.Problem, "allow_private") {
		t.Errorf("guard: %s %q", s.Class, s.Problem)
	}
}

// rude switches to WebSocket by hand and then does what it likes.
func rude(t *testing.T, act func(net.Conn, *bufio.Reader)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("Sec-WebSocket-Key")
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: %s\r\n\r\n", accepts(key))
		act(conn, rw.Reader)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// accepts is the answer to the key of a handshake.
func accepts(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// frame is a frame of a server: head, then what it claims to hold.
func frame(head byte, claims uint64, payload []byte) []byte {
	f := binary.BigEndian.AppendUint64([]byte{head, 127}, claims)
	return append(f, payload...)
}

// TestDo_BoundsAHostileSocket wants every attack over within its time, and
// without a panic.
func TestDo_BoundsAHostileSocket(t *testing.T) {
	flood := func(f []byte) func(net.Conn, *bufio.Reader) {
		return func(c net.Conn, r *bufio.Reader) {
			go io.Copy(io.Discard, r)
			for many := bytes.Repeat(f, 100); ; {
				if _, err := c.Write(many); err != nil {
					return
				}
			}
		}
	}
	once := func(f []byte) func(net.Conn, *bufio.Reader) {
		return func(c net.Conn, r *bufio.Reader) {
			_, _ = c.Write(f)
			_, _ = io.Copy(io.Discard, r)
		}
	}
	for name, c := range map[string]struct {
		act   func(net.Conn, *bufio.Reader)
		want  []probes.Class
		says  string
		waits bool // is over when its time is
	}{
		"endless frame":       {flood(slices.Concat(frame(0x81, 1<<62, bytes.Repeat([]byte{'a'}, 4000)))), []probes.Class{probes.OverLimit}, "max_body", false},
		"negative frame":      {once(frame(0x81, 1<<63, nil)), []probes.Class{probes.Protocol}, "", false},
		"frame never filled":  {once(frame(0x81, 100, []byte("abc"))), []probes.Class{probes.Unreachable}, "no message within", true},
		"empty fragments":     {flood([]byte{0x01, 0}), []probes.Class{probes.Protocol}, "", false},
		"endless fragments":   {func(c net.Conn, r *bufio.Reader) { _, _ = c.Write([]byte{0x01, 0}); flood([]byte{0x00, 0})(c, r) }, []probes.Class{probes.Protocol}, "holds nothing", false},
		"pings":               {flood([]byte{0x89, 0}), []probes.Class{probes.Protocol}, "pings", false},
		"pongs":               {flood([]byte{0x8a, 0}), []probes.Class{probes.Protocol}, "holds nothing", false},
		"compressed unasked":  {once([]byte{0xc1, 3, 1, 2, 3}), []probes.Class{probes.Protocol}, "", false},
		"unknown opcode":      {once([]byte{0x83, 0}), []probes.Class{probes.Protocol}, "", false},
		"continuation alone":  {once([]byte{0x80, 1, 'x'}), []probes.Class{probes.Protocol}, "", false},
		"masked":              {once([]byte{0x81, 0x81, 1, 2, 3, 4, 'x' ^ 1}), []probes.Class{probes.Valid, probes.Protocol}, "", true},
		"bad close code":      {once([]byte{0x88, 2, 0x03, 0xed}), []probes.Class{probes.Protocol}, "", false},
		"long control frame":  {once(frame(0x89, 1000, make([]byte, 1000))), []probes.Class{probes.Protocol}, "", false},
		"never says goodbye":  {func(c net.Conn, r *bufio.Reader) { _, _ = c.Write([]byte{0x81, 1, '1'}); _, _ = io.Copy(io.Discard, r) }, []probes.Class{probes.Valid}, "", true},
		"talks after goodbye": {flood([]byte{0x81, 1, '1'}), []probes.Class{probes.Valid, probes.OverLimit}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := loopback("")
			p.URL, p.Timeout, p.MaxBody = rude(t, c.act), 30*time.Second, 50_000
			p.Socket, p.Events = &probes.Socket{Say: [][]byte{[]byte("hello")}}, &probes.Events{Most: 100, For: 40 * time.Second}
			if c.waits {
				p.Events.For = 2 * time.Second
			}
			began := time.Now()
			s := newClient(t, probes.Options{}).Do(context.Background(), p)
			if !slices.Contains(c.want, s.Class) || !strings.Contains(s.Problem, c.says) {
				t.Errorf("%s %q %.80s", s.Class, s.Problem, s.Body)
			}
			if took := time.Since(began); took > 55*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

// TestDo_WaitsForAHandshakeAsForAnAnswer: a server that drips its header or
// sends too much of it.
func TestDo_WaitsForAHandshakeAsForAnAnswer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
					return
				}
				fmt.Fprint(c, "HTTP/1.1 101 Switching Protocols\r\n")
				for {
					if _, err := fmt.Fprint(c, "X-Drip: 1\r\n"); err != nil {
						return
					}
					time.Sleep(20 * time.Millisecond)
				}
			}()
		}
	}()
	p := loopback("")
	p.URL, p.Timeout, p.Socket, p.Events = "http://"+listener.Addr().String(), time.Second, &probes.Socket{}, &probes.Events{Most: 1, For: time.Hour}
	s := newClient(t, probes.Options{}).Do(context.Background(), p)
	if s.Class != probes.Unreachable || !strings.HasPrefix(s.Problem, "no answer within 1 s") {
		t.Errorf("%s %q", s.Class, s.Problem)
	}
}

// FuzzDo_SurvivesAnyFrames hands the client whatever bytes after a handshake.
func FuzzDo_SurvivesAnyFrames(f *testing.F) {
	f.Add([]byte{0x81, 1, '1', 0x88, 2, 3, 0xe8})
	f.Add([]byte{0x01, 1, '[', 0x89, 0, 0x80, 1, ']'})
	f.Add(frame(0x82, 1<<40, []byte("x")))
	f.Fuzz(func(t *testing.T, frames []byte) {
		url := rude(t, func(c net.Conn, _ *bufio.Reader) { _, _ = c.Write(frames) })
		s := overSocket(t, url, &probes.Socket{}, &probes.Events{Most: 5, For: 5 * time.Second, Tag: "/0"})
		if s.Class == probes.Valid && len(s.Body) == 0 || s.Class != probes.Valid && s.Problem == "" {
			t.Errorf("%x: %s %q %s", frames, s.Class, s.Problem, s.Body)
		}
	})
}

// TestDo_OpensASocketOverTLS at a server that would rather speak HTTP/2.
func TestDo_OpensASocketOverTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			fmt.Fprint(w, "{}")
			return
		}
		saying("1")(r.Context(), c)
		_ = c.CloseNow()
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	client := newClient(t, probes.Options{RootCAs: roots})
	p := loopback("")
	p.URL, p.Timeout = s.URL, 20*time.Second
	if s := client.Do(t.Context(), p); s.Status != http.StatusUpgradeRequired { // over HTTP/2, which stays open
		t.Errorf("a request: %s %d %q", s.Class, s.Status, s.Problem)
	}
	p.Socket, p.Events = &probes.Socket{}, &probes.Events{Most: 1, For: time.Minute}
	if s := client.Do(t.Context(), p); s.Class != probes.Valid || string(s.Body) != `{"message":[1]}` || s.Expiry.Certificate.IsZero() {
		t.Errorf("%s %q %s %v", s.Class, s.Problem, s.Body, s.Expiry)
	}
}
