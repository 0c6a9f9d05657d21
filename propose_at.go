package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/monitor"
	"shapewatch/web"
)

// proposed are the edits that make the contracts of watches say what their APIs
// answer.
func proposed(ctx context.Context, c *Config, recall recaller, watches []monitor.Watch) (all []web.Proposed, err error) {
	found, err := foundOf(ctx, recall, watches)
	if err != nil {
		return nil, err
	}
	files, places, err := c.placesOf(ctx, recall, watches, found)
	if err != nil {
		return nil, err
	}
	for _, a := range files {
		proposals, err := a.propose(places[a.file], 0)
		if err != nil {
			return nil, usageError(err)
		}
		for _, p := range proposals {
			all = append(all, web.Proposed{Contract: a.shown, Proposal: p})
		}
	}
	return all, nil
}

// proposals are those of the configuration in force, for the page.
func (p *program) proposals(ctx context.Context, names []string) ([]web.Proposed, error) {
	c := p.config.Load()
	if c == nil {
		return nil, nil // it is only just starting
	}
	if len(names) == 0 {
		names = []string{"*"}
	}
	watches, err := named(c.Watches(), names)
	if err != nil {
		return nil, alerting.ErrNotFound
	}
	return proposed(ctx, c, p.Store.Recall, watches)
}

// proposals asks a running server.
func (r remote) proposals(ctx context.Context, names []string) (all []web.Proposed, err error) {
	var reply struct {
		Proposals []struct {
			Contract, File, Patch, Refused string
			Before, After                  []byte
			Edits                          []struct {
				Kind, Path, Words, Skipped string
				Line                       int
			}
		}
	}
	if err := r.call(ctx, http.MethodGet, "/api/v1/proposals?"+url.Values{"name": names}.Encode(), nil, &reply); err != nil {
		return nil, err
	}
	for _, one := range reply.Proposals {
		p := contracts.Proposal{File: one.File, Before: one.Before, After: one.After, Patch: []byte(one.Patch), Refused: one.Refused}
		for _, e := range one.Edits {
			p.Changes = append(p.Changes, contracts.Change{Finding: contracts.Finding{Kind: e.Kind, Path: e.Path}, Words: e.Words, Line: e.Line, Skipped: e.Skipped})
		}
		all = append(all, web.Proposed{Contract: one.Contract, Proposal: p})
	}
	return all, nil
}

// writeProposed edits a file here. One that is not as it was when the edit was
// worked out, elsewhere or a moment ago, is left as it is.
func (c *Config) writeProposed(p web.Proposed) error {
	for _, a := range c.contractFiles() {
		if a.shown != p.Contract {
			continue
		}
		file := besideOf(a, p.File)
		here, err := readBounded(file, maxContract)
		if err != nil {
			return err
		}
		if !bytes.Equal(here, p.Before) {
			return fmt.Errorf("%s is not the file that the edit is for: the server has another one; bring them together and propose again", p.File)
		}
		return (contractWriter{force: true}).save(file, p.After)
	}
	return fmt.Errorf("this configuration names no contract %s, as the server's does", printable(p.Contract))
}
