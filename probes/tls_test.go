package probes_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shapewatch/probes"
)

func rootsOf(s *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

// certificate makes a self-signed certificate out of a template.
func certificate(t *testing.T, template x509.Certificate) (tls.Certificate, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.BasicConstraintsValid, template.IsCA = true, true
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, _ := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, parsed
}

// serveTLS answers {} behind a certificate, and returns the server and the
// pool that trusts it.
func serveTLS(t *testing.T, template x509.Certificate) (*httptest.Server, *x509.CertPool) {
	t.Helper()
	own, parsed := certificate(t, template)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{}`)
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{own}}
	s.StartTLS()
	t.Cleanup(s.Close)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return s, pool
}

var (
	past   = time.Date(2020, 10, 1, 12, 0, 0, 0, time.UTC)
	future = time.Date(2120, 10, 1, 12, 0, 0, 0, time.UTC)
	local  = []net.IP{net.IPv4(127, 0, 0, 1)}
)

func TestDo_SaysWhatIsWrongWithACertificate(t *testing.T) {
	for _, test := range []struct {
		name     string
		template x509.Certificate
		distrust bool
		want     string
	}{
		{"good", x509.Certificate{NotBefore: past, NotAfter: future, IPAddresses: local}, false, ""},
		{"expired", x509.Certificate{NotBefore: past, NotAfter: past.AddDate(1, 0, 0), IPAddresses: local}, false,
			"the certificate of 127.0.0.1 expired on 2021-10-01"},
		{"not yet", x509.Certificate{NotBefore: future, NotAfter: future.AddDate(1, 0, 0), IPAddresses: local}, false,
			"the certificate of 127.0.0.1 is not valid before 2120-10-01"},
		{"wrong host", x509.Certificate{NotBefore: past, NotAfter: future, DNSNames: []string{"old.example.com"}}, false,
			`the certificate of 127.0.0.1 is for "old.example.com", not for this host`},
		{"unknown authority", x509.Certificate{NotBefore: past, NotAfter: future, IPAddresses: local}, true,
			"the certificate of 127.0.0.1 is signed by an authority that this machine does not know"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, pool := serveTLS(t, test.template)
			if test.distrust {
				pool = x509.NewCertPool()
			}
			p := loopback("")
			p.URL = server.URL
			s := newClient(t, probes.Options{RootCAs: pool}).Do(context.Background(), p)
			if s.Problem != test.want {
				t.Errorf("problem %q, want %q", s.Problem, test.want)
			}
			if bad := test.want != ""; bad && (s.Class != probes.Unreachable || s.Attempts != 1) {
				t.Errorf("class %s after %d attempts: a bad certificate is not worth a retry", s.Class, s.Attempts)
			}
		})
	}
}

func TestDo_SaysThatAPortDoesNotSpeakTLS(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	p := loopback("")
	p.URL = "https://" + server.Listener.Addr().String()
	s := newClient(t, probes.Options{}).Do(context.Background(), p)
	if want := "127.0.0.1 does not speak TLS on this port (TLS handshake)"; s.Problem != want {
		t.Errorf("problem %q, want %q", s.Problem, want)
	}
}

// writeKeyPair writes a certificate and its key as PEM files.
func writeKeyPair(t *testing.T, dir string, own tls.Certificate) (certFile, keyFile string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: own.Certificate[0]},
		keyFile:  {Type: "PRIVATE KEY", Bytes: der},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

func TestMTLS_PresentsTheCertificateThatIsOnDiskNow(t *testing.T) {
	var presented string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		presented = r.TLS.PeerCertificates[0].Subject.CommonName
		io.WriteString(w, `{}`)
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.StartTLS()
	defer server.Close()
	client := newClient(t, probes.Options{RootCAs: rootsOf(server)})
	dir := t.TempDir()
	p := loopback("")
	p.URL, p.FreshConnection = server.URL, true
	for _, name := range []string{"first", "rotated"} {
		own, _ := certificate(t, x509.Certificate{NotBefore: past, NotAfter: future, Subject: pkix.Name{CommonName: name}})
		certFile, keyFile := writeKeyPair(t, dir, own)
		later := time.Now().Add(time.Duration(len(name)) * time.Minute)
		if err := os.Chtimes(certFile, later, later); err != nil {
			t.Fatal(err)
		}
		if p.Auth == nil {
			p.Auth = probes.MTLS(certFile, keyFile)
		}
		if s := client.Do(context.Background(), p); s.Class != probes.Valid || presented != name {
			t.Errorf("%s (%s), presented %q, want %q", s.Class, s.Problem, presented, name)
		}
	}
}

func TestMTLS_SaysWhichFileIsMissing(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.StartTLS()
	defer server.Close()
	p := loopback("")
	p.URL, p.Auth = server.URL, probes.MTLS("testdata/no-cert.pem", "testdata/no-key.pem")
	s := newClient(t, probes.Options{RootCAs: rootsOf(server)}).Do(context.Background(), p)
	if s.Class != probes.Unreachable || !strings.HasPrefix(s.Problem, "credentials: client certificate") || !strings.Contains(s.Problem, "no-cert.pem") {
		t.Errorf("%s %q, want credentials and the file's name", s.Class, s.Problem)
	}
}
