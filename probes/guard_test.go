package probes_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"shapewatch/probes"
)

// special are addresses that no probe may reach unless it says so, as they
// stand in a URL.
var special = []string{
	"127.0.0.1", "127.0.0.2", "127.1.2.3", "127.255.255.254", "0.0.0.0", "0.1.2.3",
	"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255",
	"100.64.0.1", "100.127.255.254", "169.254.0.1", "169.254.169.254", "169.254.170.2", "168.63.129.16",
	"192.0.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9",
	"224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
	"[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]",
	"[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::a00:1]",
	"[100::1]", "[2001::1]", "[2001:0:7f00:1::1]", "[2001:2::1]", "[2001:10::1]", "[2001:db8::1]",
	"[2002:7f00:1::1]", "[2002:a9fe:a9fe::1]", "[2002:a00:1::1]",
	"[fc00::1]", "[fd00::1]", "[fd00:ec2::254]", "[fdff:ffff::1]",
	"[fe80::1]", "[fe80::a9fe:a9fe]", "[febf::1]", "[fec0::1]", "[ff02::1]", "[ff05::2]", "[3fff::1]", "[5f00::1]",
}

const guarded = "is at a private, loopback or reserved address (connecting): set allow_private if that is meant"

func TestDo_RefusesEverySpecialAddress(t *testing.T) {
	client := newClient(t, probes.Options{})
	if len(special) < 60 {
		t.Errorf("only %d special addresses", len(special))
	}
	for _, host := range special {
		p := loopback("")
		p.URL, p.AllowPrivate, p.Timeout = "http://"+host+"/", false, time.Second
		s := client.Do(context.Background(), p)
		if s.Class != probes.Unreachable || !strings.HasSuffix(s.Problem, guarded) || s.Attempts != 1 {
			t.Errorf("%s: %s %q after %d attempts", host, s.Class, s.Problem, s.Attempts)
		}
	}
}

func TestDo_RefusesLoopbackInEverySpelling(t *testing.T) {
	client := newClient(t, probes.Options{})
	for _, host := range []string{"localhost", "127.1", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "[::1%25lo]", "localhost."} {
		p := loopback("")
		p.URL, p.AllowPrivate, p.Timeout = "http://"+host+":1/", false, 2*time.Second
		if s := client.Do(context.Background(), p); s.Class != probes.Unreachable || strings.Contains(s.Problem, "refuses connections") {
			t.Errorf("%s: %s %q: something was dialled", host, s.Class, s.Problem)
		}
	}
}

// A nameServer answers every A question with the next of its addresses, and
// has no AAAA.
type nameServer struct {
	conn    net.PacketConn
	answers []netip.Addr
	asked   atomic.Int32
}

func serveNames(t *testing.T, answers ...string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	n := &nameServer{conn: conn}
	for _, a := range answers {
		n.answers = append(n.answers, netip.MustParseAddr(a))
	}
	go n.run()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func (n *nameServer) run() {
	packet := make([]byte, 512)
	for {
		size, from, err := n.conn.ReadFrom(packet)
		if err != nil {
			return
		}
		n.conn.WriteTo(n.answer(packet[:size]), from)
	}
}

// answer turns a question into its answer: header, question, and for type A
// one record with a time to live of zero.
func (n *nameServer) answer(q []byte) []byte {
	end := 12
	for q[end] != 0 {
		end += int(q[end]) + 1
	}
	question := q[12 : end+5]
	reply := append([]byte{q[0], q[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, question...)
	if binary.BigEndian.Uint16(question[len(question)-4:]) != 1 {
		return reply
	}
	reply[7] = 1
	at := min(int(n.asked.Add(1)), len(n.answers)) - 1
	reply = append(reply, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4)
	return append(reply, n.answers[at].AsSlice()...)
}

func TestDo_RefusesANameThatTurnsPrivate(t *testing.T) {
	inside := &recorder{}
	server := httptest.NewServer(inside)
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	// 127.0.0.1 stands for the first, harmless answer: the probe may dial it,
	// the second one may not.
	client := newClient(t, probes.Options{Resolver: serveNames(t, "127.0.0.1", "127.0.0.1")})
	p := loopback("")
	p.URL, p.FreshConnection = "http://rebound.example:"+port+"/", true
	if s := client.Do(context.Background(), p); s.Class != probes.Valid {
		t.Fatalf("%s %q, want the resolver to be used", s.Class, s.Problem)
	}
	p.AllowPrivate = false
	s := client.Do(context.Background(), p)
	if s.Class != probes.Unreachable || s.Problem != "rebound.example:"+port+" "+guarded {
		t.Errorf("%s %q, want the address refused at dial time", s.Class, s.Problem)
	}
	if got := strings.Count(inside.String(), "GET /"); got != 1 {
		t.Errorf("the inside was asked %d times, want once", got)
	}
}

func TestDo_RefusesARedirectToAPrivateAddress(t *testing.T) {
	address := serve(t, hostile{send: status("302 Found", "Location: http://[::ffff:169.254.169.254]/latest/\r\nContent-Length: 0\r\n\r\n")})
	s := newClient(t, probes.Options{}).Do(context.Background(), loopback(address))
	if s.Class != probes.Status || s.Attempts != 1 {
		t.Errorf("%s %q", s.Class, s.Problem)
	}
}

func TestDo_SharesNoConnectionBetweenGuardedAndPrivateProbes(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "{}") }))
	defer server.Close()
	client := newClient(t, probes.Options{})
	p := loopback(server.Listener.Addr().String())
	if s := client.Do(context.Background(), p); s.Class != probes.Valid {
		t.Fatalf("%s %q", s.Class, s.Problem)
	}
	p.AllowPrivate = false
	if s := client.Do(context.Background(), p); s.Class != probes.Unreachable {
		t.Errorf("%s: an open connection went around the guard", s.Class)
	}
}

func TestDo_SaysThatANameDoesNotExist(t *testing.T) {
	resolver := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: fmt.Errorf("no name server here")}
	}}
	p := loopback("")
	p.URL, p.Method = "https://api.example.invalid/v1", "POST"
	s := newClient(t, probes.Options{Resolver: resolver}).Do(context.Background(), p)
	if want := "the name servers do not answer for api.example.invalid (resolving the name)"; s.Problem != want {
		t.Errorf("problem %q, want %q", s.Problem, want)
	}
}
