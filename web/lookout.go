package web

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// lookTime bounds one look at everything.
const lookTime = 30 * time.Second

// A lookout takes looks for all who ask. Those who ask while a look is under
// way share the next one: it begins after they asked, so nobody is told what
// was true before, and a rush costs no more looks than can be taken.
type lookout struct {
	mu    sync.Mutex
	next  *shared // that who asks now will get; nil while nobody waits
	awake bool
}

// A shared look is read by all who waited for it: read only.
type shared struct {
	done chan struct{}
	look *look
	err  error
}

// look reads the state of everything, as of now.
func (s *site) look(ctx context.Context) (*look, error) {
	o := &s.lookout
	o.mu.Lock()
	if o.next == nil {
		o.next = &shared{done: make(chan struct{})}
	}
	mine := o.next
	if !o.awake {
		o.awake = true
		go s.lookOut(context.WithoutCancel(ctx))
	}
	o.mu.Unlock()
	select {
	case <-mine.done:
		return mine.look, mine.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// lookOut takes looks until nobody waits for one.
func (s *site) lookOut(ctx context.Context) {
	o := &s.lookout
	for {
		o.mu.Lock()
		taken := o.next
		o.next, o.awake = nil, taken != nil
		o.mu.Unlock()
		if taken == nil {
			return
		}
		taken.look, taken.err = s.lookOnce(ctx)
		close(taken.done)
	}
}

// lookOnce takes one look. A fault of ours ends the look, not the program.
func (s *site) lookOnce(ctx context.Context) (l *look, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("a fault of our own: %v", fault)
		}
	}()
	return s.lookNow(ctx)
}
