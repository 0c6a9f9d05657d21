package probes

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// OAuth2Options describe an OAuth 2.0 client that acts for itself (RFC 6749,
// section 4.4: client credentials).
type OAuth2Options struct {
	TokenURL     string // absolute
	ClientID     string
	ClientSecret string
	Scopes       []string
	Params       url.Values // further parameters of the token request: "audience"
}

const (
	refreshEarly  = time.Minute // before a token expires, or at half its life if that is later
	tokenFailsFor = 30 * time.Second
)

// oauth2Client fetches one token at a time for all who need it, and keeps it
// in memory alone.
type oauth2Client struct {
	hidden
	config clientcredentials.Config
	fetch  func(context.Context) (*oauth2.Token, error)
	turn   chan struct{} // held by who fetches

	mu       sync.Mutex
	token    *oauth2.Token
	previous string // may still be echoed
	fetched  time.Time
	refresh  time.Time // zero: never
	failure  error
	failed   time.Time
}

// OAuth2 authenticates by a token that it fetches with client credentials,
// through the guard and budget of the client that asks. A token is fetched
// again a minute before it expires, and when the API refuses it. A failure
// holds for 30 s, so that many probes do not hammer a token endpoint.
func OAuth2(o OAuth2Options) Auth {
	client := &oauth2Client{
		hidden: "oauth2",
		config: clientcredentials.Config{
			TokenURL: o.TokenURL, ClientID: o.ClientID, ClientSecret: o.ClientSecret,
			Scopes: o.Scopes, EndpointParams: o.Params,
		},
		turn: make(chan struct{}, 1),
	}
	client.fetch = client.config.Token
	return client
}

// Apply implements [Auth].
func (o *oauth2Client) Apply(ctx context.Context, r *http.Request) error {
	token, err := o.current(ctx)
	if err != nil {
		return err
	}
	token.SetAuthHeader(r)
	return nil
}

// Secrets implements [Auth].
func (o *oauth2Client) Secrets() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	secrets := []string{o.config.ClientSecret}
	if o.token != nil {
		secrets = append(secrets, o.token.AccessToken)
	}
	if o.previous != "" {
		secrets = append(secrets, o.previous)
	}
	return secrets
}

func (o *oauth2Client) renew() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.token == nil || time.Since(o.fetched) < refreshEarly {
		return false
	}
	o.refresh = time.Now()
	return true
}

// current returns a token that lasts, waiting for whoever fetches one already.
func (o *oauth2Client) current(ctx context.Context) (*oauth2.Token, error) {
	if token, err, known := o.known(); known {
		return token, err
	}
	select {
	case o.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, o.inWords(ctx.Err())
	}
	defer func() { <-o.turn }()
	if token, err, known := o.known(); known {
		return token, err
	}
	token, err := o.fetch(ctx)
	if err != nil {
		err = o.inWords(err)
	}
	if !errors.Is(ctx.Err(), context.Canceled) { // one caller's leaving says nothing to the others
		o.keep(token, err)
	}
	return token, err
}

func (o *oauth2Client) known() (token *oauth2.Token, err error, known bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failure != nil && time.Since(o.failed) < tokenFailsFor {
		return nil, o.failure, true
	}
	fresh := o.token != nil && (o.refresh.IsZero() || time.Now().Before(o.refresh))
	return o.token, nil, fresh
}

func (o *oauth2Client) keep(token *oauth2.Token, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	if o.failure = err; err != nil {
		o.failed = now
		return
	}
	if o.token != nil {
		o.previous = o.token.AccessToken
	}
	o.token, o.fetched, o.refresh = token, now, time.Time{}
	if !token.Expiry.IsZero() {
		life := token.Expiry.Sub(now)
		o.refresh = now.Add(max(life-refreshEarly, life/2))
	}
}

// inWords says what went wrong at the token endpoint, and nothing that it said
// but its error code.
func (o *oauth2Client) inWords(err error) error {
	host := "the token endpoint"
	if u, parseErr := url.Parse(o.config.TokenURL); parseErr == nil {
		host += " " + readableHost(u)
	}
	var refused *oauth2.RetrieveError
	var f failure
	switch {
	case errors.As(err, &refused) && refused.ErrorCode != "":
		return fmt.Errorf("%s answered %d (%s)", host, refused.Response.StatusCode, printable(refused.ErrorCode, 60))
	case errors.As(err, &refused):
		return fmt.Errorf("%s answered %d", host, refused.Response.StatusCode)
	case errors.As(err, &f):
		return fmt.Errorf("the token endpoint: %w", f)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s did not answer in time", host)
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%s: the check was stopped", host)
	}
	return fmt.Errorf("%s sent no token that can be read", host)
}

func withTokenClient(ctx context.Context, c *http.Client) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, c)
}
