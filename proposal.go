package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/contracts/openapi"
	"shapewatch/monitor"
)

// A drafting works out the edits of contracts that would accept incidents, for
// the page and for alerts. What it has worked out it keeps until the incident
// or the configuration is another.
type drafting struct {
	config func() *Config
	recall func(ctx context.Context, api, probe string) (alerting.Memory, error)
	log    *slog.Logger

	mu    sync.Mutex
	known map[string]*drafted // by incident
}

// A drafted is one diff, or the work on it.
type drafted struct {
	version uint64
	config  *Config
	done    chan struct{}
	all     []contracts.Proposal // set before done is closed
	text    string               // of them, as one diff
}

const (
	maxDrafted   = 500 // incidents whose diffs are kept
	draftWait    = 5 * time.Second
	draftTimeout = time.Minute
)

// diff is the edit that would accept an incident, as a unified diff of every
// file it touches. It is empty when there is none: no contract is named, the
// edit cannot be made safely, or it takes too long to work out; then it is
// there the next time.
func (d *drafting) diff(ctx context.Context, inc alerting.Incident) string {
	if work := d.wait(ctx, inc); work != nil {
		return work.text
	}
	return ""
}

// wait returns the work on an incident when it is done; nil when it takes too
// long.
func (d *drafting) wait(ctx context.Context, inc alerting.Incident) *drafted {
	work := d.begin(ctx, inc)
	patience := time.NewTimer(draftWait)
	defer patience.Stop()
	select {
	case <-work.done:
		return work
	case <-ctx.Done():
	case <-patience.C:
	}
	return nil
}

// begin finds the work on an incident, or begins it.
func (d *drafting) begin(ctx context.Context, inc alerting.Incident) *drafted {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.config()
	if work := d.known[inc.ID]; work != nil && work.version == inc.Version && work.config == c {
		return work
	}
	if d.known == nil || len(d.known) >= maxDrafted {
		d.known = map[string]*drafted{}
	}
	work := &drafted{version: inc.Version, config: c, done: make(chan struct{})}
	d.known[inc.ID] = work
	go func() {
		defer close(work.done)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), draftTimeout)
		defer cancel()
		proposals, err := proposalsFor(ctx, d.recall, c, inc)
		if err != nil {
			d.log.Warn("the edit of the contract cannot be worked out", "incident", inc.ID, "err", err)
		}
		work.all, work.text = proposals, diffOf(proposals)
	}()
	return work
}

// proposalsFor are the edits that would accept what an incident shows now.
func proposalsFor(ctx context.Context, recall recaller, c *Config, inc alerting.Incident) (all []contracts.Proposal, err error) {
	found := map[string][]contracts.Finding{}
	for probe, e := range showing(inc) {
		found[probe] = append(found[probe], e.Finding)
	}
	files, places, err := c.placesOf(ctx, recall, c.Watches(), found)
	if err != nil {
		return nil, err
	}
	for _, a := range files {
		proposals, err := a.propose(places[a.file], 0)
		if err != nil {
			return nil, err
		}
		all = append(all, proposals...)
	}
	return all, nil
}

// A recaller reads what is remembered of a probe.
type recaller func(ctx context.Context, api, probe string) (alerting.Memory, error)

// showing are the entries of an incident that hold, each with its probe; none
// of one that is over or was refused.
func showing(inc alerting.Incident) func(yield func(string, alerting.Entry) bool) {
	return func(yield func(string, alerting.Entry) bool) {
		if !inc.Open() || inc.Handling == alerting.Rejected {
			return
		}
		for _, e := range inc.Entries {
			if e.Ended.IsZero() && !yield(e.Probe, e) {
				return
			}
		}
	}
}

// placesOf gathers what was found of probes, by contract file, in the order of
// the configuration.
func (c *Config) placesOf(ctx context.Context, recall recaller, watches []monitor.Watch, found map[string][]contracts.Finding) (files []agreement, places map[string][]openapi.Place, err error) {
	places = map[string][]openapi.Place{}
	for _, w := range watches {
		parts := c.agreedOf(w)
		if len(parts) == 0 || len(found[w.Probe.ID]) == 0 {
			continue
		}
		remembered, err := recall(ctx, w.Probe.API, w.Probe.ID)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", w.Probe.ID, err)
		}
		whole, err := placeOf(remembered, found[w.Probe.ID])
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", w.Probe.ID, err)
		}
		for _, part := range parts {
			if len(part.of(found[w.Probe.ID])) == 0 {
				continue
			}
			if len(places[part.file]) == 0 {
				files = append(files, part.agreement)
			}
			p := part.within(whole)
			p.Asked = part.asked
			places[part.file] = append(places[part.file], p)
		}
	}
	return files, places, nil
}

// placeOf is one probe's answers as they would be agreed, were all that was
// found accepted. What is remembered is a copy: nothing is accepted by this.
func placeOf(m alerting.Memory, found []contracts.Finding) (p openapi.Place, err error) {
	b, err := contracts.Restore(m.Baseline, m.Lessons)
	if err != nil {
		return p, err
	}
	var prints []string
	for _, f := range found {
		prints = append(prints, f.Fingerprint())
	}
	b.Accept(contracts.Acceptance{By: "proposal", At: time.Now()}, prints...)
	return openapi.Place{
		Findings: slices.Clone(found),
		Fields:   b.Reading().Fields(b.Shape), Habits: &b.Habits, Status: usualStatus(b.Habits),
	}, nil
}

// propose works out the edits of a contract and of the files it refers to.
func (a agreement) propose(places []openapi.Place, deleteAfter time.Duration) ([]contracts.Proposal, error) {
	beside := folderReader(a.shown, a.file)
	read := func(name string) ([]byte, error) {
		if name == a.shown {
			return readBounded(a.file, maxContract)
		}
		return beside(name)
	}
	return openapi.Propose(openapi.ProposeOptions{File: a.shown, Read: read, Places: places, Now: time.Now(), DeleteAfter: deleteAfter})
}

// diffOf writes edits as a unified diff.
func diffOf(proposals []contracts.Proposal) string {
	var b strings.Builder
	for _, p := range proposals {
		if p.After != nil {
			_, text, _ := strings.Cut(string(diff.Diff(p.File, p.Before, p.File, p.After)), "\n") // without the line "diff a b"
			b.WriteString(text)
		}
	}
	return b.String()
}
