package forwarding_test

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"testing"
	"testing/synctest"
	"time"

	"shapewatch/forwarding"
	"shapewatch/store"
	"shapewatch/webhooks"
)

// hangs takes a request and never answers by itself.
type hangs struct{}

func (hangs) RoundTrip(q *http.Request) (*http.Response, error) {
	httptrace.ContextClientTrace(q.Context()).WroteHeaders()
	<-q.Context().Done()
	return nil, q.Context().Err()
}

// TestForwarder_EndsSoonAndTogether: however long receivers may take, and
// however many there are, the program ends within seconds, and a change of the
// configuration waits no longer. What was under way is counted as an attempt
// that may have been taken, and waits.
func TestForwarder_EndsSoonAndTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		state, targets := store.NewMemory(store.Retention{}), map[string]forwarding.Target{}
		for _, name := range []string{"a", "b", "c", "d"} {
			f := webhooks.Forward{ID: "e1", Type: "paid", At: time.Now(), Head: []byte("\r\n"), Body: []byte("{}")}
			if _, err := state.KeepArrival(t.Context(), name, webhooks.Arrival{ID: "e1", Type: "paid", At: time.Now(), Onward: &f}); err != nil {
				t.Fatal(err)
			}
			targets[name] = forwarding.Target{URL: "https://orders.example/" + name, AtOnce: 1, Timeout: time.Hour, GiveUp: 24 * time.Hour}
		}
		f := forwarding.New(forwarding.Options{Queue: state, Transport: func(bool) http.RoundTripper { return hangs{} }})
		f.Change(targets)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- f.Run(ctx) }()
		time.Sleep(time.Minute)
		began := time.Now()
		f.Change(map[string]forwarding.Target{"a": targets["a"]})
		time.Sleep(4 * time.Second)
		for name, attempts := range map[string]int{"a": 1, "b": 1, "d": 1} {
			rows, err := state.Forwards(t.Context(), name, false, 9)
			if err != nil || len(rows) != 1 || rows[0].Attempts != attempts || rows[0].Answered != 0 || (rows[0].Error == "") != (name == "a") {
				t.Errorf("%s: %+v, %v", name, rows, err)
			}
		}
		cancel()
		if err := <-ended; err != nil || time.Since(began) > 8*time.Second {
			t.Errorf("ended after %s: %v", time.Since(began), err)
		}
	})
}
