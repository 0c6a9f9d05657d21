package probes

import (
	"context"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options say how a [Client] presents itself and reaches the network. The zero
// value is ready to use.
type Options struct {
	Version          string            // of this program, for the User-Agent; empty means "dev"
	UserAgentContact string            // URL or e-mail address for the User-Agent: whom a vendor may ask about us
	Resolver         *net.Resolver     // nil means the system's
	RootCAs          *x509.CertPool    // nil means the system's
	Transport        http.RoundTripper // replaces the network, its guard included; for recordings and tests
	Recorded         bool              // Transport plays answers back: nothing is asked twice, and nobody is to be left alone
}

// A Client asks probes. It keeps connections open, one budget per host, and
// nothing else. It uses no proxy, whatever the environment says: behind one
// the guard would see the proxy's address, not the vendor's. It logs nothing,
// but net/http itself does, through package log: bytes that a server sends
// unasked. Whoever owns the log passes it through a [Redactor]. A Client is
// safe for concurrent use.
type Client struct {
	agent      string
	recorded   bool
	transports transports
	budgets    budgets
	redactors  sync.Map // Probe.ID → *redactors
}

// NewClient returns a client that has no connection open yet.
func NewClient(o Options) *Client {
	return &Client{agent: userAgent(o), recorded: o.Recorded, transports: transports{options: o}}
}

func userAgent(o Options) string {
	version := o.Version
	if version == "" {
		version = "dev"
	}
	if o.UserAgentContact == "" {
		return "shapewatch/" + version
	}
	return "shapewatch/" + version + " (+" + o.UserAgentContact + ")"
}

// Close closes the connections that are idle. Probes in flight end by themselves.
func (c *Client) Close() { c.transports.close() }

// BlockedUntil returns when the probe's host may be asked again after it sent
// Retry-After; the zero time when it may be asked now.
func (c *Client) BlockedUntil(p Probe) time.Time {
	target, err := targetOf(p)
	if err != nil {
		return time.Time{}
	}
	return c.budgets.of(target.address, p).blockedUntil(time.Now())
}

// Do asks a probe and brings back a sample, whatever happens. It waits for the
// host's budget, which is no part of the sample's latency and is bounded by
// ctx alone; Probe.Timeout bounds the rest, a retry included. Attempts is 0
// when the probe was not asked at all.
func (c *Client) Do(ctx context.Context, p Probe) (s Sample) {
	a := &ask{client: c, probe: p}
	defer func() { // one answer that breaks us must not stop the other probes
		if r := recover(); r != nil {
			s = a.sample(time.Now(), failure{class: Protocol, problem: "our own fault: reading the answer broke"})
		}
	}()
	defer func() {
		s.Asked = asked(p)
		c.redactorsOf(p).sample(&s)
	}()
	if err := a.prepare(); err != nil {
		return a.sample(time.Now(), failure{class: Unreachable, problem: err.Error()})
	}
	return a.persist(ctx)
}

// An ask is one call of Do: a probe on its way, over retries.
type ask struct {
	client   *Client
	probe    Probe
	target   *target
	budget   *budget
	deadline time.Time // of all attempts; zero until the first request is sent
	attempts int
	retries  int
	renewals int

	switching http.Header // what asks to switch to WebSocket, on every hop
	line      *line       // once that was agreed
	sent      bool        // whether there was a connection to send a request over
}

func (a *ask) prepare() (err error) {
	if a.target, err = targetOf(a.probe); err != nil {
		return err
	}
	a.budget = a.client.budgets.of(a.target.address, a.probe)
	return nil
}

// sample is what is left to say when there is no response.
func (a *ask) sample(at time.Time, f failure) Sample {
	return Sample{
		Probe: a.probe.ID, At: at, Class: f.class, Problem: f.problem,
		Method: a.probe.method(), Attempts: a.attempts, Unsent: !a.sent,
	}
}

// persist asks, and asks once more where that is safe and may help.
func (a *ask) persist(ctx context.Context) Sample {
	for {
		s, f := a.attempt(ctx)
		switch {
		case a.renews(s):
			a.renewals++
		case a.retries == 0 && f.again && !a.client.recorded && a.idempotent() && a.pause(ctx):
			a.retries++
		default:
			return s
		}
	}
}

// renews reports whether credentials were refused that can be had anew.
func (a *ask) renews(s Sample) bool {
	auth, ok := a.probe.Auth.(renewable)
	return ok && a.renewals == 0 && s.Status == http.StatusUnauthorized && auth.renew()
}

// idempotent reports whether asking twice does no more than asking once.
func (a *ask) idempotent() bool {
	safe := []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete}
	return slices.Contains(safe, a.probe.method())
}

// pause waits 1 to 2 s before a retry: never within the same second, and not
// in step with others. It reports false, at once, when too little of the
// probe's timeout would be left for a useful second try.
func (a *ask) pause(ctx context.Context) bool {
	backoff := time.Second + rand.N(time.Second)
	if time.Until(a.deadline) < backoff+a.probe.timeout()/4 {
		return false
	}
	timer := time.NewTimer(backoff)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// attempt asks once: credentials, then the host's budget, then the request.
func (a *ask) attempt(ctx context.Context) (Sample, failure) {
	if !a.deadline.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, a.deadline)
		defer cancel()
	}
	if until := a.budget.blockedUntil(time.Now()); !until.IsZero() {
		return a.leaveAlone(until)
	}
	request, err := a.request(ctx)
	if err != nil {
		a.attempts++
		f := credentials(err)
		return a.sample(time.Now(), f), f
	}
	release, err := a.budget.acquire(ctx)
	if err != nil {
		f := failure{class: Unreachable, problem: "not asked: " + err.Error()}
		return a.sample(time.Now(), f), f
	}
	defer release()
	if until := a.budget.blockedUntil(time.Now()); !until.IsZero() {
		return a.leaveAlone(until)
	}
	return a.send(ctx, request)
}

// leaveAlone is the sample of a host that asked not to be asked.
func (a *ask) leaveAlone(until time.Time) (Sample, failure) {
	f := failure{class: Unreachable, problem: fmt.Sprintf("not asked: %s wants to be left alone until %s (Retry-After)",
		a.target.host, until.UTC().Format("2006-01-02 15:04:05 MST"))}
	s := a.sample(time.Now(), f)
	s.RetryAt = until
	return s, f
}

func (p Probe) method() string {
	if p.Method == "" {
		return http.MethodGet
	}
	return strings.ToUpper(p.Method)
}

func (p Probe) timeout() time.Duration {
	if p.Timeout <= 0 {
		return DefaultTimeout
	}
	return p.Timeout
}

func (p Probe) maxBody() int64 {
	if p.MaxBody <= 0 {
		return DefaultMaxBody
	}
	return p.MaxBody
}

// answers reports whether a status is one that the probe expects.
func (p Probe) answers(status int) bool {
	switch {
	case len(p.Expect) == 0 && p.Socket != nil:
		return status == http.StatusSwitchingProtocols
	case len(p.Expect) == 0:
		return status >= 200 && status < 300
	}
	return slices.Contains(p.Expect, status)
}
