package web

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// OIDC lets people in who log in with an OpenID provider.
type OIDC struct {
	Issuer                 string // URL; empty means none
	ClientID, ClientSecret string
	Allow                  []string     // e-mail addresses, or patterns such as *@acme.dev; the provider must have verified them
	Client                 *http.Client // nil means one with a timeout
}

const (
	issuerTimeout = 10 * time.Second
	callback      = "/login/callback"
)

// An issuer is an OpenID provider, discovered when first needed: a provider
// that is down must not keep the page from starting.
type issuer struct {
	mu    sync.Mutex
	found *oidc.Provider
}

func (i *issuer) provider(ctx context.Context, o OIDC) (*oidc.Provider, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.found != nil {
		return i.found, nil
	}
	p, err := oidc.NewProvider(context.WithoutCancel(ctx), o.Issuer) // it fetches keys later, beyond this request
	if err != nil {
		return nil, fmt.Errorf("login: %w", err)
	}
	i.found = p
	return p, nil
}

func (s *site) oidcContext(ctx context.Context) context.Context {
	client := s.gate.OIDC.Client
	if client == nil {
		client = &http.Client{Timeout: issuerTimeout}
	}
	return oidc.ClientContext(ctx, client)
}

func (s *site) oauth(p *oidc.Provider, r *http.Request) oauth2.Config {
	return oauth2.Config{
		ClientID: s.gate.OIDC.ClientID, ClientSecret: s.gate.OIDC.ClientSecret, Endpoint: p.Endpoint(),
		RedirectURL: s.base(r) + callback, Scopes: []string{oidc.ScopeOpenID, "email"},
	}
}

// oidcLogin sends the browser to the provider.
func (s *site) oidcLogin(w http.ResponseWriter, r *http.Request) {
	if s.gate.OIDC.Issuer == "" {
		s.missingPage(w, r)
		return
	}
	p, err := s.issuer.provider(s.oidcContext(r.Context()), s.gate.OIDC)
	if err != nil {
		s.Log.Error("page", "err", err)
		s.draw(w, r, unfit(http.StatusBadGateway, "The login cannot be reached", "The OpenID provider did not answer as one. The log says why; try again later."))
		return
	}
	state, nonce, verifier := random(), random(), oauth2.GenerateVerifier()
	kept := strings.Join([]string{state, nonce, verifier, here(r.URL.Query().Get("next"))}, "\n")
	s.remember(w, r, http.Cookie{
		Name: loginCookie, MaxAge: int(loginTime.Seconds()),
		Value: s.gate.sessions.seal(kept, forLogin, time.Now().Add(loginTime)),
	})
	config := s.oauth(p, r)
	http.Redirect(w, r, config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), http.StatusSeeOther)
}

// oidcCallback takes back what the provider says.
func (s *site) oidcCallback(w http.ResponseWriter, r *http.Request) {
	if s.gate.OIDC.Issuer == "" {
		s.missingPage(w, r)
		return
	}
	s.remember(w, r, http.Cookie{Name: loginCookie, MaxAge: -1})
	name, next, err := s.oidcName(r)
	if err != nil {
		s.Log.Warn("page: login refused", "err", err)
		s.draw(w, r, unfit(http.StatusForbidden, "You are not logged in", "The OpenID provider did not vouch for somebody who is allowed here. The log says why."))
		return
	}
	s.begin(w, r, name)
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// oidcName is who the provider vouches for and where they were going.
func (s *site) oidcName(r *http.Request) (name, next string, err error) {
	cookie, err := r.Cookie(loginCookie)
	if err != nil {
		return "", "", errors.New("no login is under way in this browser")
	}
	kept := strings.Split(s.gate.sessions.open(cookie.Value, forLogin, time.Now()), "\n")
	if len(kept) != 4 || !same(kept[0], r.URL.Query().Get("state")) {
		return "", "", errors.New("the answer is not to the question of this browser")
	}
	if problem := r.URL.Query().Get("error"); problem != "" {
		return "", "", fmt.Errorf("the provider says %.80q", problem)
	}
	ctx := s.oidcContext(r.Context())
	p, err := s.issuer.provider(ctx, s.gate.OIDC)
	if err != nil {
		return "", "", err
	}
	config := s.oauth(p, r)
	token, err := config.Exchange(ctx, r.URL.Query().Get("code"), oauth2.VerifierOption(kept[2]))
	if err != nil {
		return "", "", errors.New("the provider did not exchange the code") // its text may hold the code
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.VerifierContext(ctx, &oidc.Config{ClientID: s.gate.OIDC.ClientID}).Verify(ctx, raw)
	if err != nil {
		return "", "", fmt.Errorf("id token: %w", err)
	}
	if !same(id.Nonce, kept[1]) {
		return "", "", errors.New("the id token is from another login")
	}
	name, err = s.gate.OIDC.allowed(id)
	return name, here(kept[3]), err
}

// allowed is the verified address of a person who may log in.
func (o OIDC) allowed(id *oidc.IDToken) (string, error) {
	var claims struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	if err := id.Claims(&claims); err != nil {
		return "", fmt.Errorf("id token: %w", err)
	}
	if claims.Email == "" || !claims.Verified {
		return "", errors.New("the provider names no verified e-mail address")
	}
	address := strings.ToLower(claims.Email)
	for _, pattern := range o.Allow {
		if ok, err := path.Match(strings.ToLower(pattern), address); ok && err == nil {
			return named(claims.Email), nil
		}
	}
	return "", errors.New("page.oidc.allow does not name this person")
}

func random() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: the runtime ends the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}
