// Package tap tells shapewatch what a Go client uses, and what its vendors
// answer in production. A [Tap] is an [http.RoundTripper] to put into the
// client; [Decode] decodes an answer and notes which of its fields the type
// takes:
//
//	t := tap.New(tap.Options{Uses: "uses.json"})
//	defer t.Close()
//	client := &http.Client{Transport: t}
//	response, err := client.Get("https://api.acme.dev/v1/orders/42")
//	…
//	var order Order
//	err = tap.Decode(response, &order) // noted: GET /v1/orders/{id} takes /id, /total
//
// The file that it writes is what uses_from: of a configuration reads. With
// Folder or Post, answers become samples: for `shapewatch replay` and `learn`,
// or for a running server. Their values are masked unless Whole says otherwise.
//
// A tap never disturbs its caller: requests and answers pass byte for byte, it
// waits for nothing, holds a bounded number of bytes, and its own faults are
// counted ([Tap.Stats]) and otherwise swallowed. It imports the standard library
// only.
package tap

import (
	"net/http"
	"sync"
	"time"
)

// Options say what a tap does. The zero value only notes uses in memory.
type Options struct {
	Base http.RoundTripper // that asks; nil means http.DefaultTransport
	// Operations are what requests are counted as, the first that fits:
	// "GET /v1/orders/{id}". A path that none fits counts as its own, with {id}
	// for whatever looks like an identifier.
	Operations []string
	Uses       string // file that uses are added to; empty for none

	Folder string // of samples, a .jsonl file for each operation; empty for none
	Post   string // address of a webhook source of a running server: https://…/in/NAME; empty for none
	Secret string // that posted samples are signed with: HMAC-SHA256, hex, in X-Shapewatch-Signature
	Whole  bool   // samples keep their values; else texts and numbers are masked

	Every   time.Duration // at most one sample of an operation in this time; 0 means 1 m
	MaxBody int64         // larger answers are no samples, bytes; 0 means 1 MiB
}

// Bounds of what a tap holds.
const (
	maxOperations = 1000
	maxPaths      = 5000 // of one operation
	maxWaiting    = 64   // samples
)

// Stats count what a tap did, and what went wrong without anybody being told.
type Stats struct {
	Answers uint64 // that passed
	Samples uint64 // that were kept or sent
	Dropped uint64 // samples: too large, no JSON, too many at once
	Faults  uint64 // of the tap itself: a file that cannot be written, a server that refuses
	Last    string // of the faults; empty for none
}

// A Tap is an http.RoundTripper; create it with [New]. It is safe for
// concurrent use.
type Tap struct {
	o       Options
	poster  *http.Client
	samples chan sample
	stop    chan struct{}
	ended   chan struct{}
	once    sync.Once

	mu    sync.Mutex
	uses  map[string]map[string]bool // paths by operation
	moved bool                       // since the uses were written
	last  map[string]time.Time       // sample of each operation
	stats Stats
}

// New starts a tap. Close it to write what is still to be written.
func New(o Options) *Tap {
	if o.Base == nil {
		o.Base = http.DefaultTransport
	}
	if o.Every <= 0 {
		o.Every = time.Minute
	}
	if o.MaxBody <= 0 {
		o.MaxBody = 1 << 20
	}
	t := &Tap{
		o: o, poster: &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}},
		samples: make(chan sample, maxWaiting), stop: make(chan struct{}), ended: make(chan struct{}),
		uses: map[string]map[string]bool{}, last: map[string]time.Time{},
	}
	go t.work()
	return t
}

// RoundTrip asks by the base and hands on what it answers.
func (t *Tap) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := t.o.Base.RoundTrip(r)
	if err == nil && response != nil && response.Body != nil {
		t.guarded(func() { t.attach(r, response) })
	}
	return response, err
}

// guarded does what must not reach the caller, whatever happens.
func (t *Tap) guarded(do func()) {
	defer func() {
		if r := recover(); r != nil {
			t.fault("a fault of the tap itself")
		}
	}()
	do()
}

// Stats returns what was counted so far.
func (t *Tap) Stats() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.stats
}

func (t *Tap) fault(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.Faults++
	t.stats.Last = what
}

func (t *Tap) drop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stats.Dropped++
}

// Close writes what waits, for at most ten seconds, and ends the tap. Requests
// that come later pass as before and are not noted.
func (t *Tap) Close() {
	t.once.Do(func() { close(t.stop) })
	select {
	case <-t.ended:
	case <-time.After(10 * time.Second):
	}
}
