package pullrequest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"shapewatch/alerting"
)

// Bounds of what is taken from a forge.
const (
	maxAnswer = 64 << 20 // bytes of one answer
	maxSaid   = 400      // characters of what it says about a refusal
)

// A guard stands between a forge and its client. It turns every answer without
// success into a [Refusal], bounds all others, follows no redirect to another
// host (a token must not travel), and takes secrets out of what is told.
type guard struct {
	forge   string // its name
	next    http.RoundTripper
	limit   int64
	mu      sync.Mutex
	secrets []string
}

func newGuard(forge string, limit int64, secrets ...string) *guard {
	g := &guard{forge: forge, limit: limit}
	g.hide(secrets...)
	return g
}

// client is c with the guard in its way.
func (g *guard) client(c *http.Client) *http.Client {
	safe := *cmp.Or(c, http.DefaultClient)
	g.next = safe.Transport
	if g.next == nil {
		g.next = http.DefaultTransport
	}
	safe.Transport, safe.CheckRedirect = g, g.stay
	safe.Timeout = cmp.Or(safe.Timeout, 2*time.Minute)
	return &safe
}

// hide adds to what is never told: secrets of at least four characters, each
// line of a key, and how they look in an address.
func (g *guard) hide(secrets ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, secret := range secrets {
		for line := range strings.Lines(secret) {
			if line = strings.TrimSpace(line); len(line) >= 16 && line != secret && !strings.HasPrefix(line, "-----") {
				g.secrets = append(g.secrets, line)
			}
		}
		if len(secret) >= 4 {
			g.secrets = append(g.secrets, secret, url.QueryEscape(secret), url.PathEscape(secret))
		}
	}
}

// stay refuses a redirect to another host, and one that would turn a write
// into a read.
func (g *guard) stay(to *http.Request, via []*http.Request) error {
	from := via[0]
	switch {
	case to.URL.Host != from.URL.Host || to.URL.Scheme != from.URL.Scheme:
		return g.refusal(0, "it sends us to "+to.URL.Scheme+"://"+to.URL.Host+"; when that is right, write that address as its url", true)
	case to.Method != from.Method:
		return g.refusal(0, "it has moved and takes no writes at its old address; correct its repository or url", true)
	case len(via) > 3:
		return g.refusal(0, "it redirects without end", true)
	}
	return nil
}

// RoundTrip carries one request.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Header.Get("User-Agent") == "" || strings.HasPrefix(r.Header.Get("User-Agent"), "go-") {
		r = r.Clone(r.Context())
		r.Header.Set("User-Agent", "shapewatch")
	}
	response, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= http.StatusBadRequest {
		defer response.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(response.Body, 256<<10))
		return nil, g.answered(response, text)
	}
	response.Body = &bounded{response.Body, g, g.limit}
	return response, nil
}

// answered is the refusal that an answer without success is.
func (g *guard) answered(response *http.Response, text []byte) *Refusal {
	r := g.refusal(response.StatusCode, words(text), true)
	header := response.Header
	r.RetryAfter = retryAfter(header, time.Now())
	switch code := response.StatusCode; {
	case code >= 500, code == 429, code == 408, code == 409, code == 423, code == 425:
		r.Permanent = false
	case code == 404: // what it says of what is hidden, too
		r.Text += " (it is not there, or the token may not see it)"
	case code == 403:
		// How GitHub says "later".
		r.Permanent = header.Get("Retry-After") == "" && header.Get("X-RateLimit-Remaining") != "0"
	}
	if r.Permanent {
		r.RetryAfter = 0
	}
	return r
}

// retryAfter is how long an answer asks to wait: a header with seconds or a
// date, or the end of a window whose requests are used up.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 && seconds < 1e6 {
		return time.Duration(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	for _, kind := range []string{"X-RateLimit-", "RateLimit-"} {
		reset, err := strconv.ParseInt(header.Get(kind+"Reset"), 10, 64)
		if err == nil && header.Get(kind+"Remaining") == "0" {
			return min(max(0, time.Unix(reset, 0).Sub(now)), 24*time.Hour)
		}
	}
	return 0
}

// words are a forge's own ones in its answer: the messages in JSON, else the
// text.
func words(text []byte) string {
	var answer any
	if json.Unmarshal(text, &answer) != nil {
		return string(text)
	}
	var said []string
	gather(answer, 0, &said)
	if len(said) == 0 {
		return string(text)
	}
	return strings.Join(said, "; ")
}

// gather finds the messages in an answer: under the keys that forges use, and
// what stands below those, in the order of importance.
func gather(value any, depth int, said *[]string) {
	switch v := value.(type) {
	case string:
		*said = append(*said, v)
	case []any:
		for _, one := range v[:min(len(v), 5)] {
			gather(one, depth+1, said)
		}
	case map[string]any:
		for _, key := range []string{"message", "error", "error_description", "errors", "detail"} {
			if depth < 4 && v[key] != nil {
				gather(v[key], depth+1, said)
			}
		}
	}
}

// refusal is one whose text is fit to print.
func (g *guard) refusal(status int, text string, permanent bool) *Refusal {
	return &Refusal{Forge: g.forge, Status: status, Text: cmp.Or(g.plain(text), "without a word"), Permanent: permanent}
}

// plain is foreign text as one bounded, visible line without secrets. Cut
// before they are taken out, a secret might be cut in two.
func (g *guard) plain(text string) string {
	if len(text) > 64<<10 {
		text = text[:64<<10]
	}
	g.mu.Lock()
	for _, secret := range g.secrets {
		text = strings.ReplaceAll(text, secret, "****")
	}
	g.mu.Unlock()
	text = strings.Join(strings.Fields(text), " ")
	return cut(alerting.Visible(cut(text, maxSaid)), maxSaid)
}

// cut is text of at most max characters.
func cut(text string, max int) string {
	if utf8.RuneCountInString(text) <= max {
		return text
	}
	return string([]rune(text)[:max-1]) + "…"
}

// fail makes an error of what went wrong while doing something: a refusal,
// unless somebody else was there, nothing is there, or the context ended.
func (g *guard) fail(ctx context.Context, doing string, err error) error {
	var refusal *Refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refusal):
		told := *refusal
		told.Forge, told.Doing = g.forge, cmp.Or(told.Doing, doing)
		return &told
	case ctx.Err() != nil:
		err = ctx.Err()
		fallthrough
	case errors.Is(err, ErrMoved), errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %s: %w", g.forge, doing, err)
	}
	var at *url.Error // its address says nothing that the forge's name does not
	if errors.As(err, &at) {
		err = at.Err
	}
	told := g.refusal(0, err.Error(), false)
	told.Doing = doing
	return told
}

// status is that of the answer that err is a refusal for, 0 for none.
func status(err error) int {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal.Status
	}
	return 0
}

// bounded is the body of an answer, read up to a limit.
type bounded struct {
	io.ReadCloser
	guard *guard
	left  int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, b.guard.refusal(0, "an answer without end", true)
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	return n, err
}
