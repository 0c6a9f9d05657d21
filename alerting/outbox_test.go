package alerting_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// A memoryOutbox keeps the promises of alerting.Outbox in memory.
type memoryOutbox struct {
	mu        sync.Mutex
	rows      []alerting.Delivery
	leases    map[uint64]time.Time
	receipts  map[string]alerting.Receipt
	incidents map[string]alerting.Incident
	unsettled int // the next settlements that fail
	takes     int
}

func newOutbox() *memoryOutbox {
	return &memoryOutbox{leases: map[uint64]time.Time{}, receipts: map[string]alerting.Receipt{}, incidents: map[string]alerting.Incident{}}
}

// step commits a step of an incident and what is to be told of it.
func (o *memoryOutbox) step(id string, kind alerting.TransitionKind, severity contracts.Severity, channels ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.keep(id, kind, severity, channels...)
}

// own gives an incident an owner.
func (o *memoryOutbox) own(id, owner string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	inc := o.incidents[id]
	inc.Owner = owner
	o.incidents[id] = inc
}

// forDigest commits an additive change that is to be told in a digest.
func (o *memoryOutbox) forDigest(id string, at time.Time, channel string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.keep(id, alerting.Noted, contracts.Info, channel)
	last := &o.rows[len(o.rows)-1]
	last.Digest, last.NotBefore = true, at
}

func (o *memoryOutbox) keep(id string, kind alerting.TransitionKind, severity contracts.Severity, channels ...string) {
	inc := o.incidents[id]
	inc.ID, inc.API, inc.Severity, inc.Condition = id, id, severity, alerting.Firing
	inc.Title = "`a` is gone from GET /" + id
	inc.Entries = []alerting.Entry{{Finding: contracts.Finding{API: id, Operation: "GET /" + id, Path: "/a", Kind: "field-removed", Severity: severity}}}
	inc.Version++
	if kind == alerting.Closed {
		inc.Condition = alerting.Resolved
	}
	o.incidents[id] = inc
	for _, channel := range channels {
		o.rows = append(o.rows, alerting.Delivery{
			ID: uint64(len(o.rows) + 1), Channel: channel, Incident: id, Severity: severity, Created: time.Now(), NotBefore: time.Now(),
			Transition: alerting.Transition{Incident: id, Kind: kind, Version: inc.Version, At: time.Now()},
		})
	}
}

func (o *memoryOutbox) TakeDeliveries(_ context.Context, now time.Time, max int, lease time.Duration) (taken []alerting.Delivery, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.takes++
	behind := map[string]bool{}
	for _, d := range o.rows {
		thread := d.Channel + "/" + d.Incident
		if d.ID == 0 || d.Dead || behind[thread] || len(taken) == max {
			continue
		}
		behind[thread] = !d.Digest
		if !d.NotBefore.After(now) && !o.leases[d.ID].After(now) {
			o.leases[d.ID] = now.Add(lease)
			taken = append(taken, d)
		}
	}
	return taken, nil
}

func (o *memoryOutbox) Notice(_ context.Context, d alerting.Delivery) (alerting.Notice, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	inc, ok := o.incidents[d.Incident]
	if !ok {
		return alerting.Notice{}, alerting.ErrNotFound
	}
	return alerting.Notice{Incident: inc, Transition: d.Transition, Receipt: o.receipts[d.Channel+"/"+d.Incident]}, nil
}

func (o *memoryOutbox) SettleDelivery(_ context.Context, d alerting.Delivery, r alerting.Receipt) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.unsettled > 0 {
		o.unsettled--
		return errors.New("disk full")
	}
	if r.Bulletin == "" {
		r.Bulletin = o.receipts[d.Channel+"/"+d.Incident].Bulletin
	}
	o.receipts[d.Channel+"/"+d.Incident] = r
	return o.put(d.ID, alerting.Delivery{})
}

func (o *memoryOutbox) PostponeDelivery(_ context.Context, d alerting.Delivery) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.put(d.ID, d)
}

func (o *memoryOutbox) Rule(_ context.Context, r alerting.Ruling) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, b := range r.Bulletins {
		if b.Version != o.incidents[b.ID].Version+1 {
			return alerting.ErrConflict
		}
		o.incidents[b.ID] = b
	}
	for _, s := range r.Settled {
		s.Receipt.Ref = o.receipts[s.Delivery.Channel+"/"+s.Delivery.Incident].Ref
		o.receipts[s.Delivery.Channel+"/"+s.Delivery.Incident] = s.Receipt
		if err := o.put(s.Delivery.ID, alerting.Delivery{}); err != nil {
			return err
		}
	}
	for _, d := range r.Dead {
		if err := o.put(d.ID, d); err != nil {
			return err
		}
	}
	for _, d := range r.Deliveries {
		d.ID = uint64(len(o.rows) + 1)
		o.rows = append(o.rows, d)
	}
	return nil
}

// put replaces a row and ends its lease; a settled one becomes the zero row.
func (o *memoryOutbox) put(id uint64, d alerting.Delivery) error {
	delete(o.leases, id)
	if i := slices.IndexFunc(o.rows, func(row alerting.Delivery) bool { return row.ID == id }); i >= 0 {
		o.rows[i] = d
		return nil
	}
	return alerting.ErrNotFound
}

// waiting lists the rows that are neither settled nor dead, dead those given up.
func (o *memoryOutbox) waiting() (waiting, dead []alerting.Delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range o.rows {
		switch {
		case d.Dead:
			dead = append(dead, d)
		case d.ID != 0:
			waiting = append(waiting, d)
		}
	}
	return waiting, dead
}

// A mouth is a notifier that remembers what it told, and when.
type mouth struct {
	channel string
	pace    time.Duration
	sums    bool                    // takes summaries
	takes   time.Duration           // how long a call lasts
	fail    func(attempt int) error // nil: never
	mu      sync.Mutex
	calls   int
	told    []saying
	notices []alerting.Notice
	left    map[string]alerting.Receipt // what an earlier process told, by incident
}

func (m *mouth) Adopt(_ context.Context, n alerting.Notice) (alerting.Receipt, bool, error) {
	r, found := m.left[n.Incident.ID]
	return r, found, nil
}

type saying struct {
	Incident string
	Kind     alerting.TransitionKind
	At       time.Duration // since the bubble began
}

var bubbleBegan = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func (m *mouth) Each() bool          { return !m.sums }
func (m *mouth) Channel() string     { return m.channel }
func (m *mouth) Pace() time.Duration { return m.pace }

func (m *mouth) Notify(ctx context.Context, n alerting.Notice) (alerting.Receipt, error) {
	time.Sleep(m.takes)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	m.notices = append(m.notices, n)
	if m.fail != nil {
		if err := m.fail(m.calls); err != nil {
			return alerting.Receipt{}, err
		}
	}
	m.told = append(m.told, saying{n.Incident.ID, n.Transition.Kind, time.Since(bubbleBegan).Truncate(time.Millisecond)})
	return alerting.Receipt{Ref: n.Incident.ID, Version: n.Incident.Version}, nil
}

// said is what was told, as "id kind".
func (m *mouth) said() (all []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.told {
		all = append(all, s.Incident+" "+string(s.Kind))
	}
	return all
}
