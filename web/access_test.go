package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"shapewatch/web"
)

const token = "correct-horse-battery"

// A person is a way to come to the page.
type person struct {
	name string
	come func(*http.Request)
}

func from(address, host string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr, r.Host = address, host }
}

func with(come func(*http.Request), name, value string) func(*http.Request) {
	return func(r *http.Request) {
		come(r)
		r.Header.Set(name, value)
	}
}

var (
	atHome    = from("127.0.0.1:50000", "localhost:8080")
	elsewhere = from("203.0.113.9:50000", "drift.example")
)

// TestAccess_IsForWhoMay sends everybody to a page of each need: what anybody
// may know, what takes a login, and an act.
func TestAccess_IsForWhoMay(t *testing.T) {
	open := web.Access{}
	locked := web.Access{
		Token: token, User: "ops", Password: "s3cret-password",
		Proxy: web.TrustedProxy{Header: "X-Forwarded-User", From: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}},
	}
	shown := locked
	shown.Public = true
	proxied := from("10.1.2.3:4", "drift.example")
	const all, public, none = "all", "public", "none"
	for _, c := range []struct {
		access web.Access
		url    string
		person
		sees string
	}{
		{open, "", person{"at home", atHome}, all},
		{open, "", person{"at home, by IPv6", from("[::1]:5", "[::1]:8080")}, all},
		{open, "http://localhost:8080", person{"at home, page published there", atHome}, all},
		{open, "https://drift.example", person{"through a proxy that hides it", atHome}, public},
		{open, "", person{"elsewhere", elsewhere}, public},
		{open, "", person{"elsewhere, saying localhost", from("203.0.113.9:5", "localhost")}, public},
		{open, "", person{"a name that leads here", from("127.0.0.1:5", "rebound.example:8080")}, public},
		{open, "", person{"a proxy at home", with(atHome, "X-Forwarded-For", "203.0.113.9")}, public},
		{open, "", person{"a proxy at home, by RFC 7239", with(atHome, "Forwarded", "for=203.0.113.9")}, public},
		{open, "", person{"any token without a login", with(elsewhere, "Authorization", "Bearer x")}, none},
		{open, "", person{"a proxy's header without a proxy", with(elsewhere, "X-Forwarded-User", "ada")}, public},
		{locked, "", person{"at home", atHome}, none},
		{locked, "", person{"elsewhere", elsewhere}, none},
		{locked, "", person{"the token", with(elsewhere, "Authorization", "Bearer "+token)}, all},
		{locked, "", person{"the token, scheme in small letters", with(elsewhere, "Authorization", "bearer "+token)}, all},
		{locked, "", person{"another token", with(elsewhere, "Authorization", "Bearer "+token+"x")}, none},
		{locked, "", person{"no token", with(elsewhere, "Authorization", "Bearer ")}, none},
		{locked, "", person{"user and password", with(elsewhere, "Authorization", "Basic b3BzOnMzY3JldC1wYXNzd29yZA==")}, all},
		{locked, "", person{"user and no password", with(elsewhere, "Authorization", "Basic b3BzOg==")}, none},
		{locked, "", person{"no user and no password", with(elsewhere, "Authorization", "Basic Og==")}, none},
		{locked, "", person{"through the trusted proxy", with(proxied, "X-Forwarded-User", "ada@acme.dev")}, all},
		{locked, "", person{"through it, nameless", proxied}, none},
		{locked, "", person{"its header from elsewhere", with(elsewhere, "X-Forwarded-User", "ada@acme.dev")}, none},
		{locked, "", person{"its header twice", func(r *http.Request) {
			proxied(r)
			r.Header["X-Forwarded-User"] = []string{"eve", "ada"}
		}}, none},
		{locked, "", person{"a made-up cookie", with(elsewhere, "Cookie", "shapewatch_session=YWRh.9999999999.AAAA")}, none},
		{shown, "", person{"elsewhere", elsewhere}, public},
		{shown, "", person{"another token", with(elsewhere, "Authorization", "Bearer nope")}, none},
		{shown, "", person{"the token", with(elsewhere, "Authorization", "Bearer "+token)}, all},
	} {
		w := newWorld(time.Now())
		w.access, w.url = c.access, c.url
		h := w.handler()
		ask := func(method, address, body string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, address, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			c.come(r)
			return send(h, r)
		}
		overview := ask("GET", "/", "")
		known := ask("GET", "/api/v1/incidents", "")
		act := ask("POST", "/api/v1/incidents/inc_00000000000000a1/acts", `{"act":"acknowledge"}`)
		refused := func(code int) bool { return code == 401 || code == 403 }
		want := map[string][3]bool{all: {true, true, true}, public: {true, false, false}, none: {}}[c.sees]
		for i, got := range []*httptest.ResponseRecorder{overview, known, act} {
			if want[i] != (got.Code == 200) || !want[i] && !refused(got.Code) {
				t.Errorf("%s: request %d: %d, want %s\n%.300s", c.name, i, got.Code, c.sees, got.Body)
			}
		}
		if private := strings.Contains(overview.Body.String(), "customer_id"); private != (c.sees == all) {
			t.Errorf("%s: the overview tells of customer_id: %t", c.name, private)
		}
		if acted := len(w.desk.acts) > 0; acted != (c.sees == all) {
			t.Errorf("%s: acted: %t", c.name, acted)
		}
	}
}

