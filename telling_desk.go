package main

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"shapewatch/alerting"
)

// A keeper is a channel that forgets what is not repeated.
type keeper interface {
	alerting.Notifier
	KeepEvery() time.Duration
	Keep(ctx context.Context, open []alerting.Notice) error
}

// listening is what runs beside the telling, by the configuration in force:
// Slack's buttons, and the repeating for channels that forget.
type listening struct {
	program *program
	changed chan struct{}
}

func newListening(p *program) *listening {
	return &listening{program: p, changed: make(chan struct{}, 1)}
}

// change makes the next configuration count.
func (l *listening) change() {
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

// run listens until ctx is done, and begins anew when the configuration
// changes.
func (l *listening) run(ctx context.Context) error {
	for ctx.Err() == nil {
		once, replaced := context.WithCancel(ctx)
		ended := make(chan struct{})
		go func() { l.once(once); close(ended) }()
		select {
		case <-ctx.Done():
		case <-l.changed:
		}
		replaced()
		<-ended
	}
	return nil
}

// once runs what one configuration asks for until ctx is done.
func (l *listening) once(ctx context.Context) {
	c := l.program.config.Load()
	client := &http.Client{Timeout: slackTimeout}
	ended := make(chan struct{})
	go func() { l.program.keep(ctx, c); close(ended) }()
	if s := c.Slack(); s.AppToken != "" {
		if desk, err := l.program.slackDesk(c, client); err != nil {
			l.program.Log.Error("Slack's buttons do not work", "err", err)
		} else {
			_ = desk.Run(ctx) // ends only with ctx
		}
	}
	<-ended
}

// slackDesk is the desk for Slack's buttons.
func (p *program) slackDesk(c *Config, client *http.Client) (*alerting.SlackDesk, error) {
	o := slackDeskOptions(c.Slack(), client)
	o.Desk, o.Incident, o.Open, o.Log = p.desk, p.Store.Incident, p.open, p.Log
	o.PublicURL = func() string { return p.publicURL(p.config.Load()) }
	return alerting.NewSlackDesk(o)
}

// maxOpen bounds how many open incidents are read at once.
const maxOpen = 5000

// open are the incidents that are not over.
func (p *program) open(ctx context.Context) ([]alerting.Incident, error) {
	all, err := p.Store.Incidents(ctx, "", maxOpen)
	return slices.DeleteFunc(all, func(inc alerting.Incident) bool { return !inc.Open() }), err
}

// keep repeats what is open to the channels that forget.
func (p *program) keep(ctx context.Context, c *Config) {
	notifiers, err := notifiersOf(c, p.Out, false)
	if err != nil {
		return // said when the configuration was applied
	}
	keepers, every := []keeper{}, time.Duration(0)
	for _, n := range notifiers {
		if k, ok := n.(keeper); ok {
			keepers, every = append(keepers, k), k.KeepEvery()
		}
	}
	if len(keepers) == 0 {
		return
	}
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for {
		for _, k := range keepers {
			err := p.repeat(ctx, k)
			logKept(p.Log, k.Channel(), err, ctx.Err())
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

func logKept(log *slog.Logger, channel string, err, ended error) {
	if err != nil && ended == nil {
		log.Warn("a channel is not reminded of what is open: it may think that it is over", "channel", channel, "err", err)
	}
}

// repeat tells a channel all that is open and was told to it.
func (p *program) repeat(ctx context.Context, k keeper) error {
	open, err := p.open(ctx)
	if err != nil {
		return err
	}
	var notices []alerting.Notice
	base := p.publicURL(p.config.Load())
	for _, inc := range open {
		if !slices.Contains(inc.Channels, k.Channel()) || inc.Muted.Mute != "" {
			continue
		}
		n := alerting.Notice{Incident: inc, Transition: alerting.Transition{Incident: inc.ID, Kind: alerting.Updated, Version: inc.Version, At: inc.Changed}}
		if base != "" {
			n.Link = base + "/incidents/" + inc.ID
		}
		notices = append(notices, n)
	}
	ctx, cancel := context.WithTimeout(ctx, slackTimeout)
	defer cancel()
	return k.Keep(ctx, notices)
}
