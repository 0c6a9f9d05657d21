package probes

import (
	"net/url"
	"slices"
	"strings"
)

// redactors are what a probe's samples are cleaned with, as long as its
// secrets stay the same.
type redactors struct {
	secrets []string
	text    *Redactor // of problems and headers
	body    *Redactor // short secrets would be found in bodies by accident
}

const shortestInBody = 8

// RedactorOf returns a redactor of a probe's secrets, for what is made of an
// answer beside its sample.
func RedactorOf(p Probe) *Redactor { return NewRedactor(secretsOf(p)...) }

// redactorsOf returns the redactors for the secrets that p has now.
func (c *Client) redactorsOf(p Probe) *redactors {
	secrets := secretsOf(p)
	if known, ok := c.redactors.Load(p.ID); ok && slices.Equal(known.(*redactors).secrets, secrets) {
		return known.(*redactors)
	}
	made := &redactors{secrets: secrets, text: newRedactor(secrets, shortestSecret), body: newRedactor(secrets, shortestInBody)}
	c.redactors.Store(p.ID, made)
	return made
}

// sample removes secrets from everything a vendor can have put them into.
func (r *redactors) sample(s *Sample) {
	s.Problem = r.text.String(s.Problem)
	s.MediaType = r.text.String(s.MediaType)
	s.Body = r.body.Bytes(s.Body)
	for name, values := range s.Header {
		if lower := strings.ToLower(name); r.text.String(lower) != lower {
			delete(s.Header, name)
		}
		for i, value := range values {
			values[i] = r.headerValue(name, value)
		}
	}
}

func (r *redactors) headerValue(name, value string) string {
	switch {
	case isCredential(name):
		return Redacted
	case name == "Location" || name == "Content-Location" || name == "Refresh":
		return r.text.String(withoutQuery(value))
	}
	return r.text.String(value)
}

// withoutQuery cuts what may carry somebody's session: query, fragment, user.
func withoutQuery(address string) string {
	address, _, _ = strings.Cut(address, "?")
	address, _, _ = strings.Cut(address, "#")
	if u, err := url.Parse(address); err == nil && u.User != nil {
		u.User = nil
		return u.String()
	}
	return address
}

// secretsOf lists the values of a probe that must not appear anywhere.
func secretsOf(p Probe) []string {
	secrets := slices.Clone(p.Secrets)
	if p.Auth != nil {
		secrets = append(secrets, p.Auth.Secrets()...)
	}
	for name, values := range p.Header {
		if isCredential(name) {
			secrets = append(secrets, partsOf(values)...)
		}
	}
	for name, values := range p.Query {
		if isCredential(name) {
			secrets = append(secrets, values...)
		}
	}
	slices.Sort(secrets)
	return slices.Compact(secrets)
}

// partsOf adds the words of a value: "Bearer x", "a=x; b=y".
func partsOf(values []string) (parts []string) {
	for _, value := range values {
		parts = append(parts, value)
		for _, word := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" ;,=\"", r) }) {
			if len(word) >= shortestInBody {
				parts = append(parts, word)
			}
		}
	}
	return parts
}

var credentialNames = map[string]bool{
	"authorization": true, "proxy-authorization": true, "cookie": true, "set-cookie": true, "set-cookie2": true,
	"key": true, "apikey": true, "token": true, "secret": true, "password": true, "passwd": true,
	"signature": true, "sig": true, "code": true, "session": true, "sid": true, "auth": true,
	"authentication-info": true, "proxy-authentication-info": true,
}

var credentialEndings = []string{"-key", "-apikey", "-token", "-secret", "-password", "-session", "-session-id", "-signature", "-auth"}

// isCredential reports whether a header or query parameter is a credential by
// its name. "X-RateLimit-Remaining-Tokens" is none.
func isCredential(name string) bool {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	if credentialNames[name] {
		return true
	}
	return slices.ContainsFunc(credentialEndings, func(ending string) bool { return strings.HasSuffix(name, ending) })
}
