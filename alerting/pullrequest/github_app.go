package pullrequest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// tokenAge is how long a token of an App is used; it lasts an hour.
const tokenAge = 50 * time.Minute

// A githubApp is a GitHub App: it signs who it is, and gets tokens for its
// installation in the repository.
type githubApp struct {
	id, root     string
	key          *rsa.PrivateKey
	guard        *guard
	client       *http.Client
	mu           sync.Mutex
	installation int64
	token        string
	until        time.Time
	rights       map[string]string
}

func newGitHubApp(o GitHubOptions, root string, g *guard) (*githubApp, error) {
	key, err := rsaKey([]byte(o.Key))
	if err != nil {
		return nil, fmt.Errorf("github: the key of App %s: %w", o.App, err)
	}
	own := newGuard(g.forge, maxAnswer, o.Key)
	return &githubApp{id: o.App, root: root, key: key, guard: g, client: own.client(o.HTTPClient), installation: o.Installation}, nil
}

// rsaKey reads a private key in either of its notations.
func rsaKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("it is no PEM; take the file that GitHub offered when the key was made")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if key, is := key.(*rsa.PrivateKey); err == nil && is {
		return key, nil
	}
	return nil, errors.New("it is no RSA key")
}

// claim is a JWT that says for ten minutes at most that we are the App. It
// begins a minute ago: clocks differ.
func (a *githubApp) claim(now time.Time) (string, error) {
	claims, err := json.Marshal(map[string]any{"iss": a.id, "iat": now.Add(-time.Minute).Unix(), "exp": now.Add(8 * time.Minute).Unix()})
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, a.key, crypto.SHA256, sum[:])
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), err
}

// issue is a token for a repository, a new one when the last is old.
func (a *githubApp) issue(ctx context.Context, repository string) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.token != "" && time.Now().Before(a.until) {
		return a.token, nil
	}
	if a.installation == 0 {
		var found struct {
			ID int64 `json:"id"`
		}
		if err := a.ask(ctx, http.MethodGet, "repos/"+repository+"/installation", nil, &found); err != nil {
			return "", a.blame(err, "the App is not installed in this repository: install it there")
		}
		a.installation = found.ID
	}
	var issued struct {
		Token       string            `json:"token"`
		ExpiresAt   time.Time         `json:"expires_at"`
		Permissions map[string]string `json:"permissions"`
	}
	_, name, _ := strings.Cut(repository, "/")
	path := fmt.Sprintf("app/installations/%d/access_tokens", a.installation)
	if err := a.ask(ctx, http.MethodPost, path, map[string]any{"repositories": []string{name}}, &issued); err != nil {
		return "", a.blame(err, "the installation gives no token for this repository: check its ID and which repositories it has")
	}
	if issued.Token == "" {
		return "", a.guard.refusal(0, "it issued no token", false)
	}
	a.guard.hide(issued.Token)
	a.token, a.rights, a.until = issued.Token, issued.Permissions, earlier(time.Now().Add(tokenAge), issued.ExpiresAt.Add(-time.Minute))
	return a.token, nil
}

// blame adds to a refusal that there is no such thing what that means here.
func (a *githubApp) blame(err error, hint string) error {
	var r *Refusal
	if errors.As(err, &r) && r.Status == http.StatusNotFound {
		return a.guard.refusal(r.Status, r.Text+": "+hint, true)
	}
	return err
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// ask makes one request as the App.
func (a *githubApp) ask(ctx context.Context, method, path string, body, answer any) error {
	claim, err := a.claim(time.Now())
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&text).Encode(body); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, a.root+path, &text)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+claim)
	r.Header.Set("Accept", "application/vnd.github+json")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := a.client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return json.NewDecoder(response.Body).Decode(answer)
}

// forget drops a token that was taken back.
func (a *githubApp) forget(token string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.token == token {
		a.token = ""
	}
}

// permissions are what the installation may do, once a token was issued.
func (a *githubApp) permissions() map[string]string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.rights
}
