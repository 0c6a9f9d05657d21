package forwarding

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"shapewatch/webhooks"
)

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(q *http.Request) (*http.Response, error) { return f(q) }

// TestSend_MasksBeforeItCuts: a secret at the cut, a token without its scheme,
// and one secret that begins like another.
func TestSend_MasksBeforeItCuts(t *testing.T) {
	const token, key = "t0ken-of-the-receiver", "t0ken-of-the-receiver-and-more"
	for name, says := range map[string]string{
		"cut": strings.Repeat("x", maxWords-5) + token, "no scheme": "unknown token " + token, "longer": "not " + key, "failed": "",
	} {
		c := newCourier(Target{URL: "https://orders.example/in?key=" + key, Header: map[string]string{"Authorization": "Bearer " + token}, Secrets: []string{key}},
			tripper(func(*http.Request) (*http.Response, error) {
				if says == "" {
					return nil, errors.New("no route for " + token)
				}
				return &http.Response{StatusCode: 403, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(says))}, nil
			}))
		told := c.send(t.Context(), webhooks.Forward{Head: []byte("\r\n"), Body: []byte("{}")}).problem
		if told == "" || strings.Contains(told, "t0ken") || strings.Contains(told, "-and-more") || strings.Contains(told, "xt0") {
			t.Errorf("%s: %s", name, told)
		}
	}
}

// TestSend_IsUnsureOfAGateway that gave up on the receiver.
func TestSend_IsUnsureOfAGateway(t *testing.T) {
	for status, unsure := range map[int]bool{500: false, 502: true, 503: false, 504: true} {
		c := newCourier(Target{URL: "https://orders.example/in"}, tripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody}, nil
		}))
		if a := c.send(t.Context(), webhooks.Forward{Head: []byte("\r\n"), Body: []byte("{}")}); a.unsure != unsure {
			t.Errorf("%d: %+v", status, a)
		}
	}
}
