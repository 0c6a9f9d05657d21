package probes

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"
)

// maxRedirects bounds the hops within one scheme, host and port.
const maxRedirects = 5

// A reply is the response that an attempt ended with.
type reply struct {
	*http.Response
	moved   string        // where it redirects and we did not follow; a sentence
	waited  time.Duration // for the host's budget, between hops
	reached *progress
}

// send sends the request of one attempt, follows redirects within its origin,
// and reads and classifies what comes back.
func (a *ask) send(ctx context.Context, r *http.Request) (Sample, failure) {
	sent := time.Now()
	a.attempts++
	if a.deadline.IsZero() {
		a.deadline = sent.Add(a.probe.timeout() + a.probe.listens())
	}
	ctx, cancel := context.WithDeadline(ctx, a.deadline)
	defer cancel()
	last, f := a.reach(ctx, r)
	if f.problem != "" {
		s := a.sample(sent, f)
		s.Latency = time.Since(sent) - last.waited
		return s, f
	}
	defer last.Body.Close()
	s, f := a.read(ctx, last)
	s.At, s.Latency = sent, time.Since(sent)-last.waited
	if a.line != nil { // how long we listen is our choice
		s.Latency = a.line.stood.Sub(sent) - last.waited
	}
	s.Expiry = a.expiry(last.Response)
	a.heed(&s, last.Header)
	f.again = f.again || overloaded(s)
	return s, f
}

// reach asks for an answer, or for a connection that speaks WebSocket.
func (a *ask) reach(ctx context.Context, r *http.Request) (reply, failure) {
	if a.probe.Socket != nil && !a.client.recorded {
		return a.shake(ctx, r)
	}
	last, f := a.follow(ctx, r)
	if a.probe.Socket != nil && f.problem == "" && last.StatusCode == http.StatusOK {
		last.StatusCode = http.StatusSwitchingProtocols // messages were recorded, not the handshake before them
	}
	return last, f
}

// overloaded reports whether a gateway failed that may have recovered in a
// moment, and that named no time itself.
func overloaded(s Sample) bool {
	return s.Class == Status && s.Status >= 502 && s.Status <= 504 && s.RetryAt.IsZero()
}

// follow goes from hop to hop until there is an answer, or a redirect that is
// not to be followed.
func (a *ask) follow(ctx context.Context, r *http.Request) (last reply, f failure) {
	for hops := 0; ; hops++ {
		last.reached = &progress{}
		response, err := a.roundTrip(ctx, r, last.reached)
		if err != nil {
			return last, a.explain(ctx, err, last.reached.phase())
		}
		last.Response = response
		next, moved := a.next(response, hops)
		if next == nil {
			last.moved = moved
			return last, f
		}
		response.Body.Close()
		paused := time.Now()
		if err := a.budget.pace(ctx); err != nil {
			return last, failure{class: Unreachable, problem: "redirected within the host, then " + err.Error()}
		}
		last.waited += time.Since(paused)
		method, body := a.redirected(response.StatusCode)
		if r, err = a.requestTo(ctx, next, method, body); err != nil {
			return last, credentials(err)
		}
	}
}

func (a *ask) roundTrip(ctx context.Context, r *http.Request, reached *progress) (*http.Response, error) {
	r = r.WithContext(httptrace.WithClientTrace(ctx, reached.trace()))
	response, err := a.client.transports.of(a.probe).RoundTrip(r)
	a.sent = a.sent || err == nil || reached.phase() >= sending
	return response, err
}

// redirected is how the next hop is asked: 307 and 308 repeat the request,
// the others turn anything into a GET without a body.
func (a *ask) redirected(status int) (method string, body []byte) {
	method = a.probe.method()
	if status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect {
		return method, a.probe.Body
	}
	if method == http.MethodHead {
		return method, nil
	}
	return http.MethodGet, nil
}

// next is the address to follow to, nil when the response is the last; moved
// says why a redirect is not followed, naming the host and nothing else of it.
func (a *ask) next(r *http.Response, hops int) (next *url.URL, moved string) {
	if !isRedirect(r.StatusCode) || a.probe.answers(r.StatusCode) {
		return nil, ""
	}
	location := r.Header.Get("Location")
	if location == "" {
		return nil, "redirects without saying where"
	}
	next, err := a.target.url.Parse(location)
	switch {
	case err != nil:
		return nil, "redirects to an address that cannot be read"
	case next.Scheme != "http" && next.Scheme != "https" || next.Host == "":
		return nil, "now redirects to a " + printable(next.Scheme, 20) + ": address, which is not followed"
	case next.Scheme != a.target.url.Scheme && next.Hostname() == a.target.url.Hostname():
		return nil, "now redirects to " + next.Scheme + "://" + readableHost(next)
	case !sameOrigin(a.target.url, next) || next.User != nil:
		return nil, "now redirects to " + readableHost(next)
	case hops >= maxRedirects:
		return nil, fmt.Sprintf("redirects more than %d times within %s", maxRedirects, a.target.host)
	}
	next.Fragment = ""
	return next, ""
}

func isRedirect(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}
