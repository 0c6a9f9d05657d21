package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"shapewatch/alerting"
	"shapewatch/alerting/pullrequest"
	"shapewatch/monitor"
	"shapewatch/store"
	"shapewatch/web"
)

// Who asks of pull requests gets them from one of three: the running server
// itself, that server asked by a command, or the store of one that is stopped.
var (
	_ web.PullDesk = (*requesting)(nil)
	_ web.PullDesk = remotePulls{}
	_ web.PullDesk = restingPulls{}
)

// errOff and errNoForge say why there are no pull requests.
func errOff() error { return alerting.Unfit("pr.mode is off: no pull request is opened or changed") }

func errNoForge() error {
	return alerting.Unfit("there is no pr: in the configuration; docs/pull-requests.md says what to write there")
}

// Wishes are what should stand by the configuration in force.
func (r *requesting) Wishes(ctx context.Context) (all []pullrequest.Wish, err error) {
	c := r.program.config.Load()
	if c == nil || c.PR().Forge == "" {
		return nil, errNoForge()
	}
	s, err := r.syncing(c)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, prTimeout)
	defer cancel()
	err = r.alone(ctx, func() (err error) {
		all, err = s.wished(ctx)
		return err
	})
	return all, err
}

// Keep has everything looked at once more, also what was settled.
func (r *requesting) Keep(ctx context.Context) ([]pullrequest.Outcome, error) {
	c := r.program.config.Load()
	switch {
	case c == nil || c.PR().Forge == "":
		return nil, errNoForge()
	case !c.PR().On:
		return nil, errOff()
	}
	s, err := r.syncing(c)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, prTimeout)
	defer cancel()
	return r.look(ctx, s)
}

// restingPulls works on the store of a server that is stopped.
type restingPulls struct {
	path   string // of the store; empty for that of the configuration
	config *Config
	forge  pullrequest.Forge
	out    io.Writer // is told that contracts were written
}

func (p restingPulls) open() (memory, error) {
	options := p.config.Store()
	if p.path != "" {
		options = store.Options{Path: p.path}
	}
	return storeAtRest(options)
}

func (p restingPulls) Wishes(ctx context.Context) ([]pullrequest.Wish, error) {
	state, err := p.open()
	if err != nil {
		return nil, err
	}
	defer state.Close()
	return newSyncing(p.config, state, p.forge, nil, p.config.Page().URL).wished(ctx)
}

func (p restingPulls) Keep(ctx context.Context) ([]pullrequest.Outcome, error) {
	if !p.config.PR().On {
		return nil, errOff()
	}
	state, err := p.open()
	switch {
	case err != nil && (!p.config.PR().FromForge || errors.Is(err, store.ErrLocked)):
		return nil, err
	case err != nil: // nothing was learned yet, and contracts can be brought already
		state = store.NewMemory(store.Retention{})
	}
	defer state.Close()
	desk := monitor.NewDesk(monitor.DeskOptions{Store: state, Alerts: func() monitor.Alerts { return alertsOf(p.config) }})
	s := newSyncing(p.config, state, p.forge, desk, p.config.Page().URL)
	s.reload = func() { fmt.Fprintln(p.out, "wrote     contracts, as they are at "+printable(p.forge.Name())) }
	return s.run(ctx)
}

// remotePulls asks a running server, which may ask its forge for a while.
type remotePulls struct{ remote }

const pullsPath = "/api/v1/pull-requests"

func (p remotePulls) ask(ctx context.Context, method string, body, into any) error {
	p.client = &http.Client{Timeout: prTimeout + time.Minute}
	return p.call(ctx, method, pullsPath, body, into)
}

func (p remotePulls) Wishes(ctx context.Context) (all []pullrequest.Wish, err error) {
	var reply struct {
		Wishes []struct {
			Branch, Title, Body string
			Labels, Files       []string
			Draft               bool
		}
		Error string
	}
	if err := p.ask(ctx, http.MethodGet, nil, &reply); err != nil {
		return nil, err
	}
	for _, one := range reply.Wishes {
		w := pullrequest.Wish{Branch: one.Branch, Title: one.Title, Body: one.Body, Labels: one.Labels, Draft: one.Draft}
		for _, path := range one.Files {
			w.Files = append(w.Files, pullrequest.File{Path: path})
		}
		all = append(all, w)
	}
	return all, p.said(reply.Error)
}

func (p remotePulls) Keep(ctx context.Context) (all []pullrequest.Outcome, err error) {
	var reply struct {
		Outcomes []struct {
			Branch, URL, Words, Error string
			Did                       pullrequest.Did
		}
		Error string
	}
	if err := p.ask(ctx, http.MethodPost, map[string]string{"act": "sync"}, &reply); err != nil {
		return nil, err
	}
	for _, one := range reply.Outcomes {
		o := pullrequest.Outcome{Branch: one.Branch, Did: one.Did, Words: one.Words, Err: p.said(one.Error)}
		o.Request.URL = one.URL
		all = append(all, o)
	}
	return all, p.said(reply.Error)
}

// said is an error in the server's words; nil for none.
func (p remotePulls) said(words string) error {
	if words == "" {
		return nil
	}
	return fmt.Errorf("server %s: %s", p.base, printable(strings.ReplaceAll(words, "\n", "; ")))
}
