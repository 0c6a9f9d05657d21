package main

import (
	"math"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// checkURL accepts what can be asked: http or https, a host, no credentials.
func checkURL(s string) error {
	u, err := url.Parse(s)
	if err != nil || strings.Contains(s, `\`) {
		return wrong("write it as https://host/path; other characters in it are written %XX", "not a URL")
	}
	switch {
	case u.Scheme == "" || u.Opaque != "":
		return wrong("write it as https://host/path", "not a whole URL: no scheme")
	case isSocketAddress(s):
		return wrong("a WebSocket is a probe: websocket: wss://…", "a WebSocket where a request is asked")
	case u.Scheme != "http" && u.Scheme != "https":
		return wrong("only http:// and https:// can be asked", "scheme %q", u.Scheme)
	case u.User != nil:
		return wrong("use auth: { basic: { user: …, password: \"${NAME}\" } }", "credentials in a URL")
	case u.Fragment != "" || strings.HasSuffix(s, "#"):
		return wrong("a fragment is never sent: remove it", "# in a URL")
	}
	return checkHost(u)
}

func checkHost(u *url.URL) error {
	host := u.Hostname()
	if host == "" {
		return wrong("write it as https://host/path", "no host in the URL")
	}
	if port := u.Port(); port != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > math.MaxUint16 {
			return wrong("a port is a number from 1 to 65535", "port %q", port)
		}
	}
	if strings.Contains(host, "%") {
		return wrong("write the address without its zone", "an address with a zone")
	}
	if _, err := netip.ParseAddr(host); err != nil && strings.Trim(host, "0123456789.xXabcdefABCDEF") == "" && looksNumeric(host) {
		return wrong("write the address in four parts: 127.0.0.1", "%q is no name and no whole address", host)
	}
	return nil
}

// looksNumeric reports hosts such as 127.1 and 0x7f.1, which some resolvers
// read as addresses.
func looksNumeric(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	_, err := strconv.ParseUint(last, 0, 64)
	return err == nil
}

func checkPublicURL(s string) error {
	if err := checkURL(s); err != nil {
		return err
	}
	if strings.Contains(s, "?") {
		return wrong("links are made by adding to it: remove the query", "a query in the page's URL")
	}
	return nil
}

// checkHook checks a secret URL without ever quoting it.
func checkHook(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return wrong("it starts with https://", "not the URL of a webhook")
	}
	return nil
}

// checkAPIURL accepts what method names can be added to.
func checkAPIURL(s string) error {
	if err := checkHook(s); err != nil || !strings.HasSuffix(s, "/") {
		return wrong("https://slack-gov.com/api/", "not a URL that ends in /")
	}
	return nil
}

// checkTarget accepts a path or a whole URL.
func checkTarget(s string) error {
	if !strings.HasPrefix(s, "/") {
		if err := checkURL(s); err != nil {
			return wrong("a path begins with /", "neither a path nor a URL")
		}
		return nil
	}
	if _, err := url.Parse(s); err != nil || strings.ContainsAny(s, "\\#") || strings.HasPrefix(s, "//") {
		return wrong("other characters in it are written %XX", "not a path that can be asked")
	}
	return nil
}
