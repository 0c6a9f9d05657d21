package main

import (
	"io"
	"log"
	"slices"
	"sync"
	"sync/atomic"

	"shapewatch/probes"
)

// A redacting writer is the last door of everything that is logged: no secret
// of the configuration passes, in plain or encoded, whoever wrote the line.
type redacting struct {
	io.Writer
	mu      sync.Mutex
	secrets []string
	filter  atomic.Pointer[probes.Redactor]
}

// newRedacting returns the door for a log, and leads the standard library's
// own log lines through it: net/http reports there what vendors send unasked.
func newRedacting(w io.Writer, secrets []string) *redacting {
	r := &redacting{Writer: w}
	r.hide(secrets)
	log.SetOutput(r)
	return r
}

// hide adds to what must not pass, as before a reload: what was a secret may
// still be on its way, and is in force again when the reload is refused.
func (r *redacting) hide(secrets []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets = append(r.secrets, secrets...)
	slices.Sort(r.secrets)
	r.secrets = slices.Compact(r.secrets)
	r.filter.Store(probes.NewRedactor(r.secrets...))
}

// Write passes on a line without the secrets in it.
func (r *redacting) Write(line []byte) (int, error) {
	if _, err := r.Writer.Write(r.filter.Load().Bytes(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}
