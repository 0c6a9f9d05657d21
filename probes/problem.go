package probes

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// A failure is why there is no valid answer, and whether asking again at once
// might help. Its problem is complete: one sentence for a person, bounded,
// printable, and free of query strings.
type failure struct {
	class   Class
	problem string
	again   bool // no byte of an answer was seen, and the cause may pass
}

// Error implements [error].
func (f failure) Error() string { return f.problem }

// A credentialError says that there was no credential to send.
type credentialError struct{ err error }

// Error implements [error].
func (c credentialError) Error() string { return "credentials: " + c.err.Error() }

// Unwrap implements errors.Is and errors.As.
func (c credentialError) Unwrap() error { return c.err }

// credentials is the failure to get a credential. The API was not asked: it is
// unreachable for us, and the fault is ours or the token endpoint's.
func credentials(err error) failure {
	return failure{class: Unreachable, problem: "credentials: " + printable(err.Error(), 300)}
}

// explain says in words why there is no response.
func (a *ask) explain(ctx context.Context, err error, at phase) failure {
	var missing credentialError
	switch {
	case errors.As(err, &missing):
		return credentials(missing.err)
	case errors.Is(ctx.Err(), context.DeadlineExceeded) && !time.Now().Before(a.deadline):
		return failure{class: Unreachable, problem: fmt.Sprintf("no answer within %s (%s)", inWords(a.probe.timeout()), at)}
	case ctx.Err() != nil:
		return failure{class: Unreachable, problem: fmt.Sprintf("the check was stopped before the answer (%s)", at)}
	case errors.Is(err, ssrf.ErrProhibitedIP) || errors.Is(err, ssrf.ErrProhibitedNetwork):
		return failure{class: Unreachable, problem: a.target.host +
			" is at a private, loopback or reserved address (connecting): set allow_private if that is meant"}
	case at >= readingHeader:
		return malformed(err)
	case isHTTP2(err):
		f := malformed(err)
		f.again = true
		return f
	}
	if problem := a.explainTLS(err); problem != "" {
		return failure{class: Unreachable, problem: problem}
	}
	problem, again := a.explainConnection(err, at)
	return failure{class: Unreachable, problem: problem, again: again}
}

// explainConnection covers names, sockets and silence; again is whether it may
// pass by itself.
func (a *ask) explainConnection(err error, at phase) (problem string, again bool) {
	host := a.target.host
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no host named " + host + " (resolving the name)", false
	case errors.As(err, &dns):
		return "the name servers do not answer for " + host + " (resolving the name)", true
	case errors.Is(err, syscall.ECONNREFUSED):
		return host + " refuses connections (connecting)", true
	case errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETUNREACH):
		return "there is no route to " + host + " (connecting)", true
	case isReset(err):
		return fmt.Sprintf("%s reset the connection (%s)", host, at), true
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "server closed idle connection"):
		return fmt.Sprintf("%s closed the connection without an answer (%s)", host, at), true
	case strings.Contains(err.Error(), "invalid header field"):
		return "a header of the probe cannot be sent, perhaps for a line break in it: " + printable(err.Error(), 120), false
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("no connection to %s within %s (%s)", host, inWords(connectTimeout), at), true
	}
	return fmt.Sprintf("no connection to %s: %s (%s)", host, printable(innermost(err).Error(), 120), at), true
}

// explainTLS says what is wrong with a certificate or handshake, "" if nothing is.
func (a *ask) explainTLS(err error) string {
	host := printable(a.target.url.Hostname(), 120)
	var (
		invalid   x509.CertificateInvalidError
		wrongHost x509.HostnameError
		unknown   x509.UnknownAuthorityError
		plain     tls.RecordHeaderError
		alert     tls.AlertError
		verify    *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return validity(host, invalid.Cert)
	case errors.As(err, &wrongHost):
		return fmt.Sprintf("the certificate of %s is for %s, not for this host", host, namesOf(wrongHost.Certificate))
	case errors.As(err, &unknown):
		return "the certificate of " + host + " is signed by an authority that this machine does not know"
	case errors.As(err, &plain):
		return host + " does not speak TLS on this port (TLS handshake)"
	case errors.As(err, &alert):
		return fmt.Sprintf("%s refused the TLS handshake: %s", host, printable(alert.Error(), 80))
	case errors.As(err, &verify):
		return fmt.Sprintf("the certificate of %s is not accepted: %s", host, printable(verify.Err.Error(), 120))
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return host + " does not speak TLS on this port (TLS handshake)"
	}
	return ""
}

func validity(host string, cert *x509.Certificate) string {
	if now := time.Now(); now.Before(cert.NotBefore) {
		return fmt.Sprintf("the certificate of %s is not valid before %s", host, cert.NotBefore.UTC().Format(time.DateOnly))
	}
	return fmt.Sprintf("the certificate of %s expired on %s", host, cert.NotAfter.UTC().Format(time.DateOnly))
}

func namesOf(cert *x509.Certificate) string {
	names := cert.DNSNames
	if len(names) == 0 && len(cert.IPAddresses) > 0 {
		names = []string{cert.IPAddresses[0].String()}
	}
	if len(names) == 0 {
		names = []string{cert.Subject.CommonName}
	}
	if len(names) > 1 {
		return quoted(names[0], 80) + " and others"
	}
	return quoted(names[0], 80)
}

// malformed is an answer that began and is not HTTP. The texts are those of
// net/http, which has no types for them; what follows them came from the
// vendor and is left out.
func malformed(err error) failure {
	text := err.Error()
	f := failure{class: Protocol}
	switch {
	case strings.Contains(text, "server response headers exceeded"):
		f.class, f.problem = OverLimit, fmt.Sprintf("the header is longer than the limit of %s", bytesInWords(maxHeaderBytes))
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		f.problem = "the answer ended within its header"
	case isReset(err):
		f.problem = "the connection was reset within the header"
	case strings.Contains(text, "Content-Length"):
		f.problem = "the answer contradicts itself about its length (bad Content-Length)"
	case strings.Contains(text, "transfer encoding"):
		f.problem = "the answer uses a transfer encoding that HTTP does not know"
	case strings.Contains(text, "malformed HTTP"):
		f.problem = "the answer is not HTTP (bad status line)"
	case strings.Contains(text, "MIME header"):
		f.problem = "the answer is not valid HTTP (bad header line)"
	case isHTTP2(err):
		f.problem = "HTTP/2 broke: " + printable(text, 120)
	default:
		f.problem = "the answer is not valid HTTP: " + printable(text, 120)
	}
	return f
}

func isHTTP2(err error) bool {
	return strings.HasPrefix(err.Error(), "http2:") || strings.HasPrefix(err.Error(), "stream error:")
}

func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
