package probes

import (
	"strings"
	"time"
)

// A Run is what became of one run of a workflow: which steps were taken, where
// it stopped, and whether what it had made was cleaned up.
type Run struct {
	ID      string      // "run_" + 16 hex digits
	Name    string      // what the run calls the things it makes: unique, printable
	Steps   []StepTaken // in the order they were taken
	Failed  string      // the step at which it stopped; empty when all went well
	Problem string      // one sentence, free of secrets; empty when all went well
	Made    []string    // what it made or may have made, in words: "order 4711"
	Cleanup Cleanup
	Left    []string // what is still there and why, in words; empty unless Cleanup is CleanupFailed
	// Recovered are earlier runs that were cut off by the end of this program
	// and have been cleaned up now.
	Recovered []Run
}

// HalfDone reports whether the run changed something and did not follow it
// through.
func (r *Run) HalfDone() bool { return r != nil && r.Failed != "" && len(r.Made) > 0 }

// Story tells how far a half-done run came: "order 4711 made; step packed:
// /state is not packed; clean-up done".
func (r *Run) Story() string {
	parts := []string{strings.Join(r.Made, ", ") + " made", "step " + r.Failed + ": " + r.Problem}
	switch r.Cleanup {
	case CleanedUp:
		parts = append(parts, "clean-up done")
	case CleanupFailed:
		parts = append(parts, "clean-up failed, left behind: "+strings.Join(r.Left, "; "))
	default:
		parts = append(parts, "no clean-up is configured")
	}
	return strings.Join(parts, "; ")
}

// Settled are the IDs of all runs that this one accounts for.
func (r *Run) Settled() (ids []string) {
	if r == nil {
		return nil
	}
	for _, earlier := range r.Recovered {
		ids = append(ids, earlier.ID)
	}
	return append(ids, r.ID)
}

// A StepTaken is one step of a run, as it went.
type StepTaken struct {
	Name      string
	Operation string // "POST /orders"
	Status    int    // of the last answer; 0 when there was none
	MediaType string // of the last answer, lower case; empty when there was none
	Latency   time.Duration
	Took      time.Duration // until its answer was as it should be: Latency, and for a step that waits its waiting too
	Tries     int           // how often it was asked; more than one while it waited
	Problem   string        // empty when it went well
}

// Cleanup is what became of the things a run had made.
type Cleanup string

// The ways in which a clean-up ends.
const (
	NothingToClean Cleanup = ""       // nothing was made, or there is no clean-up to do
	CleanedUp      Cleanup = "done"   // everything is gone
	CleanupFailed  Cleanup = "failed" // something is left behind
)
