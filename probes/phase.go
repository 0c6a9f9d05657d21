package probes

import (
	"net/http/httptrace"
	"sync/atomic"
)

// A phase is how far a request has come.
type phase int32

const (
	starting phase = iota
	resolving
	connecting
	handshaking
	sending
	waiting // for the first byte
	readingHeader
	readingBody
)

var phaseNames = [...]string{
	"before a connection", "resolving the name", "connecting", "TLS handshake",
	"sending the request", "waiting for the first byte", "reading the header", "reading the body",
}

// String says the phase as problems print it.
func (p phase) String() string { return phaseNames[p] }

// progress follows one request through its phases. It only moves forward: a
// connection that is dialled in vain beside one that became free still
// reports, and late.
type progress struct{ at atomic.Int32 }

func (p *progress) phase() phase { return phase(p.at.Load()) }

func (p *progress) reach(to phase) {
	for {
		at := p.at.Load()
		if at >= int32(to) || p.at.CompareAndSwap(at, int32(to)) {
			return
		}
	}
}

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:             func(httptrace.DNSStartInfo) { p.reach(resolving) },
		ConnectStart:         func(string, string) { p.reach(connecting) },
		TLSHandshakeStart:    func() { p.reach(handshaking) },
		GotConn:              func(httptrace.GotConnInfo) { p.reach(sending) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { p.reach(waiting) },
		GotFirstResponseByte: func() { p.reach(readingHeader) },
	}
}
