package probes

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"
)

// Limits of every connection, beside the probe's own timeout for the whole.
const (
	connectTimeout = 5 * time.Second // resolving and connecting
	tlsTimeout     = 5 * time.Second
	maxHeaderBytes = 64 << 10
	idleTimeout    = 90 * time.Second
	maxIdlePerHost = 128
	maxIdle        = 1024
	maxTransports  = 1024 // beyond it, those for client certificates start over
)

// A transportKey is what probes must share to share connections.
type transportKey struct {
	private bool
	fresh   bool
	framed  bool    // HTTP/2 alone, also without TLS
	cert    TLSAuth // nil without a client certificate
}

// transports makes one http.Transport for each kind of connection.
type transports struct {
	options Options
	mu      sync.Mutex
	made    map[transportKey]*http.Transport
}

func (t *transports) of(p Probe) http.RoundTripper {
	if t.options.Transport != nil {
		return t.options.Transport
	}
	key := transportKey{private: p.AllowPrivate, fresh: p.FreshConnection, framed: p.Frames != nil}
	key.cert, _ = p.Auth.(TLSAuth)
	return t.make(key)
}

func (t *transports) make(key transportKey) *http.Transport {
	t.mu.Lock()
	defer t.mu.Unlock()
	if made, ok := t.made[key]; ok {
		return made
	}
	if t.made == nil || len(t.made) >= maxTransports {
		t.closeIdle()
		t.made = map[transportKey]*http.Transport{}
	}
	made := newTransport(t.options, key)
	t.made[key] = made
	return made
}

func (t *transports) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closeIdle()
}

func (t *transports) closeIdle() {
	for _, transport := range t.made {
		transport.CloseIdleConnections()
	}
}

func newTransport(o Options, key transportKey) *http.Transport {
	dialer := &net.Dialer{Timeout: connectTimeout, Resolver: o.Resolver}
	if !key.private {
		dialer.Control = guard()
	}
	var protocols *http.Protocols // nil for what is usual
	if key.framed {
		protocols = new(http.Protocols)
		protocols.SetHTTP2(true)
		protocols.SetUnencryptedHTTP2(true)
	}
	return &http.Transport{
		Protocols:              protocols,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        tlsConfig(o, key.cert),
		TLSHandshakeTimeout:    tlsTimeout,
		ForceAttemptHTTP2:      true,
		DisableKeepAlives:      key.fresh,
		DisableCompression:     true, // decoded by us, who count the bytes on both sides
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdlePerHost,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

func tlsConfig(o Options, cert TLSAuth) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs}
	if cert != nil {
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			certificate, err := cert.Certificate()
			if err != nil {
				return nil, credentialError{err}
			}
			return certificate, nil
		}
	}
	return config
}

// tokenContext lets credentials that must be fetched be fetched under the same
// guard, limits and politeness as everything else.
func (c *Client) tokenContext(ctx context.Context, p Probe) (context.Context, context.CancelFunc) {
	if _, fetches := p.Auth.(renewable); !fetches {
		return ctx, func() {}
	}
	ctx, cancel := context.WithTimeout(ctx, p.timeout())
	return withTokenClient(ctx, &http.Client{
		Transport:     tokenTransport{client: c, probe: p},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}), cancel
}

// tokenTransport asks a token endpoint within its host's budget.
type tokenTransport struct {
	client *Client
	probe  Probe
}

// RoundTrip implements [http.RoundTripper]. Its errors are failures.
func (t tokenTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	plain := Probe{ID: t.probe.ID + " token", URL: r.URL.String(), Timeout: t.probe.Timeout, AllowPrivate: t.probe.AllowPrivate}
	a := &ask{client: t.client, probe: plain}
	if err := a.prepare(); err != nil {
		return nil, failure{class: Unreachable, problem: err.Error()}
	}
	if err := r.Context().Err(); err != nil { // the second try of another style, after the first took all the time
		return nil, a.explain(r.Context(), err, starting)
	}
	release, err := a.budget.acquire(r.Context())
	if err != nil {
		return nil, failure{class: Unreachable, problem: err.Error()}
	}
	defer release()
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", t.client.agent)
	reached := &progress{}
	response, err := a.roundTrip(r.Context(), r, reached)
	if err != nil {
		return nil, a.explain(r.Context(), err, reached.phase())
	}
	return response, nil
}
