package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
	"shapewatch/forwarding"
	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/store"
	"shapewatch/tracing"
	"shapewatch/web"
	"shapewatch/webhooks"
)

// A memory is a store as the whole program needs it.
type memory interface {
	monitor.Store
	alerting.Outbox
	forwarding.Queue
	RuleForwards(ctx context.Context, source string, chosen webhooks.Chosen, act alerting.Act) (n int, err error)
	web.Source
	excerptStore
	Sweep(ctx context.Context, now time.Time) error
	Close() error
}

// openStore opens the file, or a store in memory when there is no path.
func openStore(o store.Options) (memory, error) {
	if o.Path == "" {
		return store.NewMemory(o.Keep), nil
	}
	state, err := store.OpenBolt(o)
	switch {
	case errors.Is(err, store.ErrDamaged):
		return nil, err
	case err != nil:
		return nil, usageError(err) // in use, too new, not to be written: the user's to repair
	}
	return state, nil
}

// programOptions say what a program is put together from.
type programOptions struct {
	Config   *Config
	Store    memory // closed when the program ends, or cannot begin
	Listener net.Listener
	Out      io.Writer // for alerts, when no channel is configured
	Color    bool
	Log      *slog.Logger
	Untraced bool                   // nothing is traced, whatever the environment says
	Hide     func(secrets []string) // told of a configuration's secrets before it is used; may be nil
}

// A program is everything that runs together: what is due is checked, what
// happened is told, the page shows it.
type program struct {
	programOptions
	config    atomic.Pointer[Config]
	client    *probes.Client
	monitor   *monitor.Monitor
	telling   *telling
	forwarder *forwarding.Forwarder
	listening *listening
	clock     *timekeeper
	tracer    *tracing.Tracer // nil when nothing is traced
	desk      actingDesk
	requests  *requesting
	reloads   chan struct{} // contracts were written: read everything anew
	drafting  *drafting     // of edits of contracts
	page      *http.Server
	problems  problems

	unwritten map[string]bool // contracts that cannot be written, told once; of learn alone
}

// newProgram puts a program together and its configuration in force.
func newProgram(ctx context.Context, o programOptions) (*program, error) {
	p := &program{programOptions: o, client: newClient(o.Config), unwritten: map[string]bool{}}
	p.clock = newTimekeeper(p.client, &p.problems)
	p.tracer = p.startTracing(ctx)
	p.drafting = &drafting{config: p.config.Load, recall: o.Store.Recall, log: o.Log}
	p.requests, p.reloads = newRequesting(p), make(chan struct{}, 1)
	p.telling, p.listening = newTelling(o.Store, o.Log, p.drafting.diff), newListening(p)
	p.forwarder = forwarding.New(forwarding.Options{Queue: o.Store, Transport: probes.OwnTransport, Log: o.Log})
	p.monitor = monitor.New(monitor.Options{
		Store: o.Store, Asker: p.asker(), Detectors: detectors.All(),
		Alerts: p.alerts,
		Told:   p.told,
		HandOn: p.forwarder.Wake,
		Fatal:  func(err error) bool { return errors.Is(err, store.ErrStopped) },
		Log:    o.Log,
	})
	p.desk = actingDesk{monitor.NewDesk(monitor.DeskOptions{Store: o.Store, Alerts: p.alerts, Told: p.telling.wake}), p.requests.wake}
	p.page = web.Server(o.Listener.Addr().String(), p.withBeats(web.New(web.Options{
		Source: o.Store, Probes: p.probes, Problems: p.illnesses, Desk: p.desk, Forwards: forwardDesk{p}, Pulls: p.requests, Reception: reception{p},
		Contract: p.contract, Settings: p.settings, Edits: p.drafting.edits, Proposals: p.proposals, Uses: p.uses, Unlearn: p.unlearn,
		Access: o.Config.Access(), URL: o.Config.Page().URL,
		Title: o.Config.Page().Title, Version: programVersion(), Log: o.Log,
	})))
	if err := p.apply(ctx, o.Config); err != nil {
		p.client.Close()
		return nil, errors.Join(err, o.Store.Close())
	}
	return p, nil
}

// unlearn takes out of a probe's baseline what was learned in a bad time.
func (p *program) unlearn(ctx context.Context, of probes.Probe, from, to time.Time, by contracts.Acceptance) (contracts.Move, error) {
	return monitor.Forget(ctx, p.Store, of.API, of.ID, from, to, by)
}

// told is called when there is something new to tell.
func (p *program) told() {
	p.telling.wake()
	p.requests.wake()
}

// An actingDesk is a desk after whose acts pull requests are looked at.
type actingDesk struct {
	*monitor.Desk
	acted func()
}

// Act carries out an act on an incident.
func (d actingDesk) Act(ctx context.Context, act alerting.Act) (alerting.Incident, error) {
	inc, err := d.Desk.Act(ctx, act)
	if err == nil {
		d.acted()
	}
	return inc, err
}

// reload asks for everything to be read anew. It never blocks.
func (p *program) reload() {
	select {
	case p.reloads <- struct{}{}:
	default:
	}
}

