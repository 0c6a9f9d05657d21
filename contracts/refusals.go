package contracts

import (
	"fmt"

	"shapewatch/probes"
)

// Refusals are how the API says no: what answers that were none have looked
// like. They teach nothing about good answers.
type Refusals struct {
	Count      uint64          `json:"n"`
	Bodies     []Tally[string] `json:"b,omitempty"` // "404 error{code,message}"
	RetryAfter []Tally[string] `json:"r,omitempty"` // "429 seconds", "429 none"
	Challenges []Tally[string] `json:"c,omitempty"` // "bearer"
}

// add learns from a reply that was refused by status or by its body.
func (r *Refusals) add(o *Observation) {
	if o.Class != probes.Status && o.Class != probes.ErrorEnvelope {
		return
	}
	r.Count++
	if key := RefusalBody(o.Signals); key != "" {
		r.Bodies = tally(r.Bodies, key, 1)
	}
	if key := RefusalRetry(o.Signals); key != "" {
		r.RetryAfter = tally(r.RetryAfter, key, 1)
	}
	if o.Signals.Challenge != "" {
		r.Challenges = tally(r.Challenges, o.Signals.Challenge, 1)
	}
}

// RefusalBody is the form of an error under its status; "" when it has none.
func RefusalBody(s Signals) string {
	if s.Fault == "" {
		return ""
	}
	return fmt.Sprintf("%d %s", s.Status, s.Fault)
}

// RefusalRetry is how Retry-After came with a 429 or a 503; "" for others.
func RefusalRetry(s Signals) string {
	if s.Status != 429 && s.Status != 503 {
		return ""
	}
	form := s.RetryAfter
	if form == "" {
		form = "none"
	}
	return fmt.Sprintf("%d %s", s.Status, form)
}
