package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"shapewatch/alerting"
	"shapewatch/alerting/pullrequest"
)

// A syncing brings pull requests together with what the store remembers.
type syncing struct {
	config *Config
	store  memory
	forge  pullrequest.Forge
	desk   requestDesk // takes the acceptance that a merge is, and how requests stand
	page   string      // public address of the page; empty for none
	reload func()      // called when contracts were written here; may be nil

	settled map[string]string // branches of which nothing is left to do while their key is this
	fetched string            // commit of the base whose contracts were written here
}

func newSyncing(c *Config, s memory, f pullrequest.Forge, desk requestDesk, page string) *syncing {
	return &syncing{config: c, store: s, forge: f, desk: desk, page: page, settled: map[string]string{}}
}

// run looks once: contracts that lie at the forge are written here, requests
// are kept, what was merged is accepted.
func (s *syncing) run(ctx context.Context) ([]pullrequest.Outcome, error) {
	base, err := s.forge.Tip(ctx, "")
	if err != nil {
		return nil, err
	}
	fetching := s.fetch(ctx, base.ID)
	wishes, subjects, err := s.wishes(ctx, base.ID)
	if err != nil {
		return nil, errors.Join(fetching, err)
	}
	outcomes, err := pullrequest.Reconcile(ctx, s.forge, wishes, s.config.PR().Limits)
	for i, o := range outcomes {
		err = errors.Join(err, s.follow(ctx, subjects[i], o, base.ID))
	}
	return outcomes, errors.Join(fetching, err)
}

// follow does here what became of a wish at the forge: incidents tell of it, a
// merge accepts. Only then nothing may be left to do.
func (s *syncing) follow(ctx context.Context, about *subject, o pullrequest.Outcome, base string) error {
	key := about.key(base)
	err := s.tell(ctx, about, o)
	if o.Request.State == pullrequest.Merged {
		err = errors.Join(err, s.acceptMerged(ctx, about, o.Request))
	}
	if err == nil && o.Err == nil && (o.Did == pullrequest.Done || o.Did == pullrequest.Ended) {
		s.settled[o.Branch] = key
	}
	return err
}

// wishes are what should stand, with the contracts that they are about.
// Contracts of which nothing is left to do are left out.
func (s *syncing) wishes(ctx context.Context, base string) (wishes []pullrequest.Wish, subjects []*subject, err error) {
	d := &drafter{config: s.config, store: s.store, forge: s.forge, link: s.link, now: time.Now()}
	all, err := d.subjects(ctx)
	for _, one := range all {
		if s.settled[one.branch] == one.key(base) {
			continue
		}
		wishes, subjects = append(wishes, d.wish(ctx, one)), append(subjects, one)
	}
	return wishes, subjects, err
}

// wished are all requests that should stand; nothing is changed.
func (s *syncing) wished(ctx context.Context) (all []pullrequest.Wish, err error) {
	d := &drafter{config: s.config, store: s.store, forge: s.forge, link: s.link, now: time.Now()}
	subjects, err := d.subjects(ctx)
	for _, one := range subjects {
		all = append(all, d.wish(ctx, one))
	}
	return all, err
}

// key is what decides what should stand: the base, what was found, and the day,
// for a field may have been gone for long enough.
func (s *subject) key(base string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", base, time.Now().UTC().Format(time.DateOnly))
	for _, w := range s.watches {
		for _, g := range s.hold[w.Probe.ID] {
			fmt.Fprintf(&b, " %s=%s", g.Finding.Fingerprint(), g.Since.UTC().Format(time.RFC3339))
		}
	}
	for _, g := range s.reverted {
		fmt.Fprintf(&b, " -%s=%s", g.Finding.Fingerprint(), g.Ended.UTC().Format(time.RFC3339))
	}
	return b.String()
}

// link is the page of an incident.
func (s *syncing) link(incident string) string {
	if s.page == "" {
		return ""
	}
	return s.page + "/incidents/" + incident
}

// acceptMerged accepts what a merged request stood for and nobody has accepted
// yet: merging it was the word of a person.
func (s *syncing) acceptMerged(ctx context.Context, about *subject, merged pullrequest.Request) error {
	stood := map[string]bool{}
	for _, print := range pullrequest.StandsFor(merged) {
		stood[print] = true
	}
	done := map[string]bool{}
	for _, grounds := range about.hold {
		for _, g := range grounds {
			if !stood[g.Finding.Fingerprint()] || g.Since.After(merged.Ended) || done[g.Incident] {
				continue
			}
			done[g.Incident] = true
			if err := s.accept(ctx, g.Incident, merged); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *syncing) accept(ctx context.Context, incident string, merged pullrequest.Request) error {
	inc, err := s.store.Incident(ctx, incident)
	if err != nil || !inc.Open() || inc.Handling == alerting.Accepted {
		return err
	}
	act := alerting.Act{Kind: alerting.Accept, Incident: incident, Actor: "whoever merged it", Through: "pull request", Reason: merged.URL}
	if _, err = s.desk.Act(ctx, act); errors.Is(err, alerting.ErrUnfit) {
		return nil // somebody was faster
	}
	return err
}
