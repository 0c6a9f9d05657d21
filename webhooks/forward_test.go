package webhooks_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/webhooks"
)

// TestPassed: what is about the connection stays behind, all else goes on as
// it came, bytes that are no UTF-8 included.
func TestPassed(t *testing.T) {
	f := webhooks.Forward{Head: webhooks.Passed(http.Header{
		"Connection": {"keep-alive, X-Hop"}, "Keep-Alive": {"timeout=5"}, "X-Hop": {"1"}, "Te": {"trailers"},
		"Transfer-Encoding": {"chunked"}, "Content-Length": {"7"}, "Proxy-Authorization": {"Basic eA=="},
		"Stripe-Signature": {"t=1,v1=ab"}, "User-Agent": {"Stripe/1.0"}, "Content-Type": {"application/json"},
		"X-Twice": {"a", "b"}, "X-Latin": {"caf\xe9"}, "Authorization": {"Bearer theirs"},
	})}
	got, err := f.Header()
	if err != nil {
		t.Fatal(err)
	}
	want := http.Header{
		"Stripe-Signature": {"t=1,v1=ab"}, "User-Agent": {"Stripe/1.0"}, "Content-Type": {"application/json"},
		"X-Twice": {"a", "b"}, "X-Latin": {"caf\xe9"}, "Authorization": {"Bearer theirs"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestOnward_CountsWhatMayHaveComeTwice: an attempt whose end nobody saw may
// have been taken, one that was refused was not.
func TestOnward_CountsWhatMayHaveComeTwice(t *testing.T) {
	now := time.Unix(1e9, 0)
	o := webhooks.Onward{Waiting: 4}
	for _, f := range []webhooks.Fated{
		{Forward: webhooks.Forward{Attempts: 1}, Fate: webhooks.Delivered},
		{Forward: webhooks.Forward{Attempts: 3, Answered: 2}, Fate: webhooks.Delivered},
		{Forward: webhooks.Forward{Attempts: 2, Answered: 0}, Fate: webhooks.Delivered},
		{Forward: webhooks.Forward{Attempts: 1, Answered: 1, Error: "500"}, Fate: webhooks.Later},
		{Forward: webhooks.Forward{Attempts: 2, Answered: 2, Error: "400"}, Fate: webhooks.GivenUp},
	} {
		o.Count(f, now)
	}
	want := webhooks.Onward{Dead: 1, Sent: 3, Twice: 1, Last: now.UTC(), Error: "400", Failing: now.UTC(), Lost: "400"}
	if d := cmp.Diff(want, o); d != "" {
		t.Error(d)
	}
}
