package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode"

	"golang.org/x/time/rate"
)

// Access says who may read more than the public view, and act. Its zero value
// names nobody: then whoever sits at this machine may, and others read the
// public view.
type Access struct {
	Public         bool // beside a login: whoever has none reads the public view
	Token          string
	User, Password string // HTTP Basic
	Proxy          TrustedProxy
	OIDC           OIDC
}

// A TrustedProxy has identified the reader before us. Its header is believed
// from the listed peers and from nobody else.
type TrustedProxy struct {
	Header string // "X-Forwarded-User"; empty means none
	From   []netip.Prefix
}

// A visitor is who sent a request, as far as we know.
type visitor struct {
	name    string // in the audit trail; "" is nobody we know
	private bool   // reads everything and may act
	wrong   bool   // sent credentials, and they are wrong
	local   bool   // needs no login: sits at this machine and none is configured
}

// String is the name.
func (v visitor) String() string { return v.name }

// A gate tells visitors apart.
type gate struct {
	Access
	page     *url.URL // public address of the page; nil when there is none
	sessions sessions
	failures *rate.Limiter // of wrong credentials, all visitors together
}

// Wrong credentials are answered this often; the right ones always are.
const (
	failuresBurst = 20
	failuresEvery = time.Second
)

func newGate(a Access, address string) *gate {
	g := &gate{Access: a, sessions: newSessions(), failures: rate.NewLimiter(rate.Every(failuresEvery), failuresBurst)}
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		g.page = u
	}
	return g
}

// configured reports whether anybody can be identified at all.
func (g *gate) configured() bool {
	return g.Token != "" || g.User != "" || g.Proxy.Header != "" || g.OIDC.Issuer != ""
}

// public reports whether somebody without a login reads the public view.
func (g *gate) public() bool { return g.Public || !g.configured() }

// visitor identifies who sent a request.
func (g *gate) visitor(r *http.Request) visitor {
	if name := g.proxied(r); name != "" {
		return visitor{name: name, private: true}
	}
	if r.Header.Get("Authorization") != "" {
		return g.credentials(r)
	}
	if cookie, err := r.Cookie(sessionCookie); err == nil {
		if name := g.sessions.open(cookie.Value, forSession, time.Now()); name != "" {
			return visitor{name: name, private: true}
		}
	}
	if !g.configured() && g.atThisMachine(r) {
		return visitor{name: "somebody at this machine", private: true, local: true}
	}
	return visitor{}
}

// credentials checks an Authorization header.
func (g *gate) credentials(r *http.Request) visitor {
	if token, ok := bearer(r); ok && g.Token != "" && same(token, g.Token) {
		return visitor{name: "token", private: true}
	}
	user, password, ok := r.BasicAuth()
	if ok && g.User != "" && same(user, g.User) && same(password, g.Password) {
		return visitor{name: g.User, private: true}
	}
	return visitor{wrong: true}
}

func bearer(r *http.Request) (token string, ok bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "bearer")
}

// same compares secrets in a time that tells nothing of either.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// proxied is the name that a trusted proxy gave the visitor, "" without one.
func (g *gate) proxied(r *http.Request) string {
	if g.Proxy.Header == "" || len(r.Header.Values(g.Proxy.Header)) != 1 {
		return ""
	}
	peer, ok := peerOf(r)
	for _, prefix := range g.Proxy.From {
		if ok && prefix.Contains(peer) {
			return named(r.Header.Get(g.Proxy.Header))
		}
	}
	return ""
}

// named makes a name from outside fit for the audit trail.
func named(s string) string {
	return strings.TrimSpace(clip(120, strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)))
}

// forwarded are headers that a proxy adds for somebody elsewhere.
var forwarded = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via", "Cf-Connecting-Ip"}

// atThisMachine reports whether a request came from a program on this machine
// that meant to reach us: not through a proxy, not by a name that somebody
// else's DNS points here, and not when the page is published elsewhere.
func (g *gate) atThisMachine(r *http.Request) bool {
	peer, ok := peerOf(r)
	if !ok || !peer.IsLoopback() || !loopbackName(r.Host) || g.page != nil && !loopbackName(g.page.Host) {
		return false
	}
	for _, name := range forwarded {
		if len(r.Header.Values(name)) > 0 {
			return false
		}
	}
	return true
}

// peerOf is the address at the other end of the connection.
func peerOf(r *http.Request) (netip.Addr, bool) {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	return at.Addr().Unmap().WithZone(""), err == nil
}

// loopbackName reports whether a host, with or without port, can only be this
// machine.
func loopbackName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && address.IsLoopback()
}
