package webhooks

import (
	"errors"
	"maps"
	"time"
)

// An Intake is what came to the address of a source since the program started.
// What is refused is counted here and nowhere learned from.
type Intake struct {
	Accepted uint64            // kept, and learned from
	Again    uint64            // accepted before: the vendor's retries
	Refused  map[Reason]uint64 // by why; nil for none
	Last     time.Time         // of the last that was refused; zero for none
}

// A Reason is why a request is refused, in a word that stays the same.
type Reason string

// The reasons.
const (
	Forged    Reason = "signature"
	Malformed Reason = "unsigned"
	Replayed  Reason = "stale"
	TooLarge  Reason = "too_large"
	NotJSON   Reason = "not_json"
	BrokenOff Reason = "broken_off"
	Backlog   Reason = "backlog"
)

// Errors of requests besides their signature.
var (
	ErrTooLarge  = errors.New("it is larger than max_body")
	ErrNotJSON   = errors.New("it is not JSON")
	ErrBrokenOff = errors.New("it broke off")
)

var reasons = map[error]Reason{
	ErrSignature: Forged, ErrUnsigned: Malformed, ErrStale: Replayed,
	ErrTooLarge: TooLarge, ErrNotJSON: NotJSON, ErrBrokenOff: BrokenOff, ErrBacklog: Backlog,
}

// ReasonOf is the word for an error of receiving.
func ReasonOf(err error) Reason {
	for known, reason := range reasons {
		if errors.Is(err, known) {
			return reason
		}
	}
	return Malformed
}

// Words say a reason to a person.
func (r Reason) Words() string {
	switch r {
	case Forged:
		return "wrong signature"
	case Malformed:
		return "not signed as agreed"
	case Replayed:
		return "too old, or from the future"
	case TooLarge:
		return "too large"
	case NotJSON:
		return "no JSON"
	case BrokenOff:
		return "broke off"
	case Backlog:
		return "turned away because too many wait for your receiver"
	}
	return string(r)
}

// Take counts an event that was accepted.
func (i *Intake) Take(fresh bool) {
	if fresh {
		i.Accepted++
		return
	}
	i.Again++
}

// Refuse counts a request that was not.
func (i *Intake) Refuse(why Reason, at time.Time) {
	if i.Refused == nil {
		i.Refused = map[Reason]uint64{}
	}
	i.Refused[why]++
	i.Last = at.UTC()
}

// Clone is a copy that counts by itself.
func (i Intake) Clone() Intake {
	i.Refused = maps.Clone(i.Refused)
	return i
}
