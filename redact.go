package main

import (
	"io"
	"log"
	"sync/atomic"

	"shapewatch/probes"
)

// A redacting writer is the last door of everything that is logged: no secret
// of the configuration passes, in plain or encoded, whoever wrote the line.
type redacting struct {
	io.Writer
	filter atomic.Pointer[probes.Redactor]
}

// newRedacting returns the door for a log, and leads the standard library's
// own log lines through it: net/http reports there what vendors send unasked.
func newRedacting(w io.Writer, secrets []string) *redacting {
	r := &redacting{Writer: w}
	r.hide(secrets)
	log.SetOutput(r)
	return r
}

// hide replaces what must not pass, as after a reload.
func (r *redacting) hide(secrets []string) { r.filter.Store(probes.NewRedactor(secrets...)) }

// Write passes on a line without the secrets in it.
func (r *redacting) Write(line []byte) (int, error) {
	if _, err := r.Writer.Write(r.filter.Load().Bytes(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}
