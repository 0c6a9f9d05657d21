package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"shapewatch/alerting/pullrequest"
	"shapewatch/contracts"
	"shapewatch/contracts/openapi"
	"shapewatch/monitor"
)

// A drafter works out what pull requests should stand, from what the store
// remembers and what the forge has at the base.
type drafter struct {
	config *Config
	store  memory
	forge  pullrequest.Forge
	link   func(incident string) string
	now    time.Time
}

// maxActs bounds the acts that are looked through for who accepted what.
const maxActs = 50_000

// A subject is one contract file with what was found about it.
type subject struct {
	agreement
	api      string
	branch   string
	watches  []monitor.Watch
	hold     map[string][]pullrequest.Ground // by probe
	reverted []pullrequest.Ground
	telling  map[string][]string // incidents that tell of a request, by its address
}

// subjects are the contracts that anything was found about, in the order of
// the configuration.
func (d *drafter) subjects(ctx context.Context) ([]*subject, error) {
	incidents, err := d.store.Incidents(ctx, "", maxOpen)
	if err != nil {
		return nil, err
	}
	acts, err := d.store.Audit(ctx, "", maxActs)
	if err != nil {
		return nil, err
	}
	hold, reverted := groundsOf(incidents, acceptedAt(acts), d.config.PR().Auto, d.now, d.link)
	telling := tellers(incidents)
	var all []*subject
	byFile := map[string]*subject{}
	taken := map[string]bool{}
	for _, w := range d.config.Watches() {
		for _, parts := range byContract(d.config.agreedOf(w)) {
			a := parts[0].agreement
			s := byFile[a.file]
			if s == nil {
				s = &subject{agreement: a, api: w.Probe.API, branch: branchOf(w.Probe.API, a.file, taken), hold: map[string][]pullrequest.Ground{}, telling: telling}
				byFile[a.file], all = s, append(all, s)
			}
			s.add(w, groundsIn(parts, hold[w.Probe.ID]), groundsIn(parts, reverted[w.Probe.ID]))
		}
	}
	return slices.DeleteFunc(all, func(s *subject) bool { return len(s.hold)+len(s.reverted) == 0 }), nil
}

func (s *subject) add(w monitor.Watch, hold, reverted []pullrequest.Ground) {
	s.watches = append(s.watches, w)
	for i := range hold {
		hold[i].Uses = used(w.Policy.Uses, hold[i].Finding.Path)
	}
	if len(hold) > 0 {
		s.hold[w.Probe.ID] = hold
	}
	s.reverted = append(s.reverted, reverted...)
}

var unfitForBranch = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// branchOf is "shapewatch/stripe"; a second contract of an API adds the name of
// its file.
func branchOf(api, file string, taken map[string]bool) string {
	name := strings.Trim(unfitForBranch.ReplaceAllString(api, "-"), "-")
	branch := branchPrefix + cmp.Or(name, "api")
	if taken[branch] {
		base := path.Base(strings.ReplaceAll(file, `\`, "/"))
		branch += "-" + strings.Trim(unfitForBranch.ReplaceAllString(strings.TrimSuffix(base, path.Ext(base)), "-"), "-")
	}
	for n := 2; taken[branch]; n++ {
		branch = fmt.Sprintf("%s-%d", strings.TrimSuffix(branch, fmt.Sprintf("-%d", n-1)), n)
	}
	taken[branch] = true
	return branch
}

// wish is what should stand about a contract. What cannot be known leaves all
// as it is.
func (d *drafter) wish(ctx context.Context, s *subject) pullrequest.Wish {
	m, err := d.matter(ctx, s)
	if err != nil {
		return pullrequest.Wish{Branch: s.branch, Unknown: fmt.Errorf("%s: %w", s.shown, err)}
	}
	style := d.config.PR().Style
	style.Max = d.forge.Traits().MaxBody
	return m.Wish(s.branch, style)
}

func (d *drafter) matter(ctx context.Context, s *subject) (m pullrequest.Matter, err error) {
	m = pullrequest.Matter{API: s.api, Reverted: s.reverted}
	if m.Contract, err = d.config.inRepository(s.file); err != nil {
		return m, err
	}
	found := map[string][]contracts.Finding{}
	same := d.same(ctx, s.file, m.Contract)
	for _, w := range s.watches {
		for _, g := range s.hold[w.Probe.ID] {
			if same && g.Finding.Kind == "contract-mismatch" && !g.Ended.IsZero() {
				m.Reverted = append(m.Reverted, g) // answers keep to the contract again, and it is the one at the base
				continue
			}
			m.Grounds = append(m.Grounds, g)
			found[w.Probe.ID] = append(found[w.Probe.ID], g.Finding)
		}
	}
	if len(m.Grounds) == 0 {
		return m, nil
	}
	_, places, err := d.config.placesOf(ctx, d.store.Recall, s.watches, found)
	if err != nil {
		return m, err
	}
	m.Proposals, err = d.propose(ctx, s, withoutReturned(places[s.file]))
	m.Grounds = d.config.edited(s, m)
	for i, p := range m.Proposals {
		m.Proposals[i].Changes = slices.DeleteFunc(p.Changes, func(c contracts.Change) bool { return c.Said != "" })
	}
	return m, err
}

// same reports whether a contract that mismatches were found against is the one
// at the base.
func (d *drafter) same(ctx context.Context, file, at string) bool {
	here, err := readBounded(file, maxContract)
	if err != nil {
		return false
	}
	there, err := d.forge.Read(ctx, "", at)
	return err == nil && string(here) == string(there)
}

// withoutReturned leaves out that a field is gone where answers have it.
func withoutReturned(places []openapi.Place) []openapi.Place {
	for i, p := range places {
		there := map[string]bool{}
		for _, f := range p.Fields {
			there[f.Path] = true
		}
		places[i].Findings = slices.DeleteFunc(slices.Clone(p.Findings), func(f contracts.Finding) bool {
			return f.Kind == "field-removed" && there[f.Path]
		})
	}
	return places
}

// propose works out the edits of a contract as it is at the base.
func (d *drafter) propose(ctx context.Context, s *subject, places []openapi.Place) ([]contracts.Proposal, error) {
	read := func(name string) ([]byte, error) {
		at, err := d.config.inRepository(besideOf(s.agreement, name))
		if err != nil {
			return nil, err
		}
		text, err := d.forge.Read(ctx, "", at)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is not in the repository of %s: commit it there first (pr.folder says where in it the configuration lies)", at, d.forge.Name())
		}
		return text, err
	}
	proposals, err := openapi.Propose(openapi.ProposeOptions{File: s.shown, Read: read, Places: places, Now: d.now, DeleteAfter: d.config.PR().DeleteAfter})
	for i := range proposals {
		if proposals[i].File, err = d.config.inRepository(besideOf(s.agreement, proposals[i].File)); err != nil {
			return nil, err
		}
	}
	return proposals, err
}
