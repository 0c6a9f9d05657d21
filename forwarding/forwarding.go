// Package forwarding hands events on: what a vendor sent to a source goes to
// your own receiver as it came, byte for byte, with the vendor's headers.
//
// A [Target] is a receiver, a [Queue] what a [Forwarder] needs of a store. Of
// each source there is one lane that takes what waits, sends it and settles
// it. What is taken is counted as an attempt on disk before it is sent: after a
// kill it is sent again, and known to be a second time. Nothing that was
// accepted is lost; what the receiver will never take is kept as dead, until
// somebody sends it again or drops it.
package forwarding

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"shapewatch/webhooks"
)

// A Target is your own receiver of the events of a source.
type Target struct {
	URL     string            // absolute; never followed anywhere else
	Header  map[string]string // added to the vendor's; values may be secrets
	Secrets []string          // further values that no error may show
	Private bool              // may be reached at a private or loopback address; link-local never
	AtOnce  int               // requests under way; 1 keeps the order in which events came
	Timeout time.Duration     // of one attempt
	GiveUp  time.Duration     // since it was accepted
	Most    webhooks.Bound    // of what waits for it and was given up
}

// A Queue is what a forwarder needs of a store. Each method is one transaction.
type Queue interface {
	// TakeForwards leases up to max forwards of a source that are due at now, by
	// number, and counts an attempt of each; with inOrder none that is behind one
	// that is not due. A lease ends by itself, or with the process. next is when
	// another may be due; zero when nothing waits.
	TakeForwards(ctx context.Context, source string, now time.Time, lease time.Duration, max int, inOrder bool) (taken []webhooks.Forward, next time.Time, err error)
	// SettleForwards keeps what became of taken forwards.
	SettleForwards(ctx context.Context, source string, now time.Time, fated []webhooks.Fated) error
}

// Options say what to hand on through what.
type Options struct {
	Queue     Queue
	Transport func(private bool) http.RoundTripper // how receivers are reached
	Log       *slog.Logger                         // nil logs nothing
}

// A Forwarder drains what is to be handed on: one lane per source, so that a
// sick receiver delays no other.
type Forwarder struct {
	options Options
	changes chan map[string]Target
	lanes   lanes
}

// New returns a forwarder; nothing happens before [Forwarder.Run].
func New(options Options) *Forwarder {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	return &Forwarder{options: options, changes: make(chan map[string]Target, 1)}
}

// Change says which sources are handed on, and where to, from now on. It does
// not wait.
func (f *Forwarder) Change(targets map[string]Target) {
	for {
		select {
		case f.changes <- targets:
			return
		default:
		}
		select { // a change that nobody took yet is out of date
		case <-f.changes:
		default:
		}
	}
}

// Wake makes the lane of a source look at once whether there is something to
// hand on. It never blocks.
func (f *Forwarder) Wake(source string) { f.lanes.wake(source) }

// Run hands on until ctx ends. What is being sent then is finished, and what
// was taken and not sent is given back.
func (f *Forwarder) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			f.lanes.end()
			return nil
		case targets := <-f.changes:
			f.lanes.change(ctx, f.options, targets)
		}
	}
}