// TestAccess_TakesActsFromOurOwnPagesOnly sends acts as a browser does from
// another site's page.
func TestAccess_TakesActsFromOurOwnPagesOnly(t *testing.T) {
	w := newWorld(time.Now())
	h := w.handler()
	for _, c := range []struct {
		header, value string
		status        int
	}{
		{"Sec-Fetch-Site", "same-origin", 303}, {"Sec-Fetch-Site", "none", 303}, {"Sec-Fetch-Site", "cross-site", 403},
		{"Sec-Fetch-Site", "same-site", 403}, {"Origin", "https://evil.example", 403}, {"Origin", "null", 403}, {"Origin", "http://localhost:8080", 303},
	} {
		r := here("POST", "/incidents/inc_00000000000000a1/acts", strings.NewReader("act=acknowledge"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(c.header, c.value)
		if got := send(h, r); got.Code != c.status {
			t.Errorf("%s %s: %d, want %d", c.header, c.value, got.Code, c.status)
		}
	}
}

// TestPublicView_HasNoPlaceForWhatIsPrivate looks for everything that only the
// private view may show.
func TestPublicView_HasNoPlaceForWhatIsPrivate(t *testing.T) {
	w := newWorld(time.Now())
	w.problems = []string{"store at /var/lib/private.db is ill"}
	h := w.handler()
	for _, address := range []string{"/", "/api/v1/overview", "/feed.atom", "/login"} {
		r := httptest.NewRequest("GET", address, nil)
		elsewhere(r)
		got := send(h, r)
		if got.Code != 200 {
			t.Errorf("%s: %d", address, got.Code)
		}
		for _, private := range []string{"customer", "amount", "ana", "team-", "api-eu", "5,000", "private.db", "/v1/charges", "v1.2.3", "hunter2"} {
			if strings.Contains(got.Body.String(), private) {
				t.Errorf("%s shows %q:\n%s", address, private, got.Body)
			}
		}
	}
}

// TestLogin_LastsAsACookie enters the token in the form, reads a private page
// with the cookie, and logs out.
func TestLogin_LastsAsACookie(t *testing.T) {
	w := newWorld(time.Now())
	w.access, w.url = web.Access{Token: token}, "https://drift.example"
	h := w.handler()
	enter := func(secret, next string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/login", strings.NewReader("name=Ada&token="+secret+"&next="+next))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		elsewhere(r)
		return send(h, r)
	}
	if got := enter("wrong", "/"); got.Code != 401 || !strings.Contains(got.Body.String(), "not the token") || got.Header().Get("Set-Cookie") != "" {
		t.Errorf("a wrong token: %d %v", got.Code, got.Header())
	}
	for next, want := range map[string]string{"/incidents%3Fapi=ups": "/incidents?api=ups", "//evil.example": "/", "https://evil.example": "/", "/%5Cevil.example": "/"} {
		if got := enter(token, next); got.Code != 303 || got.Header().Get("Location") != want {
			t.Errorf("next %s leads to %q (%d)", next, got.Header().Get("Location"), got.Code)
		}
	}
	cookie := enter(token, "/").Result().Cookies()[0]
	if !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %+v", cookie)
	}
	r := httptest.NewRequest("POST", "/incidents/inc_00000000000000b2/acts", strings.NewReader("act=reject&reason=no"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	elsewhere(r)
	r.AddCookie(cookie)
	if got := send(h, r); got.Code != 303 || w.desk.acts[0].Actor != "Ada (token)" || w.desk.acts[0].Through != "page" {
		t.Errorf("%d, acts %+v", got.Code, w.desk.acts)
	}
	cookie.Value = cookie.Value[:len(cookie.Value)-2] + "xx"
	r = httptest.NewRequest("GET", "/incidents", nil)
	elsewhere(r)
	r.AddCookie(cookie)
	if got := send(h, r); got.Code != 401 || !strings.Contains(got.Body.String(), `action="/login"`) {
		t.Errorf("a changed cookie: %d", got.Code)
	}
}

// TestLogin_SlowsGuessing answers a flood of wrong tokens with 429, and the
// right one all the same.
func TestLogin_SlowsGuessing(t *testing.T) {
	w := newWorld(time.Now())
	w.access = web.Access{Token: token}
	h := w.handler()
	ask := func(secret string) int {
		r := here("GET", "/api/v1/incidents", nil)
		r.Header.Set("Authorization", "Bearer "+secret)
		return send(h, r).Code
	}
	last := 0
	for range 40 {
		last = ask("wrong")
	}
	if right := ask(token); last != 429 || right != 200 {
		t.Errorf("after 40 wrong tokens: %d; the right one: %d", last, right)
	}
}
