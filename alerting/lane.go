package alerting

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"slices"
	"sync"
	"time"

	"shapewatch/contracts"
)

// The pauses after a failure.
const (
	minBackoff    = time.Second
	maxBackoff    = 5 * time.Minute
	maxRetryAfter = time.Hour
	maxPause      = time.Minute // of a whole channel that asks for no other
)

// A paced notifier says how far apart its steps must be.
type paced interface{ Pace() time.Duration }

// A machine's notifier may say that it takes each incident on its own, however
// many there are, and every day's digest one by one: a pager or an alert manager
// that groups by itself. It is never told a summary.
type each interface{ Each() bool }

// A lane is one channel's worker: the rows in its hand and when it may send.
type lane struct {
	notifier Notifier
	pace     time.Duration
	each     bool
	ready    chan struct{}

	mu       sync.Mutex
	hand     map[uint64]held
	notUntil time.Time // by pace, or because the channel asked for a pause or is failing
	failures int       // in a row
	ill      illness
	sums     summing // of the worker alone
}

// A held row is ours until its lease ends.
type held struct {
	Delivery
	until time.Time
}

func newLane(n Notifier) *lane {
	l := &lane{notifier: n, ready: make(chan struct{}, 1), hand: map[uint64]held{}}
	if e, ok := n.(each); ok {
		l.each = e.Each()
	}
	if p, ok := n.(paced); ok {
		l.pace = p.Pace()
	}
	return l
}

func (l *lane) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.hand)
}

// add takes rows in hand, all at once so that the first of them by rank is the
// first to be told; one that is there already has got a new lease.
func (l *lane) add(rows []held) {
	l.mu.Lock()
	for _, h := range rows {
		l.hand[h.ID] = h
	}
	l.mu.Unlock()
	select {
	case l.ready <- struct{}{}:
	default:
	}
}

// next waits until the channel may be told something and returns the row that
// is first by then; false when ctx has ended.
func (l *lane) next(ctx context.Context) (Delivery, bool) {
	for {
		if !l.pause(ctx) {
			return Delivery{}, false
		}
		if row, ok := l.pop(time.Now()); ok {
			return row, true
		}
		select {
		case <-ctx.Done():
			return Delivery{}, false
		case <-l.ready:
		}
	}
}

func (l *lane) pause(ctx context.Context) bool {
	l.mu.Lock()
	wait := time.Until(l.notUntil)
	l.mu.Unlock()
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
	}
	return ctx.Err() == nil
}

// pop takes the row that ranks first, the oldest of them, out of the hand. Rows
// whose lease is nearly over are dropped: another process may take them.
func (l *lane) pop(now time.Time) (Delivery, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var best Delivery
	found := false
	for id, h := range l.hand {
		if h.until.Sub(now) < sendTimeout {
			delete(l.hand, id)
			continue
		}
		if !found || rank(h.Delivery) > rank(best) || rank(h.Delivery) == rank(best) && h.ID < best.ID {
			best, found = h.Delivery, true
		}
	}
	delete(l.hand, best.ID)
	return best, found
}

// send tells one step and keeps the pace. What the channel refuses is told once
// more as plain as can be, what it has lost anew.
func (l *lane) send(ctx context.Context, n Notice) (Receipt, error) {
	receipt, err := l.notifier.Notify(ctx, n)
	var failure *DeliveryError
	if errors.As(err, &failure) && failure.Repost && n.Receipt.Ref != "" {
		n.Receipt.Ref = ""
		receipt, err = l.notifier.Notify(ctx, n)
	}
	if errors.As(err, &failure) && failure.Degrade && !n.Plain {
		n.Plain = true
		receipt, err = l.notifier.Notify(ctx, n)
	}
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notUntil = now.Add(l.pace)
	if err == nil {
		l.failures = 0
		if opens(n) {
			l.sums.opened = append(l.sums.opened, now)
		}
	}
	return receipt, err
}

// take removes up to max rows from the hand that are wanted, in order of ID.
func (l *lane) take(wanted func(held) bool, max int) (rows []held) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range l.hand {
		if wanted(h) {
			rows = append(rows, h)
		}
	}
	slices.SortFunc(rows, func(a, b held) int { return cmp.Compare(a.ID, b.ID) })
	rows = rows[:min(len(rows), max)]
	for _, h := range rows {
		delete(l.hand, h.ID)
	}
	return rows
}

// rank is who goes first in a channel: new and breaking, then what people did,
// ends, what is new and less severe, and the rest; a digest last.
func rank(d Delivery) int {
	switch kind := d.Transition.Kind; {
	case d.Digest:
		return 0
	case kind == Opened || kind == Worsened || kind == Reopened || kind == Unmuted:
		return map[bool]int{true: 6, false: 3}[d.Severity == contracts.Breaking]
	case kind == Handled:
		return 5
	case kind == Closed:
		return 4
	case d.Severity == contracts.Info:
		return 1
	}
	return 2
}

// failed makes the whole channel pause: as long as it asked, or longer with
// each failure in a row. A row that cannot succeed says nothing about others.
func (l *lane) failed(failure *DeliveryError, now time.Time) {
	if failure.Permanent {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failures++
	wait := min(failure.RetryAfter, maxRetryAfter)
	if wait <= 0 {
		wait = min(backoff(0, l.failures), maxPause)
	}
	if until := now.Add(wait); until.After(l.notUntil) {
		l.notUntil = until
	}
}

// empty takes out all rows whose lease still holds.
func (l *lane) empty(now time.Time) (rows []held) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range l.hand {
		if h.until.After(now) {
			rows = append(rows, h)
		}
	}
	clear(l.hand)
	return rows
}

// backoff doubles with each attempt up to [maxBackoff]. A hash takes up to half
// of it off again, so that rows which failed together do not return together.
func backoff(id uint64, attempt int) time.Duration {
	wait := maxBackoff
	if doubled := attempt - 1; doubled < 9 {
		wait = min(minBackoff<<max(doubled, 0), maxBackoff)
	}
	hash := fnv.New64a()
	_ = binary.Write(hash, binary.LittleEndian, []uint64{id, uint64(attempt)})
	return wait - time.Duration(hash.Sum64()%uint64(wait/2))
}
