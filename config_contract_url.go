package main

import (
	"net/url"
	"slices"
	"strings"

	"shapewatch/contracts/openapi"
	"shapewatch/probes"
)

// A farContract is a contract at an address, and the probes whose answers are held
// against it.
type farContract struct {
	address leaf[string]
	auth    authBlock                // of the API, where the document is at the same origin
	headers map[string]leaf[string]  // likewise
	holds   map[string]openapi.Asked // by probe ID
}

// holdRemotely notes that a probe is held against a document at an address.
func (m *assembly) holdRemotely(b *probeBlock, p probes.Probe) {
	i := slices.IndexFunc(m.remotes, func(r farContract) bool { return r.address.value == b.contract.value })
	if i < 0 {
		r := farContract{address: b.contract, holds: map[string]openapi.Asked{}}
		if sameOrigin(b.contract.value, p.URL) {
			r.auth, r.headers = b.auth, b.headers
		}
		i, m.remotes = len(m.remotes), append(m.remotes, r)
	}
	m.remotes[i].holds[p.ID] = openapi.Asked{Method: p.Method, URL: p.URL, OperationID: b.operation.value}
}

// sameOrigin reports whether two addresses are of one scheme, host and port.
func sameOrigin(a, b string) bool {
	x, err := url.Parse(a)
	if err != nil {
		return false
	}
	y, err := url.Parse(b)
	return err == nil && x.Scheme == y.Scheme && strings.EqualFold(x.Host, y.Host)
}

func isURL(s string) bool { return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") }
