package probes

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// A target is where a probe points.
type target struct {
	url     *url.URL
	host    string // as people read it: "api.example.com" or "127.0.0.1:8080"
	address string // key of the host's budget; http and https of one host share it
}

func targetOf(p Probe) (*target, error) {
	u, err := url.Parse(p.URL)
	switch {
	case err != nil:
		return nil, errors.New("the probe's URL cannot be read: correct url in the configuration")
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, errors.New("the probe's URL is not absolute: it must begin with https:// or http:// and name a host")
	case u.User != nil:
		return nil, errors.New("the probe's URL contains a user name: use auth: { basic: … }")
	}
	return &target{url: u, host: readableHost(u), address: budgetKey(u)}, nil
}

// readableHost is the host, and the port where it is not the usual one,
// printable whatever it contains.
func readableHost(u *url.URL) string {
	return printable(u.Host, 120)
}

func budgetKey(u *url.URL) string {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		return host + ":" + port
	}
	return host
}

// sameOrigin reports whether credentials for a may be sent to b.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && portOf(a) == portOf(b)
}

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}

// request builds the first request of an attempt, credentials included.
func (a *ask) request(ctx context.Context) (*http.Request, error) {
	u := *a.target.url
	u.Fragment = ""
	if len(a.probe.Query) > 0 {
		u.RawQuery = withQuery(u.RawQuery, a.probe.Query)
	}
	return a.requestTo(ctx, &u, a.probe.method(), a.probe.Body)
}

// withQuery appends parameters to a query without touching what is there:
// some vendors care about its order and spelling.
func withQuery(query string, more http.Header) string {
	added := url.Values(more).Encode()
	if query == "" {
		return added
	}
	return query + "&" + added
}

// requestTo builds a request to u, which has the probe's origin: the only one
// that ever gets its headers and credentials.
func (a *ask) requestTo(ctx context.Context, u *url.URL, method string, body []byte) (*http.Request, error) {
	r := &http.Request{
		Method: method, URL: u, Host: u.Host, Header: a.header(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
		r.Header.Del("Host")
	}
	setBody(r, body)
	if a.probe.Auth == nil {
		return r, nil
	}
	ctx, cancel := a.client.tokenContext(ctx, a.probe)
	defer cancel()
	if err := a.probe.Auth.Apply(ctx, r); err != nil {
		return nil, err
	}
	return r, nil
}

func (a *ask) header() http.Header {
	header := make(http.Header, len(a.probe.Header)+4)
	for name, values := range a.probe.Header {
		header[http.CanonicalHeaderKey(name)] = values
	}
	setDefault(header, "User-Agent", a.client.agent)
	setDefault(header, "Accept", "application/json, */*;q=0.1")
	setDefault(header, "Accept-Encoding", "gzip")
	maps.Copy(header, a.switching)
	return header
}

func setDefault(header http.Header, name, value string) {
	if _, set := header[name]; !set {
		header[name] = []string{value}
	}
}

func setBody(r *http.Request, body []byte) {
	if body == nil {
		return
	}
	r.ContentLength = int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	r.Body, _ = r.GetBody()
}