// alerts says who is told of what now.
func (p *program) alerts() monitor.Alerts { return alertsOf(p.config.Load()) }

// newClient asks under our name, with the address of who runs us.
func newClient(c *Config) *probes.Client {
	return probes.NewClient(probes.Options{Version: programVersion(), UserAgentContact: c.Contact()})
}

// apply puts a configuration in force, at start and on reload: all of it, or
// nothing and an error.
func (p *program) apply(ctx context.Context, c *Config) error {
	notifiers, err := notifiersOf(c, p.Out, p.Color)
	if err != nil {
		return err
	}
	if p.Hide != nil {
		p.Hide(c.Secrets())
	}
	p.tracer.Hide(c.Secrets())
	before := p.config.Swap(c) // first: a check of a new probe may need its routes at once
	if err := p.monitor.Apply(ctx, c.Watches()); err != nil {
		p.config.Store(before)
		return err
	}
	p.telling.call(c.Mentions(), c.Fallback())
	p.telling.change(notifiers, p.publicURL(c))
	p.listening.change()
	p.forwarder.Change(targets(c.Watches()))
	for _, told := range p.stranded(ctx) {
		p.Log.Warn(told)
	}
	p.requests.wake()
	return nil
}

// run works until ctx is done, then ends in order: checks under way are
// committed, what is being told is told, the store is closed last.
func (p *program) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(p.tracer.Carry(ctx))
	group.Go(func() error { return p.monitor.Run(ctx) })
	group.Go(func() error { return p.telling.run(ctx) })
	group.Go(func() error { return p.listening.run(ctx) })
	group.Go(func() error { return p.forwarder.Run(ctx) })
	group.Go(func() error { return p.sweep(ctx) })
	group.Go(func() error { return p.clock.run(ctx) })
	group.Go(func() error { return p.learn(ctx) })
	group.Go(func() error { return p.requests.run(ctx) })
	group.Go(func() error { return p.serve(ctx) })
	err := group.Wait()
	p.client.Close()
	p.stopTracing(ctx)
	return errors.Join(err, p.Store.Close())
}

// shutdownTime is how long open requests of the page may take at the end.
const shutdownTime = 3 * time.Second

func (p *program) serve(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- p.page.Serve(p.Listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("page: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := p.page.Shutdown(grace); err != nil {
		return p.page.Close()
	}
	return nil
}

// sweepEvery is how often what is older than retention asks for is forgotten.
const sweepEvery = time.Hour

func (p *program) sweep(ctx context.Context) error {
	ticks := time.NewTicker(sweepEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticks.C:
			if err := p.Store.Sweep(ctx, now); err != nil && ctx.Err() == nil {
				p.Log.Error("what is old cannot be forgotten", "err", err)
			}
		}
	}
}

// probes are what is watched now, in the order of the configuration.
func (p *program) probes() (asked []probes.Probe) {
	if c := p.config.Load(); c != nil {
		for _, w := range c.Watches() {
			asked = append(asked, w.Probe)
		}
	}
	return asked
}

// publicURL is where links in alerts lead: the configured address, or our own
// when only this machine can read the page.
func (p *program) publicURL(c *Config) string {
	if url := c.Page().URL; url != "" {
		return url
	}
	if local, ok := p.Listener.Addr().(*net.TCPAddr); ok && local.IP.IsLoopback() {
		return "http://" + local.String()
	}
	return ""
}

// illnesses are what the page says about ourselves.
func (p *program) illnesses() []string {
	told := append(p.problems.list(), p.telling.sick()...)
	told = append(told, p.stranded(context.Background())...)
	if inc, err := p.Store.Incident(context.Background(), monitor.Connectivity); err == nil && inc.Open() {
		told = append(told, fmt.Sprintf("nobody can be reached since %s, it is our own network: nothing is judged or told of any API until we are connected again", inc.Alarmed.UTC().Format("2006-01-02 15:04 UTC")))
	}
	if n := p.monitor.Panics(); n > 0 {
		told = append(told, fmt.Sprintf("%s ended in a fault of our own: see the log", count(int(n), "check")))
	}
	return told
}

// listen opens the page's address.
func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, usageError(fmt.Errorf("page: %w; --listen HOST:PORT takes another address", err))
	}
	return l, nil
}

// contract is what was agreed for a probe; nil without one.
func (p *program) contract(probe string) *contracts.Contract {
	return p.monitor.Contract(probe)
}

// uses are the paths of a probe that the user reads.
func (p *program) uses(probe string) []string {
	if c := p.config.Load(); c != nil {
		for _, w := range c.Watches() {
			if w.Probe.ID == probe {
				return w.Policy.Uses
			}
		}
	}
	return nil
}

// settings are the configuration in force, secrets masked.
func (p *program) settings() []byte {
	c := p.config.Load()
	if c == nil {
		return nil
	}
	text, err := c.Show()
	if err != nil {
		p.Log.Error("page", "err", err)
	}
	return text
}
