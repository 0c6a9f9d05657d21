package main

import (
	"slices"

	"shapewatch/alerting/pullrequest"
	"shapewatch/contracts"
	"shapewatch/monitor"
)

// edited are the grounds that a request does something about. What the base
// says already, because an earlier request was merged, is no ground any more:
// a no to this one must not be a no to that. What no edit can say is none
// either.
func (c *Config) edited(s *subject, m pullrequest.Matter) (grounds []pullrequest.Ground) {
	touched := map[string]bool{} // by fingerprint
	for _, p := range m.Proposals {
		for _, change := range p.Changes {
			if change.Skipped == "" || change.Said == contracts.SaidByEdit {
				touched[change.Finding.Fingerprint()] = true
			}
		}
	}
	for _, w := range s.watches {
		for _, g := range s.hold[w.Probe.ID] {
			if slices.ContainsFunc(c.foundIn(s, w, g.Finding), func(f contracts.Finding) bool { return touched[f.Fingerprint()] }) {
				grounds = append(grounds, g)
			}
		}
	}
	return grounds
}

// foundIn is a finding of a watch as the parts that a contract speaks of have it.
func (c *Config) foundIn(s *subject, w monitor.Watch, f contracts.Finding) (all []contracts.Finding) {
	for _, part := range c.agreedOf(w) {
		if part.file == s.file {
			all = append(all, part.of([]contracts.Finding{f})...)
		}
	}
	return all
}
