package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// patient is how long tests wait for what a machine at leisure does within
// limit: beside other tests, under the race detector, it takes many times as
// long, but not so long that the tests' own time limit says less than they would.
// Only a test that fails waits so long.
func patient(limit time.Duration) time.Duration { return min(8*limit, max(limit, 5*time.Minute)) }

// within waits for something to come true, and fails saying what did not.
func within(t *testing.T, limit time.Duration, what string, true func() bool) {
	t.Helper()
	for end := time.Now().Add(patient(limit)); !true(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %s", what, patient(limit))
		}
	}
}

func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	within(t, 10*time.Second, what, true)
}

// ports are those from 10000 to 29999, beginning somewhere: below what the
// system gives to whoever asks for any port, and to whoever calls. One that is
// free stays free until the binary listens there, and while it restarts.
var ports atomic.Uint32

func init() { ports.Store(rand.Uint32N(20_000)) }

// unusedAddress is one on which nobody listens, and which no other test gets.
func unusedAddress() (string, error) {
	var err error
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 10_000+ports.Add(1)%20_000)
		var l net.Listener
		if l, err = net.Listen("tcp", address); err == nil {
			return address, l.Close()
		}
	}
	return "", err
}

func freeAddress(t *testing.T) string {
	t.Helper()
	address, err := unusedAddress()
	if err != nil {
		t.Fatal(err)
	}
	return address
}
