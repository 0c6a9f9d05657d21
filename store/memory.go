package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/heartbeats"
	"shapewatch/probes"
	"shapewatch/workflows"
)

// Memory keeps everything in memory, with the promises of [Bolt] except that
// nothing outlives the process: for tests, the demo and a first look at an API.
type Memory struct {
	keep   Retention
	leases *leases

	mu        sync.Mutex
	closed    bool
	probes    map[string]probeRow
	queue     []turn // what is registered, earliest due first
	baselines map[string]keptBaseline
	last      map[string]contracts.Check
	checks    map[string][]contracts.Check // oldest first
	hours     map[string][]contracts.Hour  // oldest first
	incidents map[string]alerting.Incident
	outbox    outbox
	spoken    spoken
	beats     map[string][]heartbeats.Beat          // by probe, oldest first
	inboxes   map[string]*inbox                     // by probe
	runs      map[string]map[string]workflows.Trace // by probe and ID
	published map[string]probes.Publication         // by probe
	excerpts  map[string][]byte                     // of contract files
	ledgers   map[string][]byte                     // by probe
	forwards  map[string]*forwardBox                // by source
	books     map[string]*shelved                   // by probe and side
	deaf      []probes.Deaf                         // oldest first

	heardAt       time.Time // when we last listened
	forwardNumber uint64    // of the newest
}

// A turn is a registered probe's place in the schedule.
type turn struct {
	due   uint64
	probe string
}

func compareTurns(a, b turn) int {
	return cmp.Or(cmp.Compare(a.due, b.due), strings.Compare(a.probe, b.probe))
}

// NewMemory returns an empty store.
func NewMemory(keep Retention) *Memory {
	return &Memory{
		keep:      keep.orDefault(),
		leases:    newLeases(1),
		probes:    map[string]probeRow{},
		baselines: map[string]keptBaseline{},
		last:      map[string]contracts.Check{},
		checks:    map[string][]contracts.Check{},
		hours:     map[string][]contracts.Hour{},
		incidents: map[string]alerting.Incident{},
		outbox:    newOutbox(),
		spoken:    newSpoken(),
		beats:     map[string][]heartbeats.Beat{},
		inboxes:   map[string]*inbox{},
		runs:      map[string]map[string]workflows.Trace{},
		published: map[string]probes.Publication{},
		ledgers:   map[string][]byte{},
		forwards:  map[string]*forwardBox{},
		books:     map[string]*shelved{},
		excerpts:  map[string][]byte{},
	}
}

// Close makes every later call fail with [ErrClosed].
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

// locked runs f alone, unless the store is closed or ctx is over.
func (m *Memory) locked(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	return f()
}

// Register makes exactly these probes due.
func (m *Memory) Register(ctx context.Context, plans []probes.Plan) error {
	planned, err := byProbe(plans)
	if err != nil {
		return err
	}
	return m.locked(ctx, func() error {
		now := time.Now()
		for id, plan := range planned {
			row, known := m.probes[id]
			due := place(row, known, plan, now)
			m.unqueue(id)
			row.Every, row.Retired = plan.Every, time.Time{}
			m.enqueue(id, row, due)
		}
		m.retire(planned, now)
		return nil
	})
}

// retire ends the schedule of the probes that are not planned.
func (m *Memory) retire(planned map[string]probes.Plan, now time.Time) {
	var gone []string
	for id, row := range m.probes {
		if _, stays := planned[id]; stays || row.retired() {
			continue
		}
		m.unqueue(id)
		row.Retired = now
		m.probes[id] = row
		gone = append(gone, id)
	}
	m.leases.revoke(gone)
}

func (m *Memory) enqueue(id string, row probeRow, due time.Time) {
	t := turn{nanos(due), id}
	row.Due = fromNanos(t.due)
	m.probes[id] = row
	at, _ := slices.BinarySearchFunc(m.queue, t, compareTurns)
	m.queue = slices.Insert(m.queue, at, t)
}

func (m *Memory) unqueue(id string) {
	at, found := slices.BinarySearchFunc(m.queue, turn{nanos(m.probes[id].Due), id}, compareTurns)
	if found {
		m.queue = slices.Delete(m.queue, at, at+1)
	}
}

// Claim takes up to max probes that are due at now, each for at most lease.
// next is when another claim may find one: the earliest due time or end of a
// lease; zero when no probe is registered.
func (m *Memory) Claim(ctx context.Context, now time.Time, max int, lease time.Duration) (claims []probes.Claim, next time.Time, err error) {
	err = m.locked(ctx, func() error {
		m.leases.mu.Lock()
		defer m.leases.mu.Unlock()
		round := round{leases: m.leases, now: now, max: max, lease: lease}
		for _, t := range m.queue {
			if !round.offer(t.probe, fromNanos(t.due)) {
				break
			}
		}
		claims, next = round.claims, round.next
		return nil
	})
	return claims, next, err
}

// Defer gives a claim back unchecked, due again at until.
func (m *Memory) Defer(ctx context.Context, claim probes.Claim, until time.Time) error {
	return m.locked(ctx, func() error {
		if !m.leases.spend(claim) {
			return staleClaim(claim)
		}
		defer m.leases.settle(claim, true)
		m.moveDue(claim.Probe, until)
		return nil
	})
}

func (m *Memory) moveDue(id string, due time.Time) {
	m.unqueue(id)
	m.enqueue(id, m.probes[id], due)
}

// Commit keeps an outcome whole, or not at all.
func (m *Memory) Commit(ctx context.Context, outcome alerting.Outcome) error {
	o, err := normal(outcome)
	if err != nil {
		return err
	}
	return m.locked(ctx, func() error {
		if !m.leases.spend(o.Claim) {
			return staleClaim(o.Claim)
		}
		if moves := m.baselines[o.Claim.Probe].edition.Moves; moves != o.Moves {
			m.leases.settle(o.Claim, false)
			return staleBaseline(o.Claim.Probe, o.Moves, moves)
		}
		for _, incident := range o.Incidents {
			if stored := m.incidents[incident.ID].Version; incident.Version != stored+1 {
				m.leases.settle(o.Claim, false)
				return staleIncident(incident, stored)
			}
		}
		defer m.leases.settle(o.Claim, true)
		m.keepOutcome(o)
		return nil
	})
}

func (m *Memory) keepOutcome(o alerting.Outcome) {
	id := o.Claim.Probe
	m.keepCheck(id, o.Check)
	m.keepBaseline(o)
	m.settleRuns(id, o.Runs)
	m.keepPublication(o)
	m.settleArrivals(id, o.Arrivals)
	m.moveDue(id, m.untilArrival(o))
	m.keepLedger(id, o.Ledger)
	for _, incident := range o.Incidents {
		m.incidents[incident.ID] = incident
	}
	for _, d := range o.Deliveries {
		m.outbox.add(d)
	}
}

func (m *Memory) keepCheck(id string, check contracts.Check) {
	m.last[id] = check
	m.checks[id] = append(m.checks[id], check)
	if extra := len(m.checks[id]) - checksKept; extra > 0 {
		m.checks[id] = slices.Delete(m.checks[id], 0, extra)
	}
	m.addHour(id, check)
}

func (m *Memory) addHour(id string, check contracts.Check) {
	start := hourOf(check)
	hours := m.hours[id]
	at, found := slices.BinarySearchFunc(hours, start, func(h contracts.Hour, t time.Time) int { return h.Start.Compare(t) })
	if !found {
		hours = slices.Insert(hours, at, contracts.Hour{})
	}
	hours[at].Add(check)
	m.hours[id] = hours
}
