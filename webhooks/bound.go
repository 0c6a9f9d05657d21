package webhooks

import (
	"errors"
	"time"
)

// A Bound is how much of one source is kept for its receiver: what waits and
// what was given up, together. Beyond it the source takes nothing until some
// was handed on or dropped. The zero Bound is none.
type Bound struct {
	Events uint64
	Bytes  uint64 // of headers and bodies
}

// ErrBacklog says that a source holds as much for its receiver as it may.
var ErrBacklog = errors.New("too much waits for its receiver")

// Weight is how many bytes of headers and body a forward holds; of one that is
// listed without them, 0.
func (f *Forward) Weight() uint64 { return uint64(len(f.Head) + len(f.Body)) }

// Full reports whether an event of so many bytes is too much. The first is
// never: it could not be taken at all.
func (o *Onward) Full(b Bound, bytes uint64) bool {
	switch held := o.Waiting + o.Dead; {
	case held == 0:
		return false
	case b.Events > 0 && held >= b.Events:
		return true
	default:
		return b.Bytes > 0 && o.Bytes+o.DeadBytes+bytes > b.Bytes
	}
}

// Mean is how many bytes an event has that is held.
func (o *Onward) Mean() uint64 {
	return (o.Bytes + o.DeadBytes) / max(1, o.Waiting+o.Dead)
}

// Fill is which part of a bound is used, by its events or its bytes, whichever
// is more: from 0 to 1, and above where the bound was lowered.
func (o *Onward) Fill(b Bound) (part float64) {
	if b.Events > 0 {
		part = float64(o.Waiting+o.Dead) / float64(b.Events)
	}
	if b.Bytes > 0 {
		part = max(part, float64(o.Bytes+o.DeadBytes)/float64(b.Bytes))
	}
	return part
}

// longestFill bounds what is foretold.
const longestFill = 365 * 24 * time.Hour

// FullBy is when a bound is reached at the pace at which what waits has come;
// zero when nothing waits, or not within a year.
func (o *Onward) FullBy(b Bound, now time.Time) time.Time {
	since := now.Sub(o.Oldest)
	if o.Waiting == 0 || o.Oldest.IsZero() || since <= 0 {
		return time.Time{}
	}
	left := longestFill
	for _, x := range [2]struct{ came, held, most uint64 }{{o.Waiting, o.Waiting + o.Dead, b.Events}, {o.Bytes, o.Bytes + o.DeadBytes, b.Bytes}} {
		if x.most == 0 || x.came == 0 {
			continue
		}
		room := float64(x.most) - float64(x.held)
		left = time.Duration(min(float64(left), max(0, room/float64(x.came)*float64(since))))
	}
	if left == longestFill {
		return time.Time{}
	}
	return now.Add(left).UTC()
}

// TurnAway takes into account that an event came and was not kept, because too
// many wait: silent its vendor is not. As it is sent again, one in a twelfth of
// an hour counts; changed says whether this one does.
func (r *Rhythm) TurnAway(at time.Time) (changed bool) {
	at = at.UTC()
	if !r.Turns(at) && r.Slots&slotOf(at) != 0 {
		return false
	}
	r.Add(at, time.Time{})
	return true
}
