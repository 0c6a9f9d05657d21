package web

import (
	"context"
	"net/http"
)

// A need is what a route asks of its visitor.
type need uint8

// The needs, mildest first.
const (
	anyone  need = iota // whoever asks: health, style sheets, the login itself
	reading             // a login, or the public view where there is one
	knowing             // a login: there is no public form of it
	acting              // a login, from our own pages or from a program
)

var needNames = [...]string{"anyone", "reading", "knowing", "acting"}

func (n need) String() string { return needNames[n] }

type visitorKey struct{}

// visiting is who sent a request that was admitted.
func visiting(ctx context.Context) visitor {
	v, _ := ctx.Value(visitorKey{}).(visitor)
	return v
}

// admit lets through who may, and tells others how they could.
func (s *site) admit(r route) http.HandlerFunc {
	if r.needs == anyone {
		return func(w http.ResponseWriter, q *http.Request) { r.serve(w, q.WithContext(s.with(q, visitor{}))) }
	}
	refuse := s.refusePage
	if r.machine {
		refuse = s.refuseMachine
	}
	return func(w http.ResponseWriter, q *http.Request) {
		v, public := s.gate.visitor(q), s.gate.public()
		if less, copied := copied(q, v); copied {
			v, public = less, public || v.private
		}
		switch {
		case v.private:
			r.serve(w, q.WithContext(s.with(q, v)))
		case v.wrong && !s.gate.failures.Allow():
			w.Header().Set("Retry-After", "10")
			refuse(w, q, http.StatusTooManyRequests)
		case !v.wrong && r.needs == reading && public:
			if r.public == nil { // the same for everybody
				r.serve(w, q.WithContext(s.with(q, v)))
				return
			}
			r.public(w, q.WithContext(s.with(q, v)))
		default:
			refuse(w, q, http.StatusUnauthorized)
		}
	}
}

func (s *site) with(r *http.Request, v visitor) context.Context {
	return context.WithValue(r.Context(), visitorKey{}, v)
}

// challenge names the ways in that a program or a browser's own dialogue can
// take.
func (s *site) challenge(w http.ResponseWriter, browser bool) {
	if s.gate.User != "" {
		w.Header().Add("WWW-Authenticate", `Basic realm="shapewatch", charset="UTF-8"`)
	}
	if s.gate.Token != "" && !browser {
		w.Header().Add("WWW-Authenticate", `Bearer realm="shapewatch"`)
	}
}

func (s *site) refuseMachine(w http.ResponseWriter, _ *http.Request, status int) {
	text := "this needs a login: send the page's token as Authorization: Bearer …"
	switch {
	case status == http.StatusTooManyRequests:
		text = "too many wrong credentials: wait"
	case !s.gate.configured():
		text = "this is for whoever sits at the machine of shapewatch: configure page.token to allow it from elsewhere"
		status = http.StatusForbidden
	default:
		s.challenge(w, false)
	}
	s.reply(w, status, errorReply{text})
}

func (s *site) refusePage(w http.ResponseWriter, r *http.Request, status int) {
	if status == http.StatusUnauthorized {
		if !s.gate.configured() {
			status = http.StatusForbidden
		} else if s.gate.Token == "" && s.gate.OIDC.Issuer == "" {
			s.challenge(w, true)
		}
	}
	s.draw(w, r, s.loginContent(r, status))
}
