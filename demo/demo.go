// Package demo is a vendor that drifts: a small order API that answers the way
// real ones do (optional fields, nulls, lists that vary, maps, timestamps) and
// that changes on a script, or when told to, in the ways that break
// integrations. Behind it stand an order system with a warehouse, a book of
// sales that the warehouse imports, a nightly export and webhooks, and they
// break in the ways that integrations do. It is the first minute with
// shapewatch, and what the end-to-end tests run against.
//
// A [Vendor] is an [http.Handler]; a [Change] is one thing it does to its
// users. What it answers depends on the seed and on how often it was asked,
// never on the clock (sales alone say when the first was), so a test can count
// on it. It knows nothing of the program that watches it.
package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// A Vendor serves the order API. It is safe for concurrent use.
type Vendor struct {
	seed uint64
	mux  *http.ServeMux

	mu      sync.Mutex
	asked   map[string]uint64 // requests by path: the only clock of the content
	changed map[string]bool   // by Change.Name

	orders orderSystem
	sales  salesBook
}

// New returns a vendor that has not changed anything yet. Two vendors of one
// seed answer alike.
func New(seed uint64) *Vendor {
	v := &Vendor{seed: seed, mux: http.NewServeMux(), asked: map[string]uint64{}, changed: map[string]bool{}}
	for _, op := range operations {
		v.mux.HandleFunc("GET "+op.path, func(w http.ResponseWriter, r *http.Request) { v.answer(w, r, op) })
	}
	v.serveOrders()
	v.serveSales()
	v.serveExports()
	v.serveEvents()
	v.mux.HandleFunc("POST /demo/change/{name}", v.toggle(v.Apply))
	v.mux.HandleFunc("DELETE /demo/change/{name}", v.toggle(v.Revert))
	return v
}

// ServeHTTP answers the operations below /v1/, and does or takes back a change
// on POST or DELETE /demo/change/{name}.
func (v *Vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) { v.mux.ServeHTTP(w, r) }

// Apply makes a change: from now on every answer has it. The error names the
// changes there are.
func (v *Vendor) Apply(name string) error { return v.set(name, true) }

// Revert takes a change back.
func (v *Vendor) Revert(name string) error { return v.set(name, false) }

// Play applies the changes of the script at their times and returns after the
// last, or when ctx is done. It calls told after each change.
func (v *Vendor) Play(ctx context.Context, told func(Change)) error {
	start := time.Now()
	for _, change := range Script() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Until(start.Add(change.At))):
		}
		if err := v.Apply(change.Name); err != nil {
			return err
		}
		told(change)
	}
	return nil
}

func (v *Vendor) set(name string, to bool) error {
	if !slices.ContainsFunc(script, func(c Change) bool { return c.Name == name }) {
		return fmt.Errorf("change %q: not one of %v", name, names())
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.changed[name] = to
	return nil
}

// has reports whether a change was made.
func (v *Vendor) has(change string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.changed[change]
}

func (v *Vendor) toggle(set func(string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := set(r.PathValue("name")); err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// A scene is one answer in the making: its random source, how many came before
// it, and what has changed by then.
type scene struct {
	*rand.Rand
	path    string
	n       uint64
	changed map[string]bool
}

func (v *Vendor) enter(path string) *scene {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := v.asked[path]
	v.asked[path]++
	s := &scene{path: path, n: n, changed: make(map[string]bool, len(v.changed))}
	for name, done := range v.changed {
		s.changed[name] = done
	}
	s.Rand = rand.New(rand.NewPCG(v.seed+n, uint64(len(path))))
	return s
}

func (v *Vendor) answer(w http.ResponseWriter, r *http.Request, op operation) {
	s := v.enter(op.path)
	body := op.body(s)
	sleep(r.Context(), time.Duration(2+s.IntN(12))*time.Millisecond)
	s.headers(w.Header())
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(body) // a client that is gone misses nothing
}

func (s *scene) headers(h http.Header) {
	limit := 5000
	if s.changed["limit"] {
		limit = 500
	}
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(limit-1-int(s.n%60)))
	h.Set("X-RateLimit-Reset", strconv.Itoa(60-int(s.n%60)))
	h.Set("X-Request-Id", fmt.Sprintf("req_%016x", s.Uint64()))
	if s.changed["sunset"] && s.path == balancesPath {
		h.Set("Deprecation", "@1767225600")
		h.Set("Sunset", "Thu, 31 Dec 2026 23:59:59 GMT")
		h.Set("Link", `</docs/migrate-to-v2>; rel="sunset"`)
	}
}

// sleep makes latency look like latency.
func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
