package monitor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
)

// How our own connectivity is judged.
const (
	answeredLately = 15 * time.Second // an answer from another host within this proves that we are connected
	canariesMost   = 3
	canaryTimeout  = 5 * time.Second
)

// Connectivity is the ID of the bulletin that tells when we ourselves reach
// nobody.
const Connectivity = "self_connectivity"

// reach is what we know of our own connectivity. Whether a host does not
// answer or we cannot ask looks the same from one probe; other hosts tell.
type reach struct {
	asking chan struct{} // holds one token while somebody asks the canaries

	mu      sync.Mutex
	hosts   map[string]time.Time // when each host answered last
	offline bool
}

func newReach() *reach {
	return &reach{asking: make(chan struct{}, 1), hosts: map[string]time.Time{}}
}

// heard notes an answer; true when it is the first after we were offline.
func (r *reach) heard(host string, at time.Time) (back bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hosts[host] = at
	back, r.offline = r.offline, false
	return back
}

func (r *reach) isOffline() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.offline
}

func (r *reach) setOffline() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.offline = true
}

// othersAnswered reports whether a host other than this one has answered
// since a time.
func (r *reach) othersAnswered(host string, since time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for other, at := range r.hosts {
		if other != host && at.After(since) {
			return true
		}
	}
	return false
}

// noteReach takes from an answer what it says about ourselves. What
// unreachable hosts say is asked only when somebody would be told.
func (m *Monitor) noteReach(ctx context.Context, p *post, a answer) {
	if p.host == "" || a.Class == probes.Unreachable || !m.reach.heard(p.host, time.Now()) {
		return
	}
	m.Log.Info("connected again")
	m.tellReach(ctx, false)
}

// disconnected reports whether it is we who reach nobody. It is asked before
// somebody is told that a host cannot be reached.
func (m *Monitor) disconnected(ctx context.Context, p *post, d decision) bool {
	if p.File != "" || m.reach.isOffline() || !tellsUnreached(d) { // a folder of ours says nothing of the network
		return false
	}
	select {
	case m.reach.asking <- struct{}{}:
		defer func() { <-m.reach.asking }()
	case <-ctx.Done():
		return false
	}
	if m.reach.isOffline() {
		return true // found out while we waited
	}
	if m.reach.othersAnswered(p.host, time.Now().Add(-answeredLately)) || !m.canariesSilent(ctx, p) {
		return false
	}
	m.Log.Error("nobody can be reached: it is our own network, nothing is told of any API until it is back")
	m.reach.setOffline()
	m.tellReach(ctx, true)
	return true
}

// tellsUnreached reports whether a decision is about to tell that nobody
// answers.
func tellsUnreached(d decision) bool {
	if d.Class != probes.Unreachable {
		return false
	}
	return slices.ContainsFunc(d.steps, func(s alerting.Transition) bool {
		return s.Kind == alerting.Opened || s.Kind == alerting.Reopened || s.Kind == alerting.Updated || s.Kind == alerting.Worsened
	})
}

// canariesSilent asks hosts that should answer and reports whether none does;
// false when there is none to ask.
func (m *Monitor) canariesSilent(ctx context.Context, p *post) bool {
	canaries := m.canaries(p)
	for _, canary := range canaries {
		ctx, cancel := context.WithTimeout(ctx, canary.Timeout)
		sample := m.Asker.Do(ctx, canary)
		cancel()
		if sample.Class != probes.Unreachable {
			return false
		}
	}
	return len(canaries) > 0
}

// canaries are those of the configuration, or else the probes of other hosts,
// those that answered last first.
func (m *Monitor) canaries(p *post) (asked []probes.Probe) {
	if urls := m.Alerts().Canaries; len(urls) > 0 {
		for _, url := range urls {
			asked = append(asked, probes.Probe{ID: "canary " + url, API: "canary", Method: "GET", URL: url, Timeout: canaryTimeout, AllowPrivate: true})
		}
		return asked
	}
	byHost := map[string]probes.Probe{}
	for _, other := range *m.watched.Load() {
		if known, seen := byHost[other.host]; other.host != "" && other.host != p.host && (!seen || other.Probe.ID < known.ID) && safe(other.Probe) {
			byHost[other.host] = other.Probe
		}
	}
	m.reach.mu.Lock()
	defer m.reach.mu.Unlock()
	hosts := make([]string, 0, len(byHost))
	for host := range byHost {
		hosts = append(hosts, host)
	}
	slices.SortFunc(hosts, func(a, b string) int {
		if c := m.reach.hosts[b].Compare(m.reach.hosts[a]); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	for _, host := range hosts[:min(len(hosts), canariesMost)] {
		probe := byHost[host]
		probe.Timeout, probe.FreshConnection = canaryTimeout, true
		asked = append(asked, probe)
	}
	return asked
}

// safe reports whether asking a probe once more does nothing.
func safe(p probes.Probe) bool { return p.Method == "" || p.Method == "GET" || p.Method == "HEAD" }

// tellReach says once that we reach nobody, or that we do again.
func (m *Monitor) tellReach(ctx context.Context, offline bool) {
	ctx = context.WithoutCancel(ctx)
	err := again(func() error {
		before, err := m.Store.Incident(ctx, Connectivity)
		if err != nil && !errors.Is(err, alerting.ErrNotFound) {
			return err
		}
		if offline == (before.ID != "" && before.Open()) {
			return nil
		}
		bulletin, step := alerting.Announce(before, Connectivity, reachWords(before, offline, time.Now().UTC()))
		return m.desk.announce(ctx, bulletin, step)
	})
	if err != nil {
		m.Log.Error("our own connectivity cannot be told", "offline", offline, "err", err)
	}
}

func reachWords(before alerting.Incident, offline bool, now time.Time) alerting.Announcement {
	a := alerting.Announcement{
		At: now, Open: offline, Severity: contracts.Warning,
		Title: "shapewatch reaches nobody: its own network is down",
		Was:   "connected", Now: "no host answers, not even those that should",
		Reason: "no API is called unreachable and nothing is told of any until we are connected again",
	}
	if !offline {
		a.Title = "shapewatch is connected again"
		a.Reason = fmt.Sprintf("nothing was judged in the %s since %s", now.Sub(before.Alarmed).Round(time.Second), before.Alarmed.Format("2006-01-02 15:04 UTC"))
	}
	return a
}

// announce commits a bulletin about ourselves and tells it to every channel.
func (d *Desk) announce(ctx context.Context, bulletin alerting.Incident, step alerting.Transition) error {
	r := alerting.Ruling{Bulletins: []alerting.Incident{bulletin}}
	for _, channel := range d.Alerts().Routes.All() {
		r.Deliveries = append(r.Deliveries, alerting.Delivery{
			Channel: channel, Incident: bulletin.ID, Transition: step, Severity: bulletin.Severity, Created: step.At, NotBefore: step.At,
		})
	}
	if err := d.Store.Rule(ctx, r); err != nil {
		return err
	}
	d.Told()
	return nil
}

// recallReach makes a start while we were offline go on from there.
func (m *Monitor) recallReach(ctx context.Context) {
	if before, err := m.Store.Incident(ctx, Connectivity); err == nil && before.Open() {
		m.reach.setOffline()
	}
}
