package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A shopAndWarehouse takes orders, packs them, and keeps account of what it did
// for each run of a workflow and what it said. One run at a time meets a fault,
// at one of its requests, each time it makes it.
type shopAndWarehouse struct {
	*httptest.Server
	mu     sync.Mutex
	runs   map[string]*orderRun // by reference
	refs   map[string]string    // of every order ever, by id
	orders map[string]bool      // that are there
	armed  string               // request at which the next run meets the fault
	fault  string
	victim string // the run that meets it
	latest string // the run that began last
	cut    string // the run under way when the server was killed
}

// An orderRun is what became of one run.
type orderRun struct {
	made, whole            int       // orders; runs that began after it and went well
	accepted, packed, over bool      // it was told so
	removed                time.Time // when it was told that
	again                  int       // removals that were asked for again although it had heard of the last
	createdAt, foundAt     time.Time // when it was told that it has an order, and that there is one to remove
	slow                   bool      // it took so long to come to its clean-up that it may not have heard
}

// A client that heard an answer goes on at once; one that did not gives up
// after a second, and repeats a clean-up step a second later. Both are counted
// from an answer that it has surely heard, the one before.
const (
	goesOnWithin  = 800 * time.Millisecond
	repeatsWithin = 1800 * time.Millisecond
)

// halfDone reports whether it made something and was not told that all went well.
func (r *orderRun) halfDone() bool { return r.made > 0 && !(r.accepted && r.packed) }

func newShopAndWarehouse(t *testing.T) *shopAndWarehouse {
	s := &shopAndWarehouse{runs: map[string]*orderRun{}, refs: map[string]string{}, orders: map[string]bool{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// arm lets the next run meet a fault at a request.
func (s *shopAndWarehouse) arm(request, fault string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed, s.fault, s.victim = request, fault, ""
}

func (s *shopAndWarehouse) serve(w http.ResponseWriter, r *http.Request) {
	request, ref, id := s.read(r)
	fault := s.meets(request, ref)
	status, answer := 0, any(nil)
	if fault != "timeout" && fault != "500" {
		status, answer = s.work(request, ref, id, fault == "duplicate")
	}
	switch fault {
	case "timeout", "lost":
		select {
		case <-r.Context().Done(): // the client has gone
		case <-time.After(20 * time.Second):
		}
		return
	case "500", "500 after success":
		status, answer = http.StatusInternalServerError, map[string]string{"error": "broken"}
	}
	s.said(request, ref, status, answer)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if status != http.StatusNoContent {
		_ = json.NewEncoder(w).Encode(answer) // the client may have gone
	}
}

// read says what a request wants, and of which run it is.
func (s *shopAndWarehouse) read(r *http.Request) (request, ref, id string) {
	id = strings.TrimPrefix(r.URL.Path, "/orders/")
	var order struct{ Ref string }
	_ = json.NewDecoder(r.Body).Decode(&order) // without a reference it is nobody's
	_, _ = io.Copy(io.Discard, r.Body)         // so that the server notices when the client goes
	switch {
	case r.Method == http.MethodPost:
		return "create", order.Ref, ""
	case r.URL.Path == "/orders":
		return "find", r.URL.Query().Get("ref"), ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]string{http.MethodGet: "packed", http.MethodDelete: "remove"}[r.Method], s.refs[id], id
}

// meets is the fault that a request meets; a run meets it each time.
func (s *shopAndWarehouse) meets(request, ref string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.runs[ref] == nil && request == "create" {
		s.runs[ref], s.latest = &orderRun{}, ref
		if s.armed != "" && s.victim == "" {
			s.victim = ref
		}
	}
	if s.victim == ref && s.armed == request {
		return s.fault
	}
	return ""
}

func (s *shopAndWarehouse) work(request, ref, id string, twice bool) (status int, answer any) {
	if twice {
		s.work(request, ref, id, false)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case request == "create":
		id = fmt.Sprint(4711 + len(s.refs))
		s.refs[id], s.orders[id] = ref, true
		s.runs[ref].made++
		return http.StatusCreated, map[string]string{"id": id, "ref": ref}
	case request == "find":
		found := []map[string]string{}
		for id := range s.orders {
			if s.refs[id] == ref {
				found = append(found, map[string]string{"id": id})
			}
		}
		return http.StatusOK, found
	case !s.orders[id]:
		return http.StatusNotFound, map[string]string{"error": "no such order"}
	case request == "remove":
		delete(s.orders, id)
		return http.StatusNoContent, nil
	case s.fault == "stuck" && s.victim == ref:
		return http.StatusOK, map[string]string{"state": "new"}
	}
	return http.StatusOK, map[string]string{"state": "packed"}
}

// said notes what a run was told.
func (s *shopAndWarehouse) said(request, ref string, status int, answer any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	run := s.runs[ref]
	if run == nil {
		return
	}
	state, _ := answer.(map[string]string)
	switch request {
	case "create":
		if run.accepted = run.accepted || status == http.StatusCreated; run.accepted && run.createdAt.IsZero() {
			run.createdAt = time.Now()
		}
	case "packed":
		run.packed = run.packed || state["state"] == "packed"
	case "find":
		run.slow = run.slow || !run.createdAt.IsZero() && time.Since(run.createdAt) > goesOnWithin
		if status == http.StatusOK && run.foundAt.IsZero() {
			run.foundAt = time.Now()
		}
	case "remove":
		if !run.removed.IsZero() && time.Since(run.foundAt) < repeatsWithin {
			run.again++
		}
		if status < 500 {
			run.removed = time.Now()
		}
		s.finish(run)
	}
}

// end notes which run was under way when the server was killed.
func (s *shopAndWarehouse) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = s.latest
}

// finish counts a good run to all that began before it.
func (s *shopAndWarehouse) finish(run *orderRun) {
	if run.over || run.halfDone() {
		return
	}
	run.over = true
	for _, other := range s.runs {
		if other != run {
			other.whole++
		}
	}
}

// after reports whether the run that met the fault is over, with good ones
// behind it.
func (s *shopAndWarehouse) after(good int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.victim != "" && s.runs[s.victim].whole >= good
}
