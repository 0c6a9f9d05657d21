package forwarding

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"shapewatch/webhooks"
)

// The times and bounds of a lane.
const (
	lookEvery  = 30 * time.Second // when nobody wakes it
	atOnceMost = 16               // taken for each request that may be under way
	leaseOver  = 30 * time.Second // beyond what sending all that was taken may take
	settleTime = 10 * time.Second
	laneRests  = time.Minute     // at most, while a receiver fails
	lastWait   = 3 * time.Second // for what is under way when a lane ends
)

// A lane hands on the events of one source.
type lane struct {
	options Options
	source  string
	target  Target
	courier *courier
	log     *slog.Logger
	stop    context.CancelFunc
	ended   chan struct{}
	woken   chan struct{}

	failures int    // batches in a row of which nothing was delivered
	trouble  string // with the store, logged once
}

func begin(ctx context.Context, o Options, source string, target Target) *lane {
	ctx, stop := context.WithCancel(ctx)
	l := &lane{
		options: o, source: source, target: target, courier: newCourier(target, o.Transport(target.Private)),
		log: o.Log.With("probe", source), stop: stop, ended: make(chan struct{}), woken: make(chan struct{}, 1),
	}
	go func() {
		defer close(l.ended)
		defer l.courier.close()
		l.run(ctx)
	}()
	return l
}

// end asks a lane to end, and waits until it has.
func (l *lane) end() {
	l.stop()
	<-l.ended
}

func (l *lane) wake() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

func (l *lane) run(ctx context.Context) {
	for ctx.Err() == nil {
		most := l.target.AtOnce * atOnceMost
		if l.failures > 0 {
			most = 1 // of one that is sick, no more than a try
		}
		lease := atOnceMost*l.target.Timeout + leaseOver
		taken, next, err := l.options.Queue.TakeForwards(ctx, l.source, time.Now(), lease, most, l.target.AtOnce == 1)
		l.report(ctx, err)
		switch {
		case err != nil:
			l.sleep(ctx, time.Now().Add(time.Second), false)
		case len(taken) == 0:
			l.sleep(ctx, next, true)
		default:
			l.handOn(ctx, taken)
		}
	}
}

// report logs trouble with the store when it begins.
func (l *lane) report(ctx context.Context, err error) {
	was := l.trouble
	if l.trouble = ""; err != nil && ctx.Err() == nil {
		l.trouble = err.Error()
	}
	if l.trouble != "" && l.trouble != was {
		l.log.Error("what is to be handed on cannot be read", "err", err)
	}
}

// sleep waits until a time, or for what wakes it.
func (l *lane) sleep(ctx context.Context, until time.Time, wakes bool) {
	pause := lookEvery
	if !until.IsZero() {
		pause = min(pause, time.Until(until))
	}
	woken := l.woken
	if !wakes {
		woken = nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-woken:
	case <-timer.C:
	}
}

// handOn sends what was taken and settles it. What is under way when ctx ends
// is finished.
func (l *lane) handOn(ctx context.Context, taken []webhooks.Forward) {
	fated := make([]webhooks.Fated, len(taken))
	var wait time.Duration
	if l.target.AtOnce == 1 {
		wait = l.inOrder(ctx, taken, fated)
	} else {
		wait = l.together(ctx, taken, fated)
	}
	now := time.Now()
	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	if err := l.options.Queue.SettleForwards(settling, l.source, now, fated); err != nil {
		l.log.Error("handed on and not settled: it may be sent again", "err", err)
		l.sleep(ctx, now.Add(time.Second), false)
		return
	}
	if wait > 0 {
		l.sleep(ctx, now.Add(wait), false)
	}
}

// inOrder sends one after the other, up to the first that must be tried again:
// none may overtake it.
func (l *lane) inOrder(ctx context.Context, taken []webhooks.Forward, fated []webhooks.Fated) (wait time.Duration) {
	stuck := false
	for i, f := range taken {
		fated[i] = webhooks.Fated{Forward: f}
		if stuck || ctx.Err() != nil {
			continue
		}
		fated[i] = l.try(ctx, f)
		stuck = fated[i].Fate == webhooks.Later
	}
	return l.rest(fated)
}

func (l *lane) together(ctx context.Context, taken []webhooks.Forward, fated []webhooks.Fated) (wait time.Duration) {
	var senders sync.WaitGroup
	next := make(chan int)
	for range min(l.target.AtOnce, len(taken)) {
		senders.Go(func() {
			for i := range next {
				if fated[i] = (webhooks.Fated{Forward: taken[i]}); ctx.Err() == nil {
					fated[i] = l.try(ctx, taken[i])
				}
			}
		})
	}
	for i := range taken {
		next <- i
	}
	close(next)
	senders.Wait()
	return l.rest(fated)
}

// rest is how long a receiver that takes nothing is left alone. What it is not
// asked for meanwhile is due when it is.
func (l *lane) rest(fated []webhooks.Fated) time.Duration {
	failed := false
	for _, f := range fated {
		switch f.Fate {
		case webhooks.Delivered:
			l.failures = 0
			return 0
		case webhooks.Later:
			failed = true
		}
	}
	if !failed {
		return 0
	}
	l.failures++
	return min(pause(l.failures), laneRests)
}

// try sends one event, and says what became of it. When the lane ends meanwhile
// the receiver has a moment to answer, however long it may take otherwise: the
// attempt is counted, and the event comes again, known as a second time.
func (l *lane) try(ctx context.Context, f webhooks.Forward) webhooks.Fated {
	send, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.target.Timeout)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		last := time.AfterFunc(lastWait, cancel)
		context.AfterFunc(send, func() { last.Stop() })
	})()
	answer := l.courier.send(send, f)
	now := time.Now()
	fated := answer.fate(f, now, l.target.GiveUp)
	log := l.log.With("event", f.ID, "attempts", f.Attempts, "err", fated.Error)
	switch fated.Fate {
	case webhooks.Later:
		log.Warn("not handed on yet", "wait", fated.NotBefore.Sub(now).Round(time.Millisecond))
	case webhooks.GivenUp:
		log.Error("not handed on, and given up: it can be sent again")
	}
	return fated
}
