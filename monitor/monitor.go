// Package monitor repeats. It claims the probes that are due, checks each
// (ask, observe, judge, decide, commit: one function, check.go) and lets the
// store say when the next is due. It holds no truth of its own: kill it at any
// instant and the store knows what was committed and what was not.
package monitor

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"sync/atomic"
	"time"

	"shapewatch/contracts"
	"shapewatch/graphql"
	"shapewatch/grpc"
	"shapewatch/probes"
	"shapewatch/workflows"
)

// A Watch is a probe with what its answers are judged by.
type Watch struct {
	Probe     probes.Probe
	Contract  *contracts.Contract // nil when the API names none
	File      string              // pattern of files of which the newest is read; empty when it is asked
	Source    *Source             // where a vendor sends events; nil when it is us who ask
	Heartbeat *Heartbeat          // the job that calls us; nil when it is us who ask
	Spec      *Spec               // the published document that the probe asks for; nil for all else
	Queries   []graphql.Query     // what a GraphQL API is asked, when the probe asks for its schema; nil for none
	Call      *grpc.Call          // the method of a gRPC API that is called; nil for all else
	Methods   []grpc.Call         // the methods of which the probe asks a gRPC API what they are; nil for none
	Workflow  *workflows.Workflow // what a check does; nil for a plain request
	Policy    contracts.Policy

	Reconciliation *Reconciliation // two sides that are compared; nil for a plain request
}

// Plain reports whether a check is one request whose answers are those of one
// operation.
func (w Watch) Plain() bool {
	return w.File == "" && w.Source == nil && w.Heartbeat == nil && w.Spec == nil && w.Probe.Socket == nil &&
		w.Queries == nil && w.Call == nil && w.Methods == nil && w.Workflow == nil && w.Reconciliation == nil
}

// An Asker asks a probe once; [probes.Client] is the one that does it for real.
type Asker interface {
	Do(ctx context.Context, p probes.Probe) probes.Sample
	// BlockedUntil is when the probe's host may be asked again; zero for now.
	BlockedUntil(p probes.Probe) time.Time
}

// Options say what a [Monitor] works with. Store, Asker and Detectors are
// needed; the rest has defaults.
type Options struct {
	Store     Store
	Asker     Asker
	Detectors []contracts.Detector
	Alerts    func() Alerts       // who is told, and when not, asked at each step; nil means nobody
	HandOn    func(source string) // called when an event of a source is to be handed on
	Told      func()              // called when there is something new to tell
	Fatal     func(error) bool    // whether an error of the store is its last; nil means never
	Workers   int                 // checks under way at a time; 0 means 64
	Grace     time.Duration       // for checks under way when the monitor is stopped; 0 means 10 s
	Confirm   Confirm
	Baselines int64        // bytes of baselines kept decoded; 0 means 160 MiB
	Log       *slog.Logger // nil means slog.Default()
}

// A Confirm says how a suspicion is confirmed or dispelled quickly: by asking
// again over a fresh connection, after a pause that doubles each time.
type Confirm struct {
	After time.Duration // before the first re-probe; 0 means 1 s
	Most  int           // re-probes for one suspicion; 0 means 5, negative means none
}

