package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"shapewatch/probes"
)

// What a clock may do before the page speaks of it.
const (
	clockEvery = 5 * time.Second
	clockJump  = 20 * time.Second // between two looks, against the time that has passed
	clockSkew  = time.Minute      // against what vendors say
	clockHosts = 2                // so many must say so: a vendor's own clock may be wrong
	clockFresh = 15 * time.Minute // for so long what a vendor said counts
	jumpTold   = time.Hour        // for so long a jump is spoken of
	maxClocks  = 1000
)

// A timekeeper notices that the clock of this machine is wrong: that it jumps,
// or that vendors agree on another time. It asks probes as its client does.
type timekeeper struct {
	*probes.Client
	problems *problems

	mu    sync.Mutex
	hosts map[string]hostTime // by host
	ahead time.Duration       // of the wall clock, against the time that has passed since the start
	leapt time.Time
	words string
}

// A hostTime is what a host says of the time.
type hostTime struct {
	at   time.Time
	skew time.Duration // its clock against ours
}

func newTimekeeper(client *probes.Client, p *problems) *timekeeper {
	return &timekeeper{Client: client, problems: p, hosts: map[string]hostTime{}}
}

// Do asks a probe, and looks at what the answer says of the time.
func (k *timekeeper) Do(ctx context.Context, p probes.Probe) probes.Sample {
	s := k.Client.Do(ctx, p)
	if u, err := url.Parse(p.URL); err == nil && s.Header.Get("Age") == "" { // what was kept on the way says when it was made
		if date, err := http.ParseTime(s.Header.Get("Date")); err == nil {
			k.hear(u.Host, s.At.Add(s.Latency), date)
		}
	}
	return s
}

// hear notes what a host says of the time.
func (k *timekeeper) hear(host string, at, date time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, known := k.hosts[host]; !known && len(k.hosts) >= maxClocks {
		clear(k.hosts)
	}
	k.hosts[host] = hostTime{at, date.Sub(at)}
}

// run looks at the clock until ctx is done.
func (k *timekeeper) run(ctx context.Context) error {
	ticks := time.NewTicker(clockEvery)
	defer ticks.Stop()
	start := time.Now()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
			now := time.Now()
			k.look(start.Add(now.Sub(start)).Round(0), now.Round(0)) // the first by the time that has passed, the second by the wall
		}
	}
}

// look compares the time that must be with the one that the clock shows.
func (k *timekeeper) look(must, shows time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	ahead := shows.Sub(must)
	if leap := ahead - k.ahead; leap.Abs() >= clockJump {
		k.leapt = shows
		k.words = fmt.Sprintf("the clock of this machine jumped %s at %s, or the machine slept: times around then, and what was due, may be wrong", direction(leap, "ahead", "back"), shows.UTC().Format("15:04 UTC"))
	}
	k.ahead = ahead
	if k.words != "" && shows.Sub(k.leapt).Abs() > jumpTold {
		k.words = ""
	}
	k.problems.set("clock jumped", k.words)
	k.problems.set("clock skewed", k.skewed(shows))
}

// skewed says that vendors agree on another time; empty when they do not.
func (k *timekeeper) skewed(now time.Time) string {
	var heard, early, late int
	var least time.Duration
	for _, h := range k.hosts {
		if now.Sub(h.at).Abs() > clockFresh {
			continue
		}
		heard++
		switch {
		case h.skew > clockSkew:
			late++
		case h.skew < -clockSkew:
			early++
		default:
			continue
		}
		if least == 0 || h.skew.Abs() < least.Abs() {
			least = h.skew
		}
	}
	if n := max(early, late); n < clockHosts || 2*n <= heard {
		return ""
	}
	return fmt.Sprintf("the clock of this machine is %s what %d of %d hosts say: times, schedules and deadlines are wrong by as much; set it, best by NTP", direction(-least, "ahead of", "behind"), max(early, late), heard)
}

func direction(d time.Duration, positive, negative string) string {
	word := positive
	if d < 0 {
		word = negative
	}
	return brief(d.Abs().Round(time.Second)) + " " + word
}
