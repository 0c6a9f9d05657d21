package web

import (
	"net/http"
	"strings"
)

type loginContent struct {
	Token, OIDC bool
	Configured  bool
	Basic       bool
	Next        string // where to go once logged in
	Wrong       bool
	Patience    bool // too many wrong attempts
}

// loginContent is the page that asks who you are, instead of the one that was
// asked for.
func (s *site) loginContent(r *http.Request, status int) page {
	next := here(r.URL.Query().Get("next"))
	if next == "/" && r.Method == http.MethodGet && r.URL.Path != "/login" {
		next = here(r.URL.RequestURI())
	}
	return page{template: "login", status: status, Name: "Log in", Content: loginContent{
		Token: s.gate.Token != "", OIDC: s.gate.OIDC.Issuer != "", Basic: s.gate.User != "",
		Configured: s.gate.configured(), Next: next,
		Wrong: r.Method == http.MethodPost && r.URL.Path == "/login", Patience: status == http.StatusTooManyRequests,
	}}
}

// here is an address on this server, "/" for anything else: a login must not
// send anybody away.
func here(address string) string {
	if len(address) > maxQuery || !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") ||
		strings.ContainsAny(address, "\\\r\n\t") {
		return "/"
	}
	return address
}

func (s *site) loginPage(w http.ResponseWriter, r *http.Request) {
	if s.gate.visitor(r).private {
		http.Redirect(w, r, here(r.URL.Query().Get("next")), http.StatusSeeOther)
		return
	}
	s.draw(w, r, s.loginContent(r, http.StatusOK))
}

// login takes the token from the form.
func (s *site) login(w http.ResponseWriter, r *http.Request) {
	token := r.PostFormValue("token")
	switch {
	case s.gate.Token != "" && same(token, s.gate.Token):
		name := named(r.PostFormValue("name"))
		if name == "" {
			name = "token"
		}
		s.begin(w, r, name+" (token)")
		http.Redirect(w, r, here(r.PostFormValue("next")), http.StatusSeeOther)
	case !s.gate.failures.Allow():
		s.draw(w, r, s.loginContent(r, http.StatusTooManyRequests))
	default:
		s.draw(w, r, s.loginContent(r, http.StatusUnauthorized))
	}
}

func (s *site) logout(w http.ResponseWriter, r *http.Request) {
	s.remember(w, r, http.Cookie{Name: sessionCookie, MaxAge: -1})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
