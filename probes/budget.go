package probes

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// budgets holds one budget per host.
type budgets struct {
	mu    sync.Mutex
	hosts map[string]*budget
}

// A budget is what all probes of one host may ask of it together. The
// strictest limits of any of its probes hold for all.
type budget struct {
	host string
	rate *rate.Limiter

	mu         sync.Mutex
	limits     map[string]HostLimits // by Probe.ID
	strictest  HostLimits
	inFlight   int
	queue      []chan struct{} // who waits for a place, first come first served
	blocked    time.Time       // the vendor's Retry-After
	lastWanted time.Time
}

const (
	maxHosts   = 10_000         // beyond it, hosts not asked for a while are forgotten
	forgetHost = 25 * time.Hour // longer than any Retry-After we obey
)

// of returns the budget of a host, tightened by the limits of p.
func (b *budgets) of(host string, p Probe) *budget {
	b.mu.Lock()
	own, known := b.hosts[host]
	if !known {
		b.makeRoom()
		own = &budget{host: host, rate: rate.NewLimiter(rate.Inf, 1), limits: map[string]HostLimits{}}
		b.hosts[host] = own
	}
	b.mu.Unlock()
	own.tighten(p.ID, p.Limits.orDefault())
	return own
}

func (b *budgets) makeRoom() {
	if b.hosts == nil {
		b.hosts = map[string]*budget{}
	}
	if len(b.hosts) < maxHosts {
		return
	}
	for host, old := range b.hosts {
		if old.unwantedSince(time.Now().Add(-forgetHost)) {
			delete(b.hosts, host)
		}
	}
}

func (b *budget) unwantedSince(then time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.inFlight == 0 && b.lastWanted.Before(then)
}

func (l HostLimits) orDefault() HostLimits {
	if l.PerSecond <= 0 {
		l.PerSecond = DefaultPerSecond
	}
	if l.Concurrent <= 0 {
		l.Concurrent = DefaultConcurrent
	}
	return l
}

func (l HostLimits) and(other HostLimits) HostLimits {
	return HostLimits{min(l.PerSecond, other.PerSecond), min(l.Concurrent, other.Concurrent)}
}

// tighten notes the limits of one probe. A probe whose limits changed loosens
// the budget again if it was the strict one.
func (b *budget) tighten(probe string, limits HostLimits) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lastWanted = time.Now()
	old, known := b.limits[probe]
	if known && old == limits {
		return
	}
	b.limits[probe] = limits
	switch {
	case len(b.limits) == 1:
		b.set(limits)
	case !known:
		b.set(b.strictest.and(limits))
	default:
		for _, l := range b.limits {
			limits = limits.and(l)
		}
		b.set(limits)
	}
}

// set changes the limits in force. Bursts last a tenth of a second at most.
func (b *budget) set(limits HostLimits) {
	if limits == b.strictest {
		return
	}
	b.strictest = limits
	b.rate.SetLimit(rate.Limit(limits.PerSecond))
	b.rate.SetBurst(max(1, int(limits.PerSecond/10)))
	b.admit()
}

// acquire waits until one more request may be sent, and returns what ends it.
func (b *budget) acquire(ctx context.Context) (release func(), err error) {
	if err := b.enter(ctx); err != nil {
		return nil, b.explain()
	}
	if err := b.pace(ctx); err != nil {
		b.leave()
		return nil, err
	}
	return b.leave, nil
}

// pace waits for the rate alone: for a further request of one who is in already.
func (b *budget) pace(ctx context.Context) error {
	if err := b.rate.Wait(ctx); err != nil {
		return b.explain()
	}
	return nil
}

func (b *budget) explain() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Errorf("no turn within the limits of %s (%g requests a second, %d at a time): see limits in the configuration",
		printable(b.host, 120), b.strictest.PerSecond, b.strictest.Concurrent)
}

func (b *budget) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	if b.inFlight < b.strictest.Concurrent && len(b.queue) == 0 {
		b.inFlight++
		b.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	b.queue = append(b.queue, turn)
	b.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		b.withdraw(turn)
		return ctx.Err()
	}
}

// withdraw gives up waiting, or the place if it was granted meanwhile.
func (b *budget) withdraw(turn chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, waiting := range b.queue {
		if waiting == turn {
			b.queue = append(b.queue[:i], b.queue[i+1:]...)
			return
		}
	}
	b.inFlight--
	b.admit()
}

func (b *budget) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inFlight--
	b.admit()
}

// admit lets in who waits longest while there are places. The caller holds mu.
func (b *budget) admit() {
	for len(b.queue) > 0 && b.inFlight < b.strictest.Concurrent {
		close(b.queue[0])
		b.queue = b.queue[1:]
		b.inFlight++
	}
}

// block keeps everybody from asking until then.
func (b *budget) block(until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if until.After(b.blocked) {
		b.blocked = until
	}
}

// blockedUntil is the zero time when the host may be asked.
func (b *budget) blockedUntil(now time.Time) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.blocked.After(now) {
		return b.blocked
	}
	return time.Time{}
}
