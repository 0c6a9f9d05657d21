package forwarding

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"shapewatch/webhooks"
)

// attemptHeader tells a receiver that it may know an event already.
const attemptHeader = "Shapewatch-Attempt"

const (
	maxAnswer = 64 << 10 // bytes read of an answer, so that its connection can be used again
	maxWords  = 120      // characters of it that are told
)

// A courier sends to one receiver.
type courier struct {
	target Target
	client *http.Client
}

func newCourier(t Target, through http.RoundTripper) *courier {
	return &courier{t, &http.Client{
		Transport:     through,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *courier) close() { c.client.CloseIdleConnections() }

// send makes one attempt.
func (c *courier) send(ctx context.Context, f webhooks.Forward) answer {
	var wrote atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }})
	request, err := c.request(ctx, f)
	if err != nil {
		return answer{problem: "its address cannot be asked: correct forward.url"}
	}
	response, err := c.client.Do(request)
	if err != nil {
		return answer{problem: c.explain(ctx, err), unsure: wrote.Load()}
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer)) // the status says it all
	if response.StatusCode/100 == 2 {
		return answer{status: response.StatusCode}
	}
	return answer{
		status: response.StatusCode, problem: c.words(response, text), unsure: gaveUp[response.StatusCode],
		wait: retryAfter(response.Header.Get("Retry-After"), time.Now()),
	}
}

// request is the vendor's request, to the receiver.
func (c *courier) request(ctx context.Context, f webhooks.Forward) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.target.URL, bytes.NewReader(f.Body))
	if err != nil {
		return nil, err
	}
	if request.Header, err = f.Header(); err != nil {
		return nil, err
	}
	for name, value := range c.target.Header {
		request.Header.Set(name, value)
	}
	if f.Attempts > 1 {
		request.Header.Set(attemptHeader, strconv.Itoa(f.Attempts))
	}
	for _, name := range []string{"User-Agent", "Accept-Encoding"} { // or net/http would say its own
		if _, said := request.Header[name]; !said {
			request.Header[name] = nil
		}
	}
	return request, nil
}

// words is what an answer says that is no success.
func (c *courier) words(r *http.Response, text []byte) string {
	told := fmt.Sprintf("answered %d %s", r.StatusCode, http.StatusText(r.StatusCode))
	if r.StatusCode/100 == 3 {
		return told + ", and redirects are not followed: write the address where it leads"
	}
	line, _, _ := strings.Cut(strings.TrimSpace(strings.ToValidUTF8(string(text), "")), "\n")
	if line = c.printable(line); line != "" && !strings.HasPrefix(line, "<") {
		told += ": " + line
	}
	return told
}

// printable bounds what a receiver says, and takes out what would move a
// cursor. It masks before it cuts: half a secret would not be known as one.
func (c *courier) printable(text string) string {
	runes := []rune(c.mask(strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, text)))
	if len(runes) > maxWords {
		return string(runes[:maxWords]) + "…"
	}
	return string(runes)
}

// explain says why there was no answer, without the path and the query of the
// address; a host that cannot be reached is named.
func (c *courier) explain(ctx context.Context, err error) string {
	switch ctx.Err() {
	case context.DeadlineExceeded:
		return "no answer in time"
	case context.Canceled:
		return "no answer before we ended"
	}
	var about *url.Error
	if errors.As(err, &about) {
		err = about.Err
	}
	return c.printable(err.Error())
}

// mask hides the target's secrets.
func (c *courier) mask(text string) string {
	for _, secret := range c.secrets() {
		if len(secret) >= 4 {
			text = strings.ReplaceAll(text, secret, "****")
		}
	}
	return text
}

// secrets are the longest first: one may begin like another. A receiver may
// name a token without the scheme that it came with.
func (c *courier) secrets() (all []string) {
	all = append(all, c.target.Secrets...)
	for _, value := range c.target.Header {
		all = append(all, value)
		if scheme, token, _ := strings.Cut(value, " "); strings.EqualFold(scheme, "Bearer") {
			all = append(all, token)
		}
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}
