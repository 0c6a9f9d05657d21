package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
)

// Bounds of what one request reads.
const (
	fewIncidents  = 50                  // read for one page …
	maxIncidents  = 500                 // … unless even more are open
	learnedAfter  = 20                  // valid answers after which a probe counts as learned
	learnedWithin = 30 * 24 * time.Hour // looked for them at most this far back
)

// A look is the state of everything at one instant.
type look struct {
	now      time.Time
	apis     []*watchedAPI // worst first
	open     []alerting.Incident
	newest   time.Time // last check of all
	outbox   alerting.OutboxHealth
	problems []string // ours
	used     int64    // bytes of the store …
	limit    int64    // … of so many; 0 in memory
}

// A watchedAPI is one API with its probes, in the order of the configuration.
type watchedAPI struct {
	name, group, owner string
	state              state
	probes             []*watchedProbe
	open               int // incidents
}

// A watchedProbe is a probe with what its last check said.
type watchedProbe struct {
	probes.Probe
	last    contracts.Check
	checked bool
	state   state
	valid   int // answers counted while learning
	terms   contracts.Terms
}

// lookNow reads the state of everything.
func (s *site) lookNow(ctx context.Context) (*look, error) {
	l := &look{now: time.Now(), problems: s.Problems()}
	latest, err := s.Source.Latest(ctx)
	if err != nil {
		return nil, fmt.Errorf("latest checks: %w", err)
	}
	if l.outbox, err = s.Source.OutboxHealth(ctx); err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	if l.used, l.limit, err = s.Source.Size(ctx); err != nil {
		return nil, fmt.Errorf("size: %w", err)
	}
	if l.open, err = s.openIncidents(ctx); err != nil {
		return nil, fmt.Errorf("incidents: %w", err)
	}
	watched := s.Probes()
	l.apis = gather(watched, latest)
	if err := s.settle(ctx, l, watched); err != nil {
		return nil, err
	}
	for _, a := range l.apis {
		for _, p := range a.probes {
			if err := s.remembered(ctx, p, l.now); err != nil {
				return nil, fmt.Errorf("checks of %s: %w", p.ID, err)
			}
		}
	}
	l.judge()
	return l, nil
}

// openIncidents reads a few, and more only when all of those are open: the
// source lists open ones first, and decoding a long history takes its time.
func (s *site) openIncidents(ctx context.Context) (open []alerting.Incident, err error) {
	for _, limit := range []int{fewIncidents, maxIncidents} {
		incidents, err := s.Source.Incidents(ctx, "", limit)
		if err != nil {
			return nil, err
		}
		if open = firing(incidents); len(open) < limit {
			break
		}
	}
	return open, nil
}

// firing keeps the open incidents, worst first, then longest first.
func firing(incidents []alerting.Incident) (open []alerting.Incident) {
	for _, i := range incidents {
		if i.Open() {
			open = append(open, i)
		}
	}
	slices.SortStableFunc(open, func(a, b alerting.Incident) int {
		return cmp.Or(-cmp.Compare(a.Severity, b.Severity), a.Opened.Compare(b.Opened))
	})
	return open
}

// gather puts probes and their last checks together by API.
func gather(watched []probes.Probe, latest []contracts.Check) (apis []*watchedAPI) {
	last := make(map[string]contracts.Check, len(latest))
	for _, c := range latest {
		last[c.Probe] = c
	}
	byName := map[string]*watchedAPI{}
	for _, p := range watched {
		a := byName[p.API]
		if a == nil {
			a = &watchedAPI{name: p.API, group: p.Group, owner: p.Owner}
			byName[p.API], apis = a, append(apis, a)
		}
		w := &watchedProbe{Probe: p}
		if w.last, w.checked = last[p.ID]; w.checked {
			w.state = stateOf(w.last)
		}
		a.probes = append(a.probes, w)
	}
	return apis
}

// settle tells probes that are still learning from those that know. Learned
// is for good, so a probe's history is counted only until it is.
func (s *site) settle(ctx context.Context, l *look, watched []probes.Probe) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.settled) > 2*len(watched) { // forget probes that are gone
		clear(s.settled)
	}
	for _, a := range l.apis {
		for _, p := range a.probes {
			if p.state != agreed || s.settled[p.ID] {
				continue
			}
			valid, err := s.validAnswers(ctx, p.ID, l.now)
			if err != nil {
				return err
			}
			if p.valid = valid; valid >= learnedAfter {
				s.settled[p.ID] = true
			} else {
				p.state = learning
			}
		}
	}
	return nil
}

func (s *site) validAnswers(ctx context.Context, probe string, now time.Time) (valid int, err error) {
	hours, err := s.Source.Hours(ctx, probe, now.Add(-learnedWithin))
	if err != nil {
		return 0, fmt.Errorf("hours of %s: %w", probe, err)
	}
	for _, h := range hours {
		valid += h.Checks - h.Failed
	}
	return valid, nil
}

// judge gives each API its state, the worst of its probes and incidents, and
// puts the worst first.
func (l *look) judge() {
	byName := map[string]*watchedAPI{}
	for _, a := range l.apis {
		byName[a.name] = a
		for _, p := range a.probes {
			a.state = max(a.state, p.state)
			if p.checked && p.last.At.After(l.newest) {
				l.newest = p.last.At
			}
		}
	}
	for _, i := range l.open {
		if a := byName[i.API]; a != nil {
			a.open++
			a.state = max(a.state, severityState(i.Severity))
		}
	}
	slices.SortStableFunc(l.apis, func(a, b *watchedAPI) int { return -cmp.Compare(a.state, b.state) })
}

// count returns how many APIs are in each state.
func (l *look) count() (n [numStates]int) {
	for _, a := range l.apis {
		n[a.state]++
	}
	return n
}

// counts are those by the keys of the states.
func (l *look) counts() map[string]int {
	counts := map[string]int{}
	for s, n := range l.count() {
		counts[state(s).String()] = n
	}
	return counts
}

// find returns an API by name, nil if it is not watched.
func (l *look) find(name string) *watchedAPI {
	for _, a := range l.apis {
		if a.name == name {
			return a
		}
	}
	return nil
}

// lastCheck is the newest check of an API's probes.
func (a *watchedAPI) lastCheck() (last contracts.Check) {
	for _, p := range a.probes {
		if p.checked && p.last.At.After(last.At) {
			last = p.last
		}
	}
	return last
}