func (o Options) orDefaults() Options {
	if o.Alerts == nil {
		o.Alerts = func() Alerts { return Alerts{} }
	}
	if o.Told == nil {
		o.Told = func() {}
	}
	if o.HandOn == nil {
		o.HandOn = func(string) {}
	}
	if o.Fatal == nil {
		o.Fatal = func(error) bool { return false }
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	o.Workers = orDefault(o.Workers, 64)
	o.Grace = orDefault(o.Grace, 10*time.Second)
	o.Baselines = orDefault(o.Baselines, 160<<20)
	o.Confirm.After = orDefault(o.Confirm.After, time.Second)
	o.Confirm.Most = orDefault(o.Confirm.Most, 5)
	return o
}

func orDefault[T int | int64 | time.Duration](v, fallback T) T {
	if v == 0 {
		return fallback
	}
	return v
}

// A Monitor repeats the checks of what it was told to watch. Create it with
// [New], say what to watch with [Monitor.Apply], start it with [Monitor.Run].
type Monitor struct {
	Options
	watched     atomic.Pointer[map[string]*post]
	changed     chan struct{} // something may be due earlier than thought
	asleepUntil atomic.Int64  // when the loop looks again by itself; Unix nanoseconds
	baselines   *shelf
	lanes       lanes
	turns       turns
	intakes     intakes
	desk        *Desk
	reach       *reach
	facts       facts
	panics      atomic.Uint64
}

// New returns a monitor that watches nothing yet.
func New(o Options) *Monitor {
	m := &Monitor{Options: o.orDefaults(), changed: make(chan struct{}, 1)}
	m.baselines = newShelf(m.Baselines)
	m.reach = newReach()
	m.desk = NewDesk(DeskOptions{Store: m.Store, Alerts: m.Alerts, Told: m.Told, offline: m.reach.isOffline})
	m.watched.Store(&map[string]*post{})
	return m
}

// Panics is how many checks ended in a panic since the start: our own fault,
// logged with the probe, and never the end of the monitor.
func (m *Monitor) Panics() uint64 { return m.panics.Load() }

// A post is a watch made ready: what the monitor needs at each check.
type post struct {
	Watch
	timetable timetable
	agreed    atomic.Pointer[contracts.Contract] // from a document at an address; nil for none
	listening time.Time                          // since when a job was expected to call
	reading   *atomic.Bool                       // while its file is being read; outlives a reload
	host      string
}

func newPost(w Watch) (*post, error) {
	t, err := newTimetable(w.Probe.Schedule, w.Probe.ID)
	if err != nil {
		return nil, fmt.Errorf("probe %s: %w", w.Probe.ID, err)
	}
	p := &post{Watch: w, timetable: t, listening: time.Now(), reading: new(atomic.Bool)}
	if u, err := url.Parse(w.Probe.URL); err == nil {
		p.host = u.Host
	}
	return p, nil
}

// Apply makes exactly these watches the ones that are checked, at start and on
// every reload. A probe that was watched before keeps its due time and all
// that was learned. It is all or nothing: on an error everything is as before.
func (m *Monitor) Apply(ctx context.Context, watches []Watch) error {
	posts := make(map[string]*post, len(watches))
	for _, w := range watches {
		p, err := newPost(w)
		if err != nil {
			return err
		}
		if posts[w.Probe.ID] != nil {
			return fmt.Errorf("probe %s: named twice", w.Probe.ID)
		}
		if before := (*m.watched.Load())[w.Probe.ID]; before != nil {
			p.listening, p.reading = before.listening, before.reading
		}
		posts[w.Probe.ID] = p
	}
	if err := m.holdKnown(ctx, posts); err != nil {
		return err
	}
	before := m.watched.Swap(&posts) // first: the store may call a new probe due at once
	if err := m.Store.Register(ctx, plan(watches, time.Now())); err != nil {
		m.watched.Store(before)
		return fmt.Errorf("register %d probes: %w", len(watches), err)
	}
	m.lanes.forget(posts)
	if err := m.desk.retire(ctx, posts); err != nil {
		m.Log.Error("incidents of probes that are gone cannot be ended", "err", err)
	}
	m.facts.forget(posts)
	m.wake()
	return nil
}

// startPace is how many new probes are checked a second at first, so that a
// page has something to show soon and a thousand vendors are not asked at once.
const startPace = 20

// plan gives each probe the time of its first check, for when the store knows
// none: soon, one after the other, and never later than its interval.
func plan(watches []Watch, now time.Time) []probes.Plan {
	plans := make([]probes.Plan, len(watches))
	for i, w := range watches {
		every := w.Probe.Schedule.Every
		if every == 0 {
			every = probes.DefaultEvery
		}
		soon := time.Duration(i) * time.Second / startPace
		plans[i] = probes.Plan{Probe: w.Probe.ID, Due: now.Add(soon % every), Every: every}
	}
	return plans
}

// wake makes the loop look again at what is due.
func (m *Monitor) wake() {
	select {
	case m.changed <- struct{}{}:
	default:
	}
}
