package probes

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/oauth2"
)

// LoginOptions describe a request that is answered with a token.
type LoginOptions struct {
	URL     string // absolute; asked with POST
	Header  http.Header
	Body    []byte
	Token   string // JSON Pointer to the token in the answer
	Expires string // JSON Pointer to the seconds that it lasts; empty means until it is refused
	Name    string // of the header that carries it; "" means Authorization
	Prefix  string // before the token in it: "Bearer "
	Secrets []string
}

// maxLogin bounds the answer to a login, in bytes.
const maxLogin = 1 << 20

// A login is a token that is fetched once for all who need it, kept in memory
// alone, and fetched anew before it expires and when it is refused.
type login struct {
	*oauth2Client
	options LoginOptions
}

// Login authenticates by a token that a request of the vendor's own is answered
// with. It is shared, renewed and limited as that of [OAuth2] is.
func Login(o LoginOptions) Auth {
	if o.Name == "" {
		o.Name = "Authorization"
	}
	l := &login{oauth2Client: &oauth2Client{hidden: "login", turn: make(chan struct{}, 1)}, options: o}
	l.config.TokenURL, l.fetch = o.URL, l.logIn
	return l
}

// Apply implements [Auth].
func (l *login) Apply(ctx context.Context, r *http.Request) error {
	token, err := l.current(ctx)
	if err != nil {
		return err
	}
	r.Header[http.CanonicalHeaderKey(l.options.Name)] = []string{l.options.Prefix + token.AccessToken}
	return nil
}

// Secrets implements [Auth].
func (l *login) Secrets() []string { return append(l.oauth2Client.Secrets(), l.options.Secrets...) }

// logIn asks for a token.
func (l *login) logIn(ctx context.Context) (*oauth2.Token, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.options.URL, bytes.NewReader(l.options.Body))
	if err != nil {
		return nil, errors.New("its address cannot be read")
	}
	for name, values := range l.options.Header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	client, _ := ctx.Value(oauth2.HTTPClient).(*http.Client)
	if client == nil {
		return nil, errors.New("no client to log in with")
	}
	response, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxLogin))
	if err != nil {
		return nil, err
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return nil, &oauth2.RetrieveError{Response: response}
	}
	return l.tokenIn(body)
}

// tokenIn finds the token in an answer. A token that no header can carry is
// none.
func (l *login) tokenIn(body []byte) (*oauth2.Token, error) {
	token := &oauth2.Token{AccessToken: textAt(body, l.options.Token)}
	if token.AccessToken == "" || printable(token.AccessToken, 1<<16) != token.AccessToken {
		return nil, errors.New("no token in the answer")
	}
	if seconds, err := strconv.ParseInt(textAt(body, l.options.Expires), 10, 32); l.options.Expires != "" && err == nil && seconds > 0 {
		token.Expiry = time.Now().Add(time.Duration(seconds) * time.Second)
	}
	return token, nil
}
