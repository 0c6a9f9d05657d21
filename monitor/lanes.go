package monitor

import (
	"sync"
	"time"

	"shapewatch/probes"
)

// maxAhead is how long a check may wait for its host's budget while it keeps
// a worker; who would wait longer goes back to the store.
const maxAhead = time.Second

// lanes keep a slow or overloaded host from taking every worker: each host has
// as many checks under way as its limits let ask at a time, and those beyond
// get a turn later. The budget itself is the asker's; this is only foresight.
type lanes struct {
	mu    sync.Mutex
	hosts map[string]*lane
}

type lane struct {
	running int
	free    time.Time            // when the next turn can be given out
	turns   map[string]time.Time // by probe: turns given out and not yet taken
}

// enter lets a probe in, or says when its turn is.
func (l *lanes) enter(p *post, now time.Time) (turn time.Time, entered bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	here := l.of(p.host)
	most, pace := limitsOf(p.Probe)
	turn, promised := here.turns[p.Probe.ID]
	if !promised {
		turn = latest(here.free, now)
		here.free = turn.Add(pace)
	}
	if here.running >= 2*most {
		turn = latest(turn, now.Add(maxAhead))
	}
	if turn.Sub(now) >= maxAhead {
		here.turns[p.Probe.ID] = turn
		return turn, false
	}
	delete(here.turns, p.Probe.ID)
	here.running++
	return now, true
}

func (l *lanes) leave(p *post) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.of(p.host).running--
}

func (l *lanes) of(host string) *lane {
	if l.hosts == nil {
		l.hosts = map[string]*lane{}
	}
	if l.hosts[host] == nil {
		l.hosts[host] = &lane{turns: map[string]time.Time{}}
	}
	return l.hosts[host]
}

// forget drops what is kept of hosts and probes that are no longer watched.
func (l *lanes) forget(posts map[string]*post) {
	l.mu.Lock()
	defer l.mu.Unlock()
	watched := map[string]bool{}
	for _, p := range posts {
		watched[p.host] = true
	}
	for host, here := range l.hosts {
		if !watched[host] && here.running == 0 {
			delete(l.hosts, host)
			continue
		}
		for probe := range here.turns {
			if posts[probe] == nil {
				delete(here.turns, probe)
			}
		}
	}
}

func limitsOf(p probes.Probe) (most int, pace time.Duration) {
	most, perSecond := p.Limits.Concurrent, p.Limits.PerSecond
	if most <= 0 {
		most = probes.DefaultConcurrent
	}
	if perSecond <= 0 {
		perSecond = probes.DefaultPerSecond
	}
	return most, time.Duration(float64(time.Second) / perSecond)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
