package probes_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"shapewatch/probes"
)

// An issuer is a fake token endpoint with the API it issues for.
type issuer struct {
	issued  atomic.Int32
	life    int // of tokens, in seconds
	answer  vendor
	slow    time.Duration
	revoked atomic.Int32 // tokens up to this number are refused
}

// RoundTrip implements [http.RoundTripper].
func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == "/token" {
		return i.token(r)
	}
	var number int32
	fmt.Sscanf(r.Header.Get("Authorization"), "Bearer "+canary+"-%d", &number)
	if number == 0 || number <= i.revoked.Load() {
		return answer(http.StatusUnauthorized, nil, object())
	}
	return answer(http.StatusOK, nil, object())
}

func (i *issuer) token(r *http.Request) (*http.Response, error) {
	number := i.issued.Add(1)
	time.Sleep(i.slow)
	if i.answer != nil {
		return i.answer(r)
	}
	if user, password, _ := r.BasicAuth(); user != "me" || password != "secret-of-me" {
		return answer(http.StatusUnauthorized, nil, object())
	}
	body := fmt.Sprintf(`{"access_token":"%s-%d","token_type":"bearer","expires_in":%d}`, canary, number, i.life)
	return answer(http.StatusOK, http.Header{"Content-Type": {"application/json"}}, strings.NewReader(body))
}

func oauthProbe() probes.Probe {
	p := probe()
	p.Auth = probes.OAuth2(probes.OAuth2Options{TokenURL: "https://id.example.com/token", ClientID: "me", ClientSecret: "secret-of-me"})
	return p
}

func TestOAuth2_FetchesOneTokenForAllAndRefreshesEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &issuer{life: 600, slow: time.Second}
		client, p := newClient(t, probes.Options{Transport: server}), oauthProbe()
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if s := client.Do(t.Context(), p); s.Class != probes.Valid || s.Latency != 0 {
					t.Errorf("%s %q, latency %s: fetching a token is no latency", s.Class, s.Problem, s.Latency)
				}
			})
		}
		all.Wait()
		time.Sleep(530 * time.Second)
		client.Do(t.Context(), p)
		if got := server.issued.Load(); got != 1 {
			t.Errorf("%d tokens while the first lasts", got)
		}
		time.Sleep(20 * time.Second) // 550 s into a life of 600
		client.Do(t.Context(), p)
		if got := server.issued.Load(); got != 2 {
			t.Errorf("%d tokens a minute before the first expires, want 2", got)
		}
	})
}

func TestOAuth2_RenewsATokenThatIsRefusedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &issuer{life: 3600}
		client, p := newClient(t, probes.Options{Transport: server}), oauthProbe()
		client.Do(t.Context(), p)
		time.Sleep(5 * time.Minute)
		server.revoked.Store(1)
		if s := client.Do(t.Context(), p); s.Class != probes.Valid || s.Attempts != 2 {
			t.Errorf("%s %q after %d attempts, want a new token to be used", s.Class, s.Problem, s.Attempts)
		}
		server.revoked.Store(1000)
		for range 5 {
			if s := client.Do(t.Context(), p); s.Status != http.StatusUnauthorized {
				t.Errorf("%s %q", s.Class, s.Problem)
			}
		}
		if got := server.issued.Load(); got != 2 {
			t.Errorf("%d tokens: an API that refuses all must not hammer the token endpoint", got)
		}
	})
}

func TestOAuth2_SaysWhatTheTokenEndpointDid(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer vendor
		want   string
	}{
		{"refused", func(*http.Request) (*http.Response, error) {
			return answer(400, http.Header{"Content-Type": {"application/json"}}, strings.NewReader(`{"error":"invalid_client","error_description":"secret-of-me"}`))
		}, "the token endpoint id.example.com answered 400 (invalid_client)"},
		{"page", func(*http.Request) (*http.Response, error) {
			return answer(200, http.Header{"Content-Type": {"text/html"}}, strings.NewReader("<html>secret-of-me"))
		}, "the token endpoint id.example.com sent no token that can be read"},
		{"redirect", func(*http.Request) (*http.Response, error) {
			return answer(302, http.Header{"Location": {"https://evil.example/"}}, object())
		}, "the token endpoint id.example.com answered 302"},
		{"silence", silent,
			"the token endpoint: no answer within 10 s (before a connection)"},
		{"closed", func(*http.Request) (*http.Response, error) { return nil, io.EOF },
			"the token endpoint: id.example.com closed the connection without an answer (before a connection)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &issuer{answer: test.answer}
				client, p := newClient(t, probes.Options{Transport: server}), oauthProbe()
				s := client.Do(t.Context(), p)
				if s.Class != probes.Unreachable || s.Problem != "credentials: "+test.want {
					t.Errorf("%s %q, want credentials: %s", s.Class, s.Problem, test.want)
				}
				asked := server.issued.Load()
				client.Do(t.Context(), p)
				if got := server.issued.Load(); got != asked {
					t.Errorf("asked again at once: a failure holds for a while")
				}
				time.Sleep(31 * time.Second)
				client.Do(t.Context(), p)
				if got := server.issued.Load(); got == asked {
					t.Errorf("never asked again")
				}
			})
		})
	}
}

func TestOAuth2_GuardsTheTokenEndpoint(t *testing.T) {
	inside := &recorder{}
	server := httptest.NewServer(inside)
	defer server.Close()
	p := loopback("")
	p.URL, p.AllowPrivate = "https://api.example.com/", false
	p.Auth = probes.OAuth2(probes.OAuth2Options{TokenURL: server.URL + "/token", ClientID: "me", ClientSecret: canary})
	s := newClient(t, probes.Options{}).Do(context.Background(), p)
	if !strings.HasPrefix(s.Problem, "credentials: the token endpoint: 127.0.0.1") || !strings.HasSuffix(s.Problem, guarded) || inside.String() != "" {
		t.Errorf("%q, and the inside saw %q", s.Problem, inside.String())
	}
}

func TestOAuth2_HoldsNoFailureAgainstOthersWhenOneLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &issuer{life: 600, slow: time.Second}
		client, p := newClient(t, probes.Options{Transport: server}), oauthProbe()
		server.answer = silent
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(2*time.Second, cancel)
		if s := client.Do(ctx, p); s.Class != probes.Unreachable {
			t.Errorf("%s %q", s.Class, s.Problem)
		}
		server.answer = nil
		if s := client.Do(t.Context(), p); s.Class != probes.Valid {
			t.Errorf("%s %q, want the next to fetch a token", s.Class, s.Problem)
		}
	})
}
