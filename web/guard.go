package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// policy lets a page use its own style sheet, script, pictures and event
// stream, and nothing else: markup that slipped in could load nothing and run
// nothing.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; " +
	"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// maxQuery bounds a request's query string, bytes.
const maxQuery = 2 << 10

// Bounds of what is asked at a time.
const (
	maxRequests = 64       // under way at a time, beside event streams and who waits for a shared answer
	maxForm     = 16 << 10 // bytes of a body
)

// methods are those that any route answers.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete}

// guard sets the headers of every answer, right or wrong, and turns away what
// is too much, and acts that another site has a browser send.
func (s *site) guard(next http.Handler) http.Handler {
	var crossOrigin http.CrossOriginProtection
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		switch {
		case !slices.Contains(methods, r.Method):
			w.Header().Set("Allow", "GET, HEAD")
			s.turnAway(w, r, onlyAsks, http.StatusMethodNotAllowed)
		case len(r.URL.RawQuery) > maxQuery:
			s.turnAway(w, r, "The query is too long.", http.StatusRequestURITooLong)
		case crossOrigin.Check(r) != nil:
			s.turnAway(w, r, "This came from another site's page. Acts are taken from our own pages only.", http.StatusForbidden)
		case r.ContentLength > maxForm:
			s.turnAway(w, r, "The body is too large.", http.StatusRequestEntityTooLarge)
		default:
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
			s.seat(w, r, next)
		}
	})
}

// seat serves a request while there is room. Event streams have seats of their
// own; who waits for an answer shared with others stands up.
func (s *site) seat(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if r.URL.Path == "/events" {
		next.ServeHTTP(w, r)
		return
	}
	select {
	case s.seated <- struct{}{}:
		free := sync.OnceFunc(func() { <-s.seated })
		defer free()
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), seatKey{}, free)))
	case <-time.After(seatWait):
		s.busy(w, r, "Too many requests at a time.")
	case <-r.Context().Done():
	}
}

type seatKey struct{}

// standUp frees the seat of a request.
func standUp(ctx context.Context) {
	if free, ok := ctx.Value(seatKey{}).(func()); ok {
		free()
	}
}

// busy asks who sent a request to come back.
func (s *site) busy(w http.ResponseWriter, r *http.Request, text string) {
	w.Header().Set("Retry-After", "5")
	s.turnAway(w, r, text, http.StatusServiceUnavailable)
}

// seatWait is how long a request may wait for its turn.
const seatWait = 5 * time.Second

// turnAway refuses a request in the words of who sent it: a machine or a person.
func (s *site) turnAway(w http.ResponseWriter, r *http.Request, text string, status int) {
	if strings.HasPrefix(r.URL.Path, "/api/") {
		s.reply(w, status, errorReply{text})
		return
	}
	http.Error(w, text, status)
}

const onlyAsks = "This address only answers questions: GET or HEAD."

// asks reports whether a request only asks.
func asks(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }
