package probes

import (
	"net/netip"
	"syscall"

	"code.dny.dev/ssrf"
)

// azureWireserver answers for a cloud's metadata from a public address.
var azureWireserver = netip.MustParsePrefix("168.63.129.16/32")

// guard returns the check that runs on every address about to be dialled,
// after the name was resolved: neither a redirect nor a name that resolves
// differently the second time gets past it. It refuses loopback, private,
// link-local, carrier-grade NAT, metadata and other reserved addresses.
func guard() func(network, address string, c syscall.RawConn) error {
	return ssrf.New(ssrf.WithAnyPort(), ssrf.WithDeniedV4Prefixes(azureWireserver)).Safe
}
