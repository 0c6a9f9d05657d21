package main

import (
	"net/http"

	"shapewatch/probes"
)

// loginAuth is a request that is answered with a token.
type loginAuth struct {
	post           leaf[string]
	body           leaf[string]
	json           leaf[[]byte]
	headers        map[string]leaf[string]
	token, expires leaf[string]
	header, prefix leaf[string]
}

var loginKeys = block[loginAuth]{
	name: "Auth: login", doc: "A login of the vendor's own: one for all probes below, renewed before it expires and once when it is refused.",
	fresh: func() (b loginAuth) { return b }, needs: []string{"post", "token"},
	keys: []key[loginAuth]{
		{"post", "Where to log in.", "https://api.acme.dev/login", func(b *loginAuth) setting { return a(&b.post, anURL) }},
		{"json", "Request body, written as YAML and sent as JSON.", "{ user: watcher, password: \"${PASSWORD}\" }", func(b *loginAuth) setting { return jsonSetting{&b.json} }},
		{"body", "Request body as it is sent, instead.", "\"user=watcher&password=${PASSWORD}\"", func(b *loginAuth) setting { return a(&b.body, secret(aParam)) }},
		{"headers", "Headers of the login.", "{ X-App: watch }", func(b *loginAuth) setting {
			return pairs[string]{into: &b.headers, kind: aHeader, name: checkHeaderName, secret: looksSecretName}
		}},
		{"token", "Where the answer has the token.", "/data/token", func(b *loginAuth) setting { return a(&b.token, aPath) }},
		{"expires", "Where the answer says how many seconds it lasts; until it is refused when nothing is said.", "/expires_in", func(b *loginAuth) setting { return a(&b.expires, aPath) }},
		{"header", "Header that carries it; Authorization when nothing is said.", "X-Session", func(b *loginAuth) setting { return a(&b.header, aHeaderName) }},
		{"prefix", "What goes before it; \"Bearer \" in Authorization, nothing elsewhere.", "\"Token \"", func(b *loginAuth) setting { return a(&b.prefix, aText) }},
	},
	after: func(r *reader, b *loginAuth, f fields) {
		if at, both := f.at["body"]; both && f.value["json"] != nil {
			r.problem(at, "keep one of them", "both body and json")
		}
	},
}

// login makes a credential that logs in.
func (m *assembly) login(b *loginAuth) probes.Auth {
	o := probes.LoginOptions{
		URL: b.post.value, Header: http.Header{}, Token: b.token.value, Expires: b.expires.value,
		Name: b.header.value, Prefix: b.prefix.value,
	}
	switch {
	case b.json.value != nil:
		o.Body = b.json.value
		o.Header.Set("Content-Type", "application/json")
	case b.body.text != "":
		o.Body = []byte(b.body.value)
		o.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, l := range b.headers {
		o.Header.Set(name, l.value)
	}
	if b.prefix.text == "" && b.header.text == "" {
		o.Prefix = "Bearer "
	}
	o.Secrets = m.secretsIn(probes.Probe{URL: o.URL, Header: o.Header, Body: o.Body})
	return probes.Login(o)
}
