package probes

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"
)

// mtls keeps the last certificate it loaded, and loads anew when a file changed.
type mtls struct {
	hidden
	certFile, keyFile string

	mu     sync.Mutex
	loaded *tls.Certificate
	as     [2]fileState
}

// A fileState says which content a file had.
type fileState struct {
	changed time.Time
	size    int64
}

// MTLS authenticates by client certificate: paths of PEM files with the
// certificate chain and its private key, which is not encrypted. They are read
// at a handshake when they have changed, so a rotation needs no restart.
func MTLS(certFile, keyFile string) TLSAuth {
	return &mtls{hidden: "mtls", certFile: certFile, keyFile: keyFile}
}

// Apply implements [Auth]; the certificate belongs to the connection.
func (m *mtls) Apply(context.Context, *http.Request) error { return nil }

// Secrets implements [Auth]; a private key never leaves the handshake.
func (m *mtls) Secrets() []string { return nil }

// Certificate implements [TLSAuth].
func (m *mtls) Certificate() (*tls.Certificate, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	as, err := statesOf(m.certFile, m.keyFile)
	if err != nil {
		return nil, fmt.Errorf("client certificate: %w", err)
	}
	if m.loaded != nil && as == m.as {
		return m.loaded, nil
	}
	loaded, err := tls.LoadX509KeyPair(m.certFile, m.keyFile)
	if err != nil {
		return nil, fmt.Errorf("client certificate %s with key %s: %w", m.certFile, m.keyFile, err)
	}
	m.loaded, m.as = &loaded, as
	return m.loaded, nil
}

func statesOf(certFile, keyFile string) (states [2]fileState, err error) {
	for i, path := range []string{certFile, keyFile} {
		found, err := os.Stat(path)
		if err != nil {
			return states, err
		}
		states[i] = fileState{found.ModTime(), found.Size()}
	}
	return states, nil
}
