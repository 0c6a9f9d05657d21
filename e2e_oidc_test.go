package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oauth2-proxy/mockoidc"
)

// TestLogin_WithAnOpenIDProvider logs people in at the built binary through a
// provider that others wrote, and turns away whom it must.
func TestLogin_WithAnOpenIDProvider(t *testing.T) {
	t.Parallel()
	provider, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = provider.Shutdown() }) // the test is over
	dir, at := t.TempDir(), freeAddress(t)
	config := fmt.Sprintf(`
apis: [{ name: shop, url: "http://127.0.0.1:1/v1", allow_private: true, every: 1h }]
store: { path: shapewatch.db }
page: { url: "http://%s", oidc: { issuer: %q, client_id: %q, client_secret: %q, allow: ["*@acme.dev"] } }
`, at, provider.Issuer(), provider.ClientID, provider.ClientSecret)
	if err := os.WriteFile(filepath.Join(dir, "shapewatch.yaml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServerAt(t, builtBinary(t), dir, at)
	base := "http://" + s.addr
	for _, c := range []struct {
		name   string
		user   *mockoidc.MockUser
		broken *mockoidc.ServerError
		status int
		says   string
	}{
		{"allowed", &mockoidc.MockUser{Subject: "1", Email: "Ada@acme.dev", EmailVerified: true}, nil, 200, "Ada@acme.dev"},
		{"of another company", &mockoidc.MockUser{Subject: "2", Email: "eve@evil.example", EmailVerified: true}, nil, 403, "You are not logged in"},
		{"with an address nobody verified", &mockoidc.MockUser{Subject: "3", Email: "ada@acme.dev"}, nil, 403, "You are not logged in"},
		{"refused by the provider", nil, &mockoidc.ServerError{Code: 500, Error: mockoidc.InternalServerError}, 500, ""},
	} {
		if c.user != nil {
			provider.QueueUser(c.user)
		}
		if c.broken != nil {
			provider.QueueError(c.broken)
		}
		browser := newVisitor(t)
		status, body := visit(t, browser, base+"/login/oidc?next="+url.QueryEscape("/silences"))
		if status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("somebody %s: %d, want %d with %q\n%.600s", c.name, status, c.status, c.says, body)
		}
		known, _ := visit(t, browser, base+"/api/v1/incidents")
		if (known == 200) != (c.status == 200) {
			t.Errorf("somebody %s reads what is private: %d", c.name, known)
		}
		if c.status == 200 {
			acted(t, browser, base)
		}
	}
	if status, _ := visit(t, newVisitor(t), base+"/login/callback?code=x&state=y"); status != 403 {
		t.Errorf("an answer nobody asked for: %d", status)
	}
	s.stop()
	if strings.Contains(s.log(), provider.ClientSecret) {
		t.Error("the secret is in the log")
	}
}

// acted begins a silence, and wants it in the audit trail under the person's
// name.
func acted(t *testing.T, browser *http.Client, base string) {
	t.Helper()
	r, err := http.NewRequest("POST", base+"/api/v1/silences", strings.NewReader(`{"matcher":{"api":"shop"},"for":"8h","reason":"they know"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if _, audit := visit(t, browser, base+"/api/v1/audit"); response.StatusCode != 200 || !strings.Contains(audit, `"actor":"Ada@acme.dev"`) {
		t.Errorf("an act: %d; audit %s", response.StatusCode, audit)
	}
}

// newVisitor is a browser without a past.
func newVisitor(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

func visit(t *testing.T, browser *http.Client, address string) (status int, body string) {
	t.Helper()
	response, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(raw)
}
