package monitor_test

import (
	"errors"
	"net/http"
)

var errNoRoute = errors.New("no route to host")

// cut is our own network: nobody answers while it is.
func (w *world) cut(is bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refuse = nil
	if is {
		w.refuse = func(*http.Request) bool { return true }
	}
}

// gone makes one path's host unreachable.
func (w *world) gone(path string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refuse = func(r *http.Request) bool { return r.URL.Path == path }
}
