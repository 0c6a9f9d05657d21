package probes_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"shapewatch/probes"
)

// TestDo_SaysWhetherAnythingCanHaveArrived asks hosts that cannot be reached,
// and some that break off when they have read the request.
func TestDo_SaysWhetherAnythingCanHaveArrived(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + listener.Addr().String()
	listener.Close()
	breaksOff := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // whatever came
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(breaksOff.Close)
	answers := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(answers.Close)
	leads := httptest.NewServer(http.RedirectHandler(closed, http.StatusTemporaryRedirect))
	t.Cleanup(leads.Close)
	noTLS := "https" + answers.URL[len("http"):]
	for name, c := range map[string]struct {
		url    string
		unsent bool
	}{
		"closed port":            {closed, true},
		"not to be asked":        {"http://127.0.0.1:1/", true}, // by our own guard, when it is dialled
		"no TLS":                 {noTLS, true},
		"breaks off":             {breaksOff.URL, false},
		"answers":                {answers.URL, false},
		"leads where nobody is":  {leads.URL, false},
		"login at a closed port": {answers.URL, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := probes.Probe{ID: "a", URL: c.url, Method: "POST", Body: []byte("{}"), AllowPrivate: name != "not to be asked", Timeout: 20 * time.Second}
			if name == "login at a closed port" {
				p.Auth = probes.OAuth2(probes.OAuth2Options{TokenURL: closed, ClientID: "a", ClientSecret: "b"})
			}
			if s := probes.NewClient(probes.Options{}).Do(t.Context(), p); s.Unsent != c.unsent {
				t.Errorf("unsent %t: %s %d %s", s.Unsent, s.Class, s.Status, s.Problem)
			}
		})
	}
}
