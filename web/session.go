package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Cookies. Each is sealed for one purpose, so that one cannot stand in for the
// other.
const (
	sessionCookie = "shapewatch_session"
	loginCookie   = "shapewatch_login" // what an OpenID login under way must remember
	forSession    = "session"
	forLogin      = "login"

	sessionTime = 12 * time.Hour
	loginTime   = 10 * time.Minute
)

// A sessions seals what a browser keeps for us. The key lives as long as the
// process: after a restart everybody logs in again, and nothing is on disk.
type sessions struct{ key [32]byte }

func newSessions() (s sessions) {
	_, _ = rand.Read(s.key[:]) // never fails: the runtime ends the program instead
	return s
}

// seal signs a text for a purpose until a time.
func (s sessions) seal(text, purpose string, until time.Time) string {
	body := base64.RawURLEncoding.EncodeToString([]byte(text)) + "." + strconv.FormatInt(until.Unix(), 10)
	return body + "." + base64.RawURLEncoding.EncodeToString(s.sum(body, purpose))
}

// open returns what was sealed, "" when it was not or is over.
func (s sessions) open(sealed, purpose string, now time.Time) string {
	end := strings.LastIndexByte(sealed, '.')
	if end < 0 {
		return ""
	}
	body := sealed[:end]
	sum, err := base64.RawURLEncoding.DecodeString(sealed[end+1:])
	if err != nil || !hmac.Equal(sum, s.sum(body, purpose)) {
		return ""
	}
	encoded, until, _ := strings.Cut(body, ".")
	seconds, err := strconv.ParseInt(until, 10, 64)
	if err != nil || now.Unix() >= seconds {
		return ""
	}
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return ""
	}
	return string(text)
}

func (s sessions) sum(body, purpose string) []byte {
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write([]byte(purpose + "\x00" + body))
	return mac.Sum(nil)
}

// remember gives the browser a sealed cookie. Lax: a link in Slack leads to a
// page one is logged in to, and no other site can act with it.
func (s *site) remember(w http.ResponseWriter, r *http.Request, c http.Cookie) {
	c.Path, c.HttpOnly, c.SameSite, c.Secure = "/", true, http.SameSiteLaxMode, s.secure(r)
	http.SetCookie(w, &c)
}

// begin logs a browser in under a name.
func (s *site) begin(w http.ResponseWriter, r *http.Request, name string) {
	s.remember(w, r, http.Cookie{
		Name: sessionCookie, MaxAge: int(sessionTime.Seconds()),
		Value: s.gate.sessions.seal(name, forSession, time.Now().Add(sessionTime)),
	})
}

// secure reports whether the browser reaches us by https.
func (s *site) secure(r *http.Request) bool {
	return r.TLS != nil || s.gate.page != nil && s.gate.page.Scheme == "https"
}
