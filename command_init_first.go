package main

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// A firstConfig is a configuration about to be written: one API, one probe,
// and a variable in the place of every secret.
type firstConfig struct {
	name      string
	method    string
	target    string // whole URL, without the secret parameters
	auth      string // in YAML; empty for none
	headers   [][2]string
	query     [][2]string
	body      string // in YAML, with its key; empty for none
	timeout   string
	private   bool
	variables []string // to be set, in the order they occur
	notes     []string
}

func newFirstConfig(c *curlRequest) *firstConfig {
	f := &firstConfig{method: strings.ToLower(c.method), timeout: c.timeout, notes: c.notes}
	if isSocketAddress(c.url) {
		f.method, c.url = "websocket", overHTTP(c.url)
	}
	f.name = nameOf(withoutReferences(c.url))
	if c.user != "" {
		f.basic(c.user)
	}
	f.address(c.url)
	for _, h := range c.headers {
		f.header(h[0], h[1])
	}
	if c.cert != "" {
		key := c.key
		if key == "" {
			key = c.cert
		}
		f.auth = fmt.Sprintf("{ mtls: { cert: %s, key: %s } }", quoted(c.cert), quoted(key))
	}
	if len(c.data) > 0 {
		f.payload(strings.Join(c.data, "&"))
	}
	for _, text := range []string{f.target, f.auth, f.body, fmt.Sprint(f.headers), fmt.Sprint(f.query)} {
		f.mention(text)
	}
	return f
}

var bracedName = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// mention lists the variables that a text refers to.
func (f *firstConfig) mention(text string) {
	for _, m := range bracedName.FindAllStringSubmatchIndex(text, -1) {
		name := text[m[2]:m[3]]
		if (m[0] == 0 || text[m[0]-1] != '$') && !slices.Contains(f.variables, name) {
			f.variables = append(f.variables, name)
		}
	}
}

func withoutReferences(text string) string { return bracedName.ReplaceAllString(text, "x") }

// variable is a reference that stands for a secret: ${STRIPE_TOKEN}. A text
// that is a reference already stays.
func (f *firstConfig) variable(what, value string) string {
	if bracedName.MatchString(value) && bracedName.ReplaceAllString(value, "") == "" {
		return value
	}
	name := strings.Map(func(r rune) rune {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			return unicode.ToUpper(r)
		}
		return '_'
	}, f.name+"_"+what)
	if unicode.IsDigit(rune(name[0])) {
		name = "_" + name
	}
	return "${" + name + "}"
}

// basic takes user:password of -u or of a URL.
func (f *firstConfig) basic(user string) {
	name, password, _ := strings.Cut(user, ":")
	if password == "" { // Stripe and others: the user is the key
		f.auth = fmt.Sprintf("{ basic: { user: %s } }", quoted(f.variable("key", name)))
		return
	}
	if looksToken(name) {
		name = f.variable("user", name)
	}
	f.auth = fmt.Sprintf("{ basic: { user: %s, password: %s } }", quoted(name), quoted(f.variable("password", password)))
}

// address takes the URL apart: credentials, secret parameters and key-like
// parts of the path become variables.
func (f *firstConfig) address(whole string) {
	whole, _, _ = strings.Cut(whole, "#")
	whole, query, _ := strings.Cut(whole, "?")
	scheme, rest, ok := strings.Cut(whole, "://")
	if !ok {
		f.target = whole // begins with a variable, or parseConfig says what is wrong with it
		f.parameters(query)
		return
	}
	host, path, hasPath := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		user, err := url.PathUnescape(host[:at])
		if err != nil {
			user = host[:at]
		}
		f.basic(user)
		host = host[at+1:]
	}
	f.private = isPrivate(host)
	f.target = scheme + "://" + host
	if hasPath {
		parts := strings.Split(path, "/")
		for i, part := range parts {
			if looksToken(part) {
				parts[i] = f.variable(fmt.Sprintf("path%d", i+1), part)
			}
		}
		f.target += "/" + strings.Join(parts, "/")
	}
	f.parameters(query)
}

func (f *firstConfig) parameters(query string) {
	var plain []string
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		name, value = unescaped(name), unescaped(value)
		switch {
		case part == "":
		case looksSecretName(name) || looksToken(value):
			f.secretParameter(name, value)
		default:
			plain = append(plain, part)
		}
	}
	if len(plain) > 0 {
		f.target += "?" + strings.Join(plain, "&")
	}
}

func (f *firstConfig) secretParameter(name, value string) {
	value = f.variable(name, value)
	if f.auth == "" && looksSecretName(name) {
		f.auth = fmt.Sprintf("{ query: { name: %s, value: %s } }", quoted(name), quoted(value))
		return
	}
	f.query = append(f.query, [2]string{name, value})
}

func unescaped(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// isPrivate reports hosts that are only asked with allow_private.
func isPrivate(host string) bool {
	host = strings.ToLower(host)
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:i]
	}
	host = strings.Trim(host, "[]")
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host == "localhost" || strings.HasSuffix(host, ".localhost")
	}
	return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified()
}

// ours are headers that the client sets by itself, or that only a browser has.
var ours = regexp.MustCompile(`(?i)^(host|connection|content-length|accept-encoding|user-agent|sec-.*|priority|dnt|upgrade-insecure-requests|cache-control|pragma|accept-language|te|transfer-encoding|if-none-match|if-modified-since)$`)

func (f *firstConfig) header(name, value string) {
	scheme, credential, hasScheme := strings.Cut(value, " ")
	switch {
	case ours.MatchString(name):
		f.notes = append(f.notes, "header "+name+" is left out: shapewatch sends its own, or none")
	case strings.EqualFold(name, "Authorization") && hasScheme && strings.EqualFold(scheme, "bearer") && f.auth == "":
		f.auth = fmt.Sprintf("{ bearer: %s }", quoted(f.variable("token", credential)))
	case strings.EqualFold(name, "Authorization") && hasScheme && strings.EqualFold(scheme, "basic") && f.auth == "":
		f.basicHeader(credential)
	case strings.EqualFold(name, "Authorization") && hasScheme && !strings.Contains(credential, " "):
		f.headers = append(f.headers, [2]string{name, scheme + " " + f.variable("token", credential)})
	case looksSecretName(name) && f.auth == "" && !strings.EqualFold(name, "Cookie"):
		f.auth = fmt.Sprintf("{ header: { name: %s, value: %s } }", name, quoted(f.variable(name, value)))
	case looksSecretName(name) || looksToken(value):
		f.headers = append(f.headers, [2]string{name, f.variable(name, value)})
	default:
		f.headers = append(f.headers, [2]string{name, value})
	}
}

func (f *firstConfig) basicHeader(credential string) {
	plain, err := base64.StdEncoding.DecodeString(credential)
	if err != nil || !strings.Contains(string(plain), ":") {
		f.headers = append(f.headers, [2]string{"Authorization", "Basic " + f.variable("basic", credential)})
		return
	}
	f.basic(strings.ReplaceAll(string(plain), "${", "$${"))
}
