package main

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"shapewatch/alerting"
	"shapewatch/monitor"
)

// slackTimeout bounds one call of Slack.
const slackTimeout = 10 * time.Second

// notifiersOf builds the channels that a configuration names; with none,
// alerts are printed where the program prints.
func notifiersOf(c *Config, out io.Writer, color bool) ([]alerting.Notifier, error) {
	client := &http.Client{Timeout: slackTimeout}
	notifiers, err := slackNotifiers(c.Slack(), client)
	if err != nil {
		return nil, err
	}
	for i := range c.file.alerts.channels {
		n, err := channelNotifier(&c.file.alerts.channels[i], out, client)
		if err != nil {
			return nil, err
		}
		notifiers = append(notifiers, n)
	}
	if len(notifiers) == 0 {
		notifiers = append(notifiers, alerting.NewTerminal(alerting.TerminalOptions{W: out, Color: color, Each: c.each}))
	}
	return notifiers, nil
}

// slackNotifiers builds one notifier for each Slack channel.
func slackNotifiers(s SlackConfig, client *http.Client) (notifiers []alerting.Notifier, err error) {
	options := alerting.SlackOptions{
		BotToken: s.BotToken, Webhook: s.Webhook, APIURL: s.APIURL, HTTPClient: client,
		Template: s.Template, Broadcast: s.Broadcast, Buttons: s.AppToken != "",
	}
	channels := s.Channels
	if s.Webhook != "" {
		channels = []string{""}
	}
	for _, options.Channel = range channels {
		slack, err := alerting.NewSlack(options)
		if err != nil {
			return nil, err
		}
		notifiers = append(notifiers, slack)
	}
	return notifiers, nil
}

// routesOf are a configuration's routes; with no channel configured all goes
// to the terminal.
func routesOf(c *Config) alerting.Routes {
	if routes := c.Routes(); len(routes) > 0 {
		return routes
	}
	return alerting.Routes{{Channels: []string{"terminal"}}}
}

// alertsOf says who is told of what, and when not.
func alertsOf(c *Config) monitor.Alerts {
	a := c.Alerts()
	if len(a.Routes) == 0 {
		a.Routes, a.Digest = routesOf(c), nil // who looks at a terminal looks now
	}
	return a
}

// A telling drains the outbox with the channels now in force: a dispatcher
// that is replaced when a reload changes them.
type telling struct {
	outbox  alerting.Outbox
	log     *slog.Logger
	draft   func(ctx context.Context, inc alerting.Incident) string
	changed chan struct{}

	mu        sync.Mutex
	notifiers []alerting.Notifier
	url       string
	mentions  map[string]string
	fallback  string
	current   *alerting.Dispatcher
}

// newTelling returns a telling; draft words the edit of the contract that would
// accept an incident, nil never does.
func newTelling(outbox alerting.Outbox, log *slog.Logger, draft func(ctx context.Context, inc alerting.Incident) string) *telling {
	return &telling{outbox: outbox, log: log, draft: draft, changed: make(chan struct{}, 1)}
}

// change replaces the channels; what is being told is finished first.
func (t *telling) change(notifiers []alerting.Notifier, url string) {
	t.mu.Lock()
	t.notifiers, t.url = notifiers, url
	t.mu.Unlock()
	select {
	case t.changed <- struct{}{}:
	default:
	}
}

// call says who is called, by owner, and what is told elsewhere; it holds from
// the next change of channels on.
func (t *telling) call(mentions map[string]string, fallback string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.mentions, t.fallback = mentions, fallback
}

// sick says which channels take nothing, one sentence each.
func (t *telling) sick() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == nil {
		return nil
	}
	return t.current.Sick()
}

// wake makes the dispatcher look at the outbox at once.
func (t *telling) wake() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current != nil {
		t.current.Wake()
	}
}

// run tells until ctx is done.
func (t *telling) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := t.once(ctx); err != nil {
			return err
		}
	}
	return nil
}

// once tells until the channels change.
func (t *telling) once(ctx context.Context) error {
	ctx, replaced := context.WithCancel(ctx)
	defer replaced()
	dispatcher := t.build()
	ended := make(chan error, 1)
	go func() { ended <- dispatcher.Run(ctx) }()
	select {
	case err := <-ended:
		return err
	case <-t.changed:
		replaced()
	}
	return <-ended
}

func (t *telling) build() *alerting.Dispatcher {
	t.mu.Lock()
	defer t.mu.Unlock()
	select {
	case <-t.changed: // what changed until now is in what follows
	default:
	}
	t.current = alerting.NewDispatcher(alerting.DispatcherOptions{
		Outbox: t.outbox, Notifiers: t.notifiers, Log: t.log, PublicURL: t.url,
		Mentions: t.mentions, Fallback: t.fallback, Proposal: t.draft,
	})
	return t.current
}

// channelsOf says in words where alerts of a configuration go.
func channelsOf(c *Config) string {
	var places []string
	s := c.Slack()
	switch {
	case s.Webhook != "":
		places = append(places, "Slack, by webhook")
	case s.BotToken != "":
		more := ""
		if n := len(s.Channels) - 1; n > 0 {
			more = " and " + count(n, "more channel")
		}
		places = append(places, "Slack "+cmp.Or(s.Channels[0], "(no channel)")+more)
	}
	for _, b := range c.file.alerts.channels {
		places = append(places, b.name.value+" ("+b.kind+")")
	}
	if len(places) == 0 {
		return "printed here (no channel in the configuration)"
	}
	return strings.Join(places, ", ")
}
