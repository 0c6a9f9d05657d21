package probes

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"

	"code.dny.dev/ssrf"
)

// ours are the addresses that people give their own servers. Link-local is not
// among them: at one of those a cloud tells its secrets.
var (
	oursV4 = []netip.Prefix{
		netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"),
		netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("100.64.0.0/10"),
	}
	oursV6 = []netip.Prefix{netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("fc00::/7")}
)

// OwnTransport reaches servers that the user names and runs: with private also
// at loopback and private addresses, never at link-local and metadata ones.
func OwnTransport(private bool) http.RoundTripper {
	dialer := &net.Dialer{Timeout: connectTimeout, Control: guard()}
	if private {
		dialer.Control = ownGuard()
	}
	return &http.Transport{
		DialContext: dialer.DialContext, TLSClientConfig: tlsConfig(Options{}, nil), TLSHandshakeTimeout: tlsTimeout,
		ForceAttemptHTTP2: true, DisableCompression: true, MaxIdleConnsPerHost: maxIdlePerHost,
		IdleConnTimeout: idleTimeout, MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

// metadata are among ours by number, and answer for a cloud's secrets.
var metadata = []netip.Addr{netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("100.100.100.200")}

func ownGuard() func(network, address string, c syscall.RawConn) error {
	strict, open := guard(), ssrf.New(ssrf.WithAnyPort(), ssrf.WithDeniedV4Prefixes(azureWireserver),
		ssrf.WithAllowedV4Prefixes(oursV4...), ssrf.WithAllowedV6Prefixes(oursV6...)).Safe
	return func(network, address string, c syscall.RawConn) error {
		if at, err := netip.ParseAddrPort(address); err == nil && slices.Contains(metadata, at.Addr()) {
			return strict(network, address, c)
		}
		return open(network, address, c)
	}
}
