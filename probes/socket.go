package probes

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// A Socket is what a probe says over a WebSocket: its URL has the scheme http
// or https as every other, and its messages are read as [Events] say.
type Socket struct {
	Say       [][]byte // text messages that are sent once the connection stands
	InTurn    bool     // each but the first only after one more message has come
	Protocols []string // subprotocols that are offered, the best first
}

// Bounds of a WebSocket beside those of every answer.
const (
	maxPings  = 100         // in one check; beyond it they are a flood
	maxFrames = 64 << 10    // bytes that frames have beside what messages hold …
	ofFrame   = 32          // … and those that each message may have more
	farewell  = time.Second // for the server's half of the goodbye
)

// A line is a connection that speaks WebSocket. Its own bytes are counted: a
// frame may be endless, and a server may send frames that hold nothing.
type line struct {
	io.ReadWriteCloser
	conn  *websocket.Conn
	stood time.Time    // when the handshake was over
	came  atomic.Int64 // bytes
	held  atomic.Int64 // bytes of them that are content of messages
	pings atomic.Int32
}

// Read implements [io.Reader].
func (l *line) Read(p []byte) (int, error) {
	switch {
	case l.pings.Load() > maxPings:
		return 0, failure{class: Protocol, problem: fmt.Sprintf("the WebSocket sent more than %d pings", maxPings)}
	case l.came.Load()-l.held.Load() > maxFrames:
		return 0, failure{class: Protocol, problem: "the WebSocket sent frame after frame that holds nothing"}
	}
	n, err := l.ReadWriteCloser.Read(p)
	l.came.Add(int64(n))
	return n, err
}

// pinged says whether a ping is answered.
func (l *line) pinged(context.Context, []byte) bool { return l.pings.Add(1) <= maxPings }

// speaks is the subprotocol that was agreed on, in the place of a media type.
func (l *line) speaks() string {
	if agreed := l.conn.Subprotocol(); agreed != "" {
		return "websocket/" + strings.ToLower(printable(agreed, 80))
	}
	return "websocket"
}

// hangUp says goodbye, and waits a moment for the answer.
func (l *line) hangUp() {
	defer func() { _ = recover() }() // it runs beside the check, where a panic would end us
	late := time.AfterFunc(farewell, func() { _ = l.Close() })
	defer late.Stop()
	_ = l.conn.Close(websocket.StatusNormalClosure, "") // whatever it says, the line is closed
}

// shake switches a connection over to WebSocket. What the library would send is
// sent as every request is: to the same origin, with the same credentials,
// guard and limits.
func (a *ask) shake(ctx context.Context, r *http.Request) (reply, failure) {
	waits, cancel := context.WithTimeout(ctx, a.probe.timeout())
	defer cancel()
	u := &upgrade{ask: a, first: r, line: &line{}}
	conn, _, err := websocket.Dial(waits, a.target.url.String(), &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: u}, Subprotocols: a.probe.Socket.Protocols, OnPingReceived: u.line.pinged,
	})
	switch {
	case err == nil:
		u.line.conn, u.line.stood = conn, time.Now()
		a.line = u.line
	case u.failed.problem != "" && waits.Err() != nil && ctx.Err() == nil:
		u.failed = failure{class: Unreachable, problem: fmt.Sprintf("no answer within %s (%s)", inWords(a.probe.timeout()), u.last.reached.phase())}
	case u.failed.problem != "" || u.last.Response != nil && u.last.StatusCode != http.StatusSwitchingProtocols:
		// told already, or a refusal that is read like every answer
	default:
		u.failed = failure{class: Protocol, problem: "answered 101 without agreeing on WebSocket: " + printable(innermost(err).Error(), 120)}
	}
	return u.last, u.failed
}

// An upgrade is the library's way to the network: the probe's.
type upgrade struct {
	ask    *ask
	first  *http.Request
	line   *line
	last   reply
	failed failure
}

var errRefused = errors.New("the server did not switch to WebSocket")

// RoundTrip implements [http.RoundTripper]. An answer that does not switch is
// kept for who reads answers.
func (u *upgrade) RoundTrip(r *http.Request) (*http.Response, error) {
	u.ask.switching = r.Header
	maps.Copy(u.first.Header, r.Header)
	u.last, u.failed = u.ask.follow(r.Context(), u.first)
	if u.failed.problem != "" {
		return nil, u.failed
	}
	stream, ok := u.last.Body.(io.ReadWriteCloser)
	if u.last.StatusCode != http.StatusSwitchingProtocols || !ok {
		return nil, errRefused
	}
	u.line.ReadWriteCloser = stream
	switched := *u.last.Response
	switched.Body = u.line
	return &switched, nil
}
