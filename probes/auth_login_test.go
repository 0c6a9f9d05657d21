package probes_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"shapewatch/probes"
)

// TestLogin_IsMadeOnceAndAnewWhenItEnds counts logins over the life of a token
// that lasts ten minutes and is revoked once.
func TestLogin_IsMadeOnceAndAnewWhenItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logins, good := 0, ""
		client := probes.NewClient(probes.Options{Transport: vendor(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/login" {
				logins++
				good = fmt.Sprint("token-number-", logins)
				return answer(200, nil, strings.NewReader(fmt.Sprintf(`{"token":%q,"expires_in":"600"}`, good)))
			}
			if r.Header.Get("Authorization") != "Bearer "+good {
				return answer(401, nil, object())
			}
			return answer(200, nil, strings.NewReader(fmt.Sprintf(`{"echo":%q}`, good)))
		})})
		auth := probes.Login(probes.LoginOptions{URL: "https://a.example/login", Token: "/token", Expires: "/expires_in", Prefix: "Bearer "})
		ask := func(id string, want int) {
			t.Helper()
			s := client.Do(t.Context(), probes.Probe{ID: id, URL: "https://a.example/x", Auth: auth})
			if s.Class != probes.Valid || logins != want || strings.Contains(string(s.Body), "token-number") {
				t.Errorf("%s %q %s after %d logins, want %d", s.Class, s.Problem, s.Body, logins, want)
			}
		}
		ask("one", 1)
		ask("two", 1)
		time.Sleep(2 * time.Minute)
		good = "" // revoked: refused once, and had anew
		ask("one", 2)
		time.Sleep(8 * time.Minute)
		ask("two", 2)
		time.Sleep(90 * time.Second) // within the last minute of its life
		ask("two", 3)
	})
}

func TestLogin_SaysWhatIsWrongWithoutTheSecret(t *testing.T) {
	for body, says := range map[string]string{`{"token":null}`: "no token that can be read", `<html>`: "no token that can be read", `{"token":"a\r\nb: c"}`: "no token that can be read"} {
		synctest.Test(t, func(t *testing.T) {
			client := probes.NewClient(probes.Options{Transport: vendor(func(*http.Request) (*http.Response, error) { return answer(200, nil, strings.NewReader(body)) })})
			auth := probes.Login(probes.LoginOptions{URL: "https://a.example/login", Token: "/token", Body: []byte("canary-password"), Secrets: []string{"canary-password"}})
			s := client.Do(t.Context(), probes.Probe{ID: "x", URL: "https://a.example/x", Auth: auth})
			if s.Class != probes.Unreachable || !strings.Contains(s.Problem, says) || strings.Contains(s.Problem, "canary") {
				t.Errorf("%s: %s %q, want %q", body, s.Class, s.Problem, says)
			}
		})
	}
}
