package forwarding_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"shapewatch/alerting"
	"shapewatch/forwarding"
	"shapewatch/store"
	"shapewatch/webhooks"
)

const source = "shop/webhooks"

// A receiver takes what its answer lets it, and notes the rest too.
type receiver struct {
	mu     sync.Mutex
	answer func(id string, nth int) (*http.Response, error)
	got    []string
}

func (r *receiver) RoundTrip(q *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	id := string(body)
	nth := len(slices.DeleteFunc(slices.Clone(r.got), func(g string) bool { return g != id })) + 1
	r.got = append(r.got, id)
	return r.answer(id, nth)
}

func (r *receiver) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

func answered(status int) (*http.Response, error) {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("canary"))}, nil
}

// handOn hands n events on for as long as do takes.
func handOn(t *testing.T, n int, target forwarding.Target, r *receiver, do func(*store.Memory)) {
	t.Helper()
	state := store.NewMemory(store.Retention{})
	for i := range n {
		id := fmt.Sprint("e", i)
		f := webhooks.Forward{ID: id, Type: "paid", At: time.Now(), Head: []byte("X-Id: " + id + "\r\n\r\n"), Body: []byte(id)}
		if _, err := state.KeepArrival(t.Context(), source, webhooks.Arrival{ID: id, Type: "paid", At: time.Now(), Onward: &f}); err != nil {
			t.Fatal(err)
		}
	}
	f := forwarding.New(forwarding.Options{Queue: state, Transport: func(bool) http.RoundTripper { return r }})
	target.URL, target.Timeout = "https://orders.example/hooks", 10*time.Second
	f.Change(map[string]forwarding.Target{source: target})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	do(state)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func onward(t *testing.T, state *store.Memory) webhooks.Onward {
	t.Helper()
	o, err := state.Onward(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestForwarder_KeepsOrderOverFailures: one that fails holds up the others, one
// that will never be taken does not.
func TestForwarder_KeepsOrderOverFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{answer: func(id string, nth int) (*http.Response, error) {
			switch {
			case id == "e1" && nth < 3:
				return answered(503)
			case id == "e2":
				return answered(400)
			case id == "e3" && nth == 1:
				return nil, errors.New("connection reset")
			}
			return answered(204)
		}}
		handOn(t, 5, forwarding.Target{AtOnce: 1, GiveUp: time.Hour}, r, func(state *store.Memory) {
			time.Sleep(time.Minute)
			if o := onward(t, state); o.Sent != 4 || o.Dead != 1 || o.Waiting != 0 || !strings.HasPrefix(o.Lost, "answered 400") || o.Error != "" {
				t.Errorf("%+v", o)
			}
		})
		want := []string{"e0", "e1", "e1", "e1", "e2", "e3", "e3", "e4"}
		if got := r.all(); !slices.Equal(got, want) {
			t.Errorf("sent %v, want %v", got, want)
		}
	})
}

// TestForwarder_AsksASickReceiverLittle: what is down for an hour is asked with
// growing pauses for one event, and gets all of them in the end.
func TestForwarder_AsksASickReceiverLittle(t *testing.T) {
	for _, atOnce := range []int{1, 4} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			r := &receiver{answer: func(string, int) (*http.Response, error) {
				if time.Since(began) < time.Hour {
					return answered(502)
				}
				return answered(200)
			}}
			handOn(t, 40, forwarding.Target{AtOnce: atOnce, GiveUp: 24 * time.Hour}, r, func(state *store.Memory) {
				time.Sleep(time.Hour - time.Second)
				if asked := len(r.all()); asked < 10 || asked > 100*atOnce {
					t.Errorf("%d at once: asked %d times in an hour", atOnce, asked)
				}
				time.Sleep(15 * time.Minute)
				if o := onward(t, state); o.Sent != 40 || o.Waiting != 0 {
					t.Errorf("%d at once: %+v", atOnce, o)
				}
			})
		})
	}
}

// TestForwarder_GivesUpInTime: nobody waits for ever, and an hour after it was
// sent again an event has another hour.
func TestForwarder_GivesUpInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{answer: func(string, int) (*http.Response, error) { return answered(500) }}
		handOn(t, 1, forwarding.Target{AtOnce: 1, GiveUp: time.Hour}, r, func(state *store.Memory) {
			time.Sleep(90 * time.Minute)
			if o := onward(t, state); o.Dead != 1 {
				t.Fatalf("%+v", o)
			}
			if _, err := state.RuleForwards(t.Context(), source, webhooks.Chosen{}, alerting.Act{Kind: alerting.SendAgain, Actor: "ada", At: time.Now()}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(30 * time.Minute)
			if o := onward(t, state); o.Waiting != 1 || o.Dead != 0 {
				t.Errorf("half an hour later: %+v", o)
			}
			time.Sleep(time.Hour)
			if o := onward(t, state); o.Dead != 1 || o.Twice != 0 {
				t.Errorf("in the end: %+v", o)
			}
		})
	})
}
