package web

import (
	"context"
	"net/http"
	"time"
)

// readyWithin is how long the store may take to answer before we are not ready.
const readyWithin = 2 * time.Second

// healthz says that the process serves requests, whatever else is wrong.
func (s *site) healthz(w http.ResponseWriter, _ *http.Request) {
	send(w, http.StatusOK, "text/plain; charset=utf-8", []byte("ok\n"))
}

// readyz says that what is remembered can be read.
func (s *site) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	if _, err := s.Source.OutboxHealth(ctx); err != nil {
		s.Log.Error("not ready", "err", err)
		send(w, http.StatusServiceUnavailable, "text/plain; charset=utf-8", []byte("the store cannot be read\n"))
		return
	}
	send(w, http.StatusOK, "text/plain; charset=utf-8", []byte("ready\n"))
}
