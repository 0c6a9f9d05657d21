package main

import (
	"net/netip"
	"strings"

	"shapewatch/web"
)

// pageBlock is the block `page`.
type pageBlock struct {
	listen, url, title leaf[string]
	token              leaf[string]
	public             leaf[bool]
	basic              basicAuth
	oidc               oidcBlock
	proxy              proxyBlock
}

type oidcBlock struct {
	issuer, clientID, clientSecret leaf[string]
	allow                          []leaf[string]
}

type proxyBlock struct {
	header leaf[string]
	from   []leaf[netip.Prefix]
}

// minToken is how long the page's token must be: it is all that stands between
// a network and acts in your name.
const minToken = 16 // characters

var (
	aToken  = secret(text("a secret of at least 16 characters: ${NAME} or ${file:/path}", checkToken, object{"minLength": 1}))
	aPrefix = kind[netip.Prefix]{words: "an address or a network: 10.0.0.0/8", parse: parsePrefix, json: object{"type": "string", "minLength": 1}}
)

func checkToken(s string) error {
	if err := checkHeaderValue(s); err != nil {
		return err
	}
	if len([]rune(s)) < minToken {
		return wrong("openssl rand -hex 24 makes one", "a token of fewer than %d characters can be guessed", minToken)
	}
	return nil
}

func parsePrefix(s string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return prefix, wrong("10.0.0.7, 10.0.0.0/8, ::1", "%q is no address and no network", s)
	case prefix.Bits() == 0:
		return prefix, wrong("name the addresses of your proxies", "%q trusts everybody", s)
	}
	return prefix.Masked(), nil
}

var pageKeys = block[pageBlock]{
	name:  "Page",
	doc:   "Whoever sits at the machine of shapewatch reads everything and may act, as long as no login is configured; everybody else reads the public view: names, states, deadlines, no fields, values, addresses or people. With a login (`token`, `basic`, `oidc`, `proxy`) it is asked of everybody. These keys take effect with a restart.",
	fresh: func() pageBlock { return freshFile().page },
	keys: []key[pageBlock]{
		{"listen", "Address to listen on. `:8080` means every address of this machine; without a login others read the public view there.", "127.0.0.1:8080", func(b *pageBlock) setting { return a(&b.listen, anAddress) }},
		{"url", "Public address of the page, for links in alerts and feeds. Without it alerts carry a link only when `listen` is an address of this machine alone.", "https://drift.acme.dev", func(b *pageBlock) setting { return a(&b.url, aPublic) }},
		{"title", "Title of the page.", "APIs of Acme", func(b *pageBlock) setting { return a(&b.title, aText) }},
		{"public", "With a login configured: whether whoever has none reads the public view instead of nothing.", "true", func(b *pageBlock) setting { return a(&b.public, aFlag) }},
		{"token", "Bearer token that reads everything and may act; people enter it at the login, `shapewatch` commands and scripts send it.", "\"${SHAPEWATCH_TOKEN}\"", func(b *pageBlock) setting { return a(&b.token, aToken) }},
		{"basic", "User and password, by HTTP Basic.", "{ user: ops, password: \"${PAGE_PASSWORD}\" }", func(b *pageBlock) setting { return in(&b.basic, &pageBasicKeys) }},
		{"oidc", "Login with an OpenID provider.", "{ issuer: \"https://login.acme.dev\", client_id: shapewatch, client_secret: \"${OIDC_SECRET}\", allow: [\"*@acme.dev\"] }", func(b *pageBlock) setting { return in(&b.oidc, &oidcKeys) }},
		{"proxy", "A proxy in front of the page that has identified people already.", "{ header: X-Forwarded-User, from: [10.0.0.0/8] }", func(b *pageBlock) setting { return in(&b.proxy, &proxyKeys) }},
	},
	later: map[string]string{"auth": "the ways to log in are keys of page itself: token, basic, oidc, proxy"},
	after: func(r *reader, b *pageBlock, f fields) {
		if at, written := f.at["public"]; written && b.public.value && !b.login() {
			r.problem(at, "add token: …, or remove public: without a login others read the public view anyway", "public without a login")
		}
		if at, written := f.at["oidc"]; written && b.url.text == "" {
			r.problem(at, "add url: https://…, the address that the provider sends people back to", "oidc without the page's url")
		}
	},
}

// login reports whether anybody can log in.
func (b *pageBlock) login() bool {
	return b.token.text != "" || b.basic.user.text != "" || b.oidc.issuer.text != "" || b.proxy.header.text != ""
}

var pageBasicKeys = block[basicAuth]{
	name: "Page: basic", fresh: func() (b basicAuth) { return b }, needs: []string{"user", "password"},
	keys: []key[basicAuth]{
		{"user", "User name; it signs what they do.", "ops", func(b *basicAuth) setting { return a(&b.user, aText) }},
		{"password", "Password.", "\"${PAGE_PASSWORD}\"", func(b *basicAuth) setting { return a(&b.password, aSecret) }},
	},
}

var oidcKeys = block[oidcBlock]{
	name: "Page: oidc", fresh: func() (b oidcBlock) { return b }, needs: []string{"issuer", "client_id", "client_secret", "allow"},
	keys: []key[oidcBlock]{
		{"issuer", "The provider; it sends people back to `url` with `/login/callback` added.", "https://login.acme.dev", func(b *oidcBlock) setting { return a(&b.issuer, anURL) }},
		{"client_id", "What the provider knows us by.", "shapewatch", func(b *oidcBlock) setting { return a(&b.clientID, aText) }},
		{"client_secret", "Proof of it.", "\"${OIDC_SECRET}\"", func(b *oidcBlock) setting { return a(&b.clientSecret, aSecret) }},
		{"allow", "Who may log in: e-mail addresses that the provider has verified; `*` stands for anything.", "[\"*@acme.dev\"]", func(b *oidcBlock) setting { return many[string]{&b.allow, aText} }},
	},
}

var proxyKeys = block[proxyBlock]{
	name: "Page: proxy", fresh: func() (b proxyBlock) { return b }, needs: []string{"header", "from"},
	keys: []key[proxyBlock]{
		{"header", "Header in which it names the person. It must remove one that comes from outside.", "X-Forwarded-User", func(b *proxyBlock) setting { return a(&b.header, aHeaderName) }},
		{"from", "Addresses of the proxy, as the connection comes from them; the header is believed from nowhere else.", "[10.0.0.7]", func(b *proxyBlock) setting { return many[netip.Prefix]{&b.from, aPrefix} }},
	},
}

// Access says who may read more than the public view, and act.
func (c *Config) Access() web.Access {
	p := c.file.page
	access := web.Access{
		Public: p.public.value, Token: p.token.value, User: p.basic.user.value, Password: p.basic.password.value,
		OIDC: web.OIDC{
			Issuer: strings.TrimSuffix(p.oidc.issuer.value, "/"), ClientID: p.oidc.clientID.value, ClientSecret: p.oidc.clientSecret.value,
		},
		Proxy: web.TrustedProxy{Header: p.proxy.header.value},
	}
	for _, l := range p.oidc.allow {
		access.OIDC.Allow = append(access.OIDC.Allow, l.value)
	}
	for _, l := range p.proxy.from {
		access.Proxy.From = append(access.Proxy.From, l.value)
	}
	return access
}
