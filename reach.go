package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"time"

	"shapewatch/contracts"
	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/store"
	"shapewatch/web"
)

// askTime bounds one question to a server of ours.
const askTime = 30 * time.Second

// reachPage returns a way to ask the page of a configuration: the server that
// runs, or, when none holds the store, the page made in this process.
func reachPage(c *Config) (ask web.Ask, end func() error, err error) {
	if _, err := os.Stat(c.Store().Path); err != nil {
		return askServer(c), func() error { return nil }, nil // the server may keep its state elsewhere
	}
	state, err := openStore(c.Store())
	switch {
	case errors.Is(err, store.ErrLocked):
		return askServer(c), func() error { return nil }, nil
	case err != nil:
		return nil, nil, err
	}
	token := rand.Text()
	page := web.AskHandler(web.New(pageOf(c, state, token)))
	return func(ctx context.Context, address string, header http.Header) (web.Answer, error) {
		known := http.Header{"Authorization": {"Bearer " + token}}
		maps.Copy(known, header)
		return page(ctx, address, known)
	}, state.Close, nil
}

// pageOf is the page of a store that nobody else holds: all that a server
// would show, but for what only a running one knows.
func pageOf(c *Config, state memory, token string) web.Options {
	log := logTo(io.Discard)
	drafts := &drafting{config: func() *Config { return c }, recall: state.Recall, log: log}
	watches := map[string]monitor.Watch{}
	var watched []probes.Probe
	for _, w := range c.Watches() {
		watches[w.Probe.ID], watched = w, append(watched, w.Probe)
	}
	return web.Options{
		Source: state, Probes: func() []probes.Probe { return watched }, Access: web.Access{Token: token},
		Contract: func(probe string) *contracts.Contract { return watches[probe].Contract },
		Uses:     func(probe string) []string { return watches[probe].Policy.Uses },
		Edits:    drafts.edits,
		Settings: func() []byte { text, _ := c.Show(); return text }, // it was read, so it can be shown
		Title:    c.Page().Title, Version: programVersion(), URL: c.Page().URL, Log: log,
	}
}

// reachEach asks as reachPage does, finding the way anew for each question: it
// never holds the store between two, so that a server may start.
func reachEach(c *Config) web.Ask {
	return func(ctx context.Context, address string, header http.Header) (a web.Answer, err error) {
		ask, end, err := reachPage(c)
		if err != nil {
			return a, err
		}
		defer func() { err = errors.Join(err, end()) }()
		return ask(ctx, address, header)
	}
}

// askServer asks the server that runs, at the address of the configuration.
func askServer(c *Config) web.Ask {
	client := &http.Client{Timeout: askTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return func(ctx context.Context, address string, header http.Header) (web.Answer, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, serverAddress(c)+address, nil)
		if err != nil {
			return web.Answer{}, usageError(fmt.Errorf("page: %w", err))
		}
		for name, values := range header {
			r.Header[name] = values
		}
		r.Header.Set("User-Agent", "shapewatch/"+programVersion())
		identify(r, c.Access())
		reply, err := client.Do(r)
		if err != nil {
			return web.Answer{}, usageError(fmt.Errorf("no server answers at %s, and there is no store to read: start shapewatch serve", serverAddress(c)))
		}
		defer reply.Body.Close()
		if reply.StatusCode == http.StatusUnauthorized || reply.StatusCode == http.StatusForbidden {
			return web.Answer{}, usageError(fmt.Errorf("the server at %s wants a login: page.token in the configuration lets this command in", serverAddress(c)))
		}
		body, err := io.ReadAll(io.LimitReader(reply.Body, maxReply))
		if err != nil {
			return web.Answer{}, fmt.Errorf("page %s: %w", address, err)
		}
		return web.Answer{Status: reply.StatusCode, Media: reply.Header.Get("Content-Type"), Body: body}, nil
	}
}
