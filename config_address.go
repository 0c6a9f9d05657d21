package main

import (
	"net/url"
	"strings"
)

// An address is what a probe asks, taken apart.
type address struct {
	url      string     // absolute, without secret parameters
	query    url.Values // the secret parameters
	template string     // path as the page prints it: "/v1/charges/{id}"
}

// address puts base, path and params together.
func (m *assembly) address(api *apiBlock, b *probeBlock, target leaf[string]) (address, error) {
	whole, template := target.value, templateOf(target.pieces)
	if strings.HasPrefix(whole, "/") {
		base := strings.TrimSuffix(api.base.value, "/")
		whole, template = base+whole, strings.TrimSuffix(templateOf(api.base.pieces), "/")+template
	}
	if api.url.text == "" { // the braces of a plain url are its own
		whole = fillIn(whole, b.params)
	}
	u, err := url.Parse(whole)
	if err != nil || u.Host == "" {
		return address{}, wrong("write it as https://host/path; other characters in it are written %XX", "not a URL")
	}
	a := address{query: url.Values{}, template: pathOf(template)}
	plain := u.Query()
	for name, values := range plain {
		if m.secretParameter(target, name, values) {
			a.query[name] = values
			plain.Del(name)
		}
	}
	if len(a.query) > 0 {
		u.RawQuery = plain.Encode()
	}
	a.url = u.String()
	return a, nil
}

// secretParameter reports a query parameter whose value must not be shown and
// remembers it, with a warning when it is in plain text.
func (m *assembly) secretParameter(target leaf[string], name string, values []string) bool {
	if !looksSecretName(name) && !containsAny(m.secrets, values) {
		return false
	}
	for _, value := range values {
		written := false
		for _, p := range target.pieces {
			written = written || strings.Contains(p.literal, value)
		}
		m.secret(value)
		if written && value != "" {
			m.warning(target.at, "write ${NAME} and keep the value elsewhere", "a secret in plain text, in parameter %s", name)
		}
	}
	return true
}

func containsAny(secrets, values []string) bool {
	for _, value := range values {
		for _, s := range secrets {
			if strings.Contains(value, s) {
				return true
			}
		}
	}
	return false
}

// fillIn replaces {name} by its value, escaped for where it stands.
func fillIn(whole string, params map[string]leaf[string]) string {
	path, query, hasQuery := strings.Cut(whole, "?")
	replace := func(text string, escape func(string) string) string {
		return placeholder.ReplaceAllStringFunc(text, func(match string) string {
			return escape(params[strings.Trim(match, "{}")].value)
		})
	}
	path = replace(path, url.PathEscape)
	if !hasQuery {
		return path
	}
	return path + "?" + replace(query, url.QueryEscape)
}

// templateOf writes a URL with {NAME} for each reference in its path, so that
// a value from outside neither shows nor makes another operation.
func templateOf(pieces []piece) string {
	var b strings.Builder
	for _, p := range pieces {
		switch {
		case p.name != "" && inPath(b.String()):
			b.WriteString("{" + p.name + "}")
		case p.file != "" && inPath(b.String()):
			b.WriteString("{file}")
		default:
			b.WriteString(p.literal + p.value)
		}
	}
	return b.String()
}

// inPath reports whether what follows belongs to the path of a URL.
func inPath(before string) bool {
	_, rest, whole := strings.Cut(before, "://")
	return strings.HasPrefix(before, "/") || whole && strings.Contains(rest, "/")
}

// pathOf is the path of a URL or a template of one.
func pathOf(template string) string {
	if _, rest, whole := strings.Cut(template, "://"); whole {
		_, path, _ := strings.Cut(rest, "/")
		template = "/" + path
	}
	path, _, _ := strings.Cut(template, "?")
	return path
}

// nameOf makes the name of an API from its host: "api.stripe.com" is stripe. A
// host that gives none, such as [::1], is api.
func nameOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "api"
	}
	if name := nameOfHost(u.Hostname()); checkName(name) == nil {
		return name
	}
	return "api"
}

func nameOfHost(host string) string {
	labels := strings.Split(strings.TrimPrefix(host, "www."), ".")
	if len(labels) < 2 || looksNumeric(host) {
		return strings.ReplaceAll(host, ":", "-")
	}
	name := labels[len(labels)-2]
	if len(labels) > 2 && len(name) <= 3 { // co.uk, com.au
		name = labels[len(labels)-3]
	}
	return name
}
