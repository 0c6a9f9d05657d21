package probes_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"sync"
	"testing"

	"shapewatch/probes"
)

const canary = "Canary-7f3A9c51E0"

// A recorder keeps every byte of every request it gets.
type recorder struct {
	mu   sync.Mutex
	seen bytes.Buffer
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	dump, _ := httputil.DumpRequest(request, true)
	r.seen.Write(dump)
	io.WriteString(w, `{}`)
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen.String()
}

// carriers are the ways in which a probe can carry a secret.
func carriers() map[string]func(*probes.Probe) {
	return map[string]func(*probes.Probe){
		"header": func(p *probes.Probe) { p.Header = http.Header{"X-Api-Key": {canary}} },
		"cookie": func(p *probes.Probe) { p.Header = http.Header{"Cookie": {"session=" + canary}} },
		"query":  func(p *probes.Probe) { p.Query = http.Header{"api_key": {canary}} },
		"body": func(p *probes.Probe) {
			p.Method, p.Body, p.Secrets = "POST", []byte(`{"key":"`+canary+`"}`), []string{canary}
		},
		"bearer":       func(p *probes.Probe) { p.Auth = probes.Bearer(canary) },
		"basic":        func(p *probes.Probe) { p.Auth = probes.Basic("me", canary) },
		"basic user":   func(p *probes.Probe) { p.Auth = probes.Basic(canary, "") },
		"auth header":  func(p *probes.Probe) { p.Auth = probes.Header("X-Custom", "Key "+canary) },
		"auth query":   func(p *probes.Probe) { p.Auth = probes.Query("k", canary) },
		"named header": func(p *probes.Probe) { p.Header, p.Secrets = http.Header{"X-Custom": {canary}}, []string{canary} },
	}
}

func TestDo_SendsNoByteToAnotherHost(t *testing.T) {
	other := &recorder{}
	elsewhere := httptest.NewServer(other)
	defer elsewhere.Close()
	client := newClient(t, probes.Options{})
	for name, carry := range carriers() {
		for _, code := range []int{301, 302, 303, 307, 308} {
			t.Run(fmt.Sprintf("%s over %d", name, code), func(t *testing.T) {
				vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Location", elsewhere.URL+"/?"+r.URL.RawQuery)
					w.WriteHeader(code)
				}))
				defer vendor.Close()
				p := loopback(vendor.Listener.Addr().String())
				carry(&p)
				s := client.Do(context.Background(), p)
				want := "now redirects to " + elsewhere.Listener.Addr().String()
				if s.Class != probes.Status || !strings.HasSuffix(s.Problem, want) {
					t.Errorf("%s %q, want %s ending in %q", s.Class, s.Problem, probes.Status, want)
				}
				if location := s.Header.Get("Location"); strings.Contains(location, "?") {
					t.Errorf("kept the query of Location: %s", location)
				}
			})
		}
	}
	if got := other.String(); got != "" {
		t.Errorf("the other host was asked:\n%s", got)
	}
}

func TestDo_FollowsWithinTheOriginAsTheStatusSays(t *testing.T) {
	for _, test := range []struct {
		code       int
		method     string
		wantMethod string
		wantBody   string
	}{
		{301, "GET", "GET", ""}, {302, "GET", "GET", ""}, {303, "GET", "GET", ""}, {307, "GET", "GET", ""}, {308, "GET", "GET", ""},
		{301, "POST", "GET", ""}, {302, "POST", "GET", ""}, {303, "POST", "GET", ""}, {307, "POST", "POST", "{}"}, {308, "POST", "POST", "{}"},
		{301, "HEAD", "HEAD", ""}, {303, "HEAD", "HEAD", ""},
	} {
		t.Run(fmt.Sprintf("%s over %d", test.method, test.code), func(t *testing.T) {
			var got string
			vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/v1" {
					http.Redirect(w, r, "/v2?page=2", test.code)
					return
				}
				body, _ := io.ReadAll(r.Body)
				got = fmt.Sprintf("%s %s %s%s", r.Method, r.URL, r.Header.Get("Authorization"), body)
				io.WriteString(w, `{}`)
			}))
			defer vendor.Close()
			p := loopback(vendor.Listener.Addr().String())
			p.Method, p.Auth = test.method, probes.Bearer(canary)
			if test.method == "POST" {
				p.Body = []byte("{}")
			}
			s := newClient(t, probes.Options{}).Do(context.Background(), p)
			want := fmt.Sprintf("%s /v2?page=2 Bearer %s%s", test.wantMethod, canary, test.wantBody)
			if s.Class != probes.Valid || got != want {
				t.Errorf("class %s (%s), second request %q, want %q", s.Class, s.Problem, got, want)
			}
		})
	}
}

func TestDo_SendsCredentialsNowhereByDowngrade(t *testing.T) {
	plain := &recorder{}
	downgraded := httptest.NewServer(plain)
	defer downgraded.Close()
	vendor := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, downgraded.URL, http.StatusFound)
	}))
	defer vendor.Close()
	p := loopback(vendor.Listener.Addr().String())
	p.URL = vendor.URL
	p.Auth = probes.Bearer(canary)
	s := newClient(t, probes.Options{RootCAs: rootsOf(vendor)}).Do(context.Background(), p)
	if s.Class != probes.Status || !strings.Contains(s.Problem, "now redirects to http://127.0.0.1") || plain.String() != "" {
		t.Errorf("%s %q, and the plain server saw %q", s.Class, s.Problem, plain.String())
	}
}

func TestDo_TreatsAnExpectedRedirectAsAnAnswer(t *testing.T) {
	vendor := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusFound)
		io.WriteString(w, `{"moved":true}`)
	}))
	defer vendor.Close()
	p := loopback(vendor.Listener.Addr().String())
	p.Expect = []int{302}
	s := newClient(t, probes.Options{}).Do(context.Background(), p)
	if s.Class != probes.Valid || string(s.Body) != `{"moved":true}` {
		t.Errorf("%s %q with body %q, want the 302 itself", s.Class, s.Problem, s.Body)
	}
}
