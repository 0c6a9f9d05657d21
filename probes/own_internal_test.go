package probes

import (
	"net/http"
	"strings"
	"testing"
)

// TestOwnTransport: a receiver of one's own may be inside; what answers for a
// cloud's secrets is none.
func TestOwnTransport(t *testing.T) {
	guards := map[bool]func(string) error{
		true:  func(address string) error { return ownGuard()(network(address), address, nil) },
		false: func(address string) error { return guard()(network(address), address, nil) },
	}
	for address, allowed := range map[string][2]bool{ // without and with private
		"93.184.216.34:443": {true, true}, "10.1.2.3:8080": {false, true}, "127.0.0.1:80": {false, true}, "[::1]:80": {false, true},
		"192.168.1.9:80": {false, true}, "[fd12::1]:80": {false, true}, "169.254.169.254:80": {false, false}, "[fe80::1]:80": {false, false},
		"[fd00:ec2::254]:80": {false, false}, "100.100.100.200:80": {false, false}, "168.63.129.16:80": {false, false}, "0.0.0.0:80": {false, false},
	} {
		for private, guard := range guards {
			want := allowed[0]
			if private {
				want = allowed[1]
			}
			if err := guard(address); (err == nil) != want {
				t.Errorf("%s, private %v: %v", address, private, err)
			}
		}
	}
	if _, err := OwnTransport(false).RoundTrip(mustGet(t, "http://127.0.0.1:9/")); err == nil || strings.Contains(err.Error(), "refused") {
		t.Errorf("loopback was dialled: %v", err)
	}
}

func mustGet(t *testing.T, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func network(address string) string {
	if strings.HasPrefix(address, "[") {
		return "tcp6"
	}
	return "tcp4"
}
