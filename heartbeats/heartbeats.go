// Package heartbeats listens to jobs. A job calls an address of ours when it
// starts, ends, fails or tries again; from these [Beat] values [Judge] says
// what an uptime monitor cannot see: late, missing, overlapping, running too
// long, retrying for ever, or finishing "green" with nothing done.
//
// Everything here is pure: beats and the time come in, facts go out.
package heartbeats

import (
	"hash/fnv"
	"strings"
	"time"

	"shapewatch/probes"
)

// A Beat is one call of a job.
type Beat struct {
	At      time.Time `json:"at"`
	Kind    Kind      `json:"kind"`
	Run     string    `json:"run,omitempty"`     // tells runs apart that overlap: any text of the job's, at most 64 bytes
	Attempt int       `json:"attempt,omitempty"` // 1 for the first; 0 when not said
	Items   int64     `json:"items"`             // done in this run; -1 when not said
	Error   string    `json:"error,omitempty"`   // of a failure, without numbers, at most 200 bytes
	Print   uint64    `json:"print,omitempty"`   // fingerprint of the whole error text
}

// Kind is what a beat says.
type Kind string

// The kinds of beat, by the last part of the address.
const (
	Start   Kind = "start"
	Success Kind = "success"
	Failure Kind = "fail"
	Log     Kind = "log" // kept out of all judgement
)

// Kept is how many beats of a job are remembered.
const Kept = 200

// bounds of what a beat may say.
const (
	maxRun   = 64
	maxError = 200
)

// Fail notes the error text of a beat: its fingerprint, and as much of it as
// may be shown. Numbers go, so that the same error is the same.
func (b *Beat) Fail(text string) {
	text = strings.Join(strings.Fields(withoutNumbers(text)), " ")
	hash := fnv.New64a()
	hash.Write([]byte(text))
	b.Print = hash.Sum64()
	b.Error = cut(text, maxError)
}

// Named bounds the name of a run.
func Named(run string) string { return cut(run, maxRun) }

func cut(text string, most int) string {
	text = strings.ToValidUTF8(text, "")
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

// withoutNumbers replaces whatever contains a digit: times, ids, addresses,
// and with them most of what is private.
func withoutNumbers(text string) string {
	fields := strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' })
	for i, f := range fields {
		if strings.ContainsAny(f, "0123456789") {
			fields[i] = "…"
		}
	}
	return strings.Join(fields, " ")
}

// An Expectation is what is agreed with a job.
type Expectation struct {
	Next       func(after time.Time) time.Time // when a run is due after one; from every or cron
	Grace      time.Duration                   // beyond that
	MaxRuntime time.Duration                   // 0 means three times the longest of the last runs
	Since      time.Time                       // when we began to listen
	Deaf       []probes.Deaf                   // when we did not, since; oldest first
}

// What it takes to judge by habit.
const (
	habit        = 5  // runs
	remembered   = 20 // of the last runs
	patience     = time.Minute
	countsMissed = 100
)

// Judge says how a job is doing at a moment; beats are in the order of time.
func Judge(beats []Beat, e Expectation, now time.Time) probes.Job {
	h := history{deaf: e.Deaf}
	for _, b := range beats {
		h.add(b)
	}
	allowed := e.MaxRuntime
	if allowed == 0 && len(h.took) >= habit {
		allowed = max(3*longest(lastOf(h.took)), longest(lastOf(h.took))+patience)
	}
	h.lostSight(e.Deaf, allowed)
	job := h.facts(now)
	job.Allowed = allowed
	e.clock(&job, h.successes, now)
	return job
}

// clock says whether the job is late.
func (e Expectation) clock(job *probes.Job, successes []time.Time, now time.Time) {
	from := job.LastSuccess
	if from.IsZero() {
		from = e.Since
	}
	due := e.Next(from)
	if len(e.Deaf) > 0 {
		due, job.Deaf = e.awaited(due, now, e.usualWait(successes))
	}
	if due.IsZero() {
		return
	}
	job.Deadline = due.Add(e.Grace)
	if !now.After(job.Deadline) {
		return
	}
	job.Late = now.Sub(job.Deadline)
	for job.Missed < countsMissed && !due.IsZero() && !due.Add(e.Grace).After(now) {
		job.Missed++
		due = e.Next(due)
	}
}
