package web

import (
	"cmp"
	"context"
	"slices"
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// A deadline is a day on which something ends: an operation, a certificate, a
// token.
type deadline struct {
	API, Operation string
	Probe          string // its name within the API
	What           string // "sunset", "deprecation", "server certificate", "client certificate", "access token"
	At             moment
	Distance       string // "in 12 days", "3 days ago"
	Urgency        state  // how near it is, as a colour and an icon
}

// Urgencies: breaking within a week or past, drifted within a month.
const (
	urgentWithin = 7 * oneDay
	soonWithin   = 30 * oneDay
)

// Whats of deadlines.
const (
	sunset            = "sunset"
	deprecation       = "deprecation"
	serverCertificate = "server certificate"
	clientCertificate = "client certificate"
	accessToken       = "access token"
)

// deadlines are what a probe's last answer says of the time to come. Tokens
// that are renewed by themselves within a day are no news.
func (p *watchedProbe) deadlines(now time.Time) (all []deadline) {
	t := p.terms
	for _, d := range []struct {
		what string
		at   time.Time
	}{
		{sunset, t.Sunset}, {deprecation, t.Deprecation}, {serverCertificate, t.Certificate},
		{clientCertificate, t.Client}, {accessToken, t.Token},
	} {
		if d.at.IsZero() || d.what == accessToken && p.renewsToken(now) {
			continue
		}
		all = append(all, newDeadline(p, d.what, d.at, now))
	}
	return all
}

// renewsToken reports whether the token lives so short that it must be one
// that we fetch anew ourselves.
func (p *watchedProbe) renewsToken(time.Time) bool {
	return p.last.Terms.Token.Sub(p.last.At) < 2*oneDay && p.last.Terms.Token.After(p.last.At)
}

func newDeadline(p *watchedProbe, what string, at, now time.Time) deadline {
	d := deadline{API: p.API, Operation: p.Operation, Probe: p.Name, What: what, At: moment{at, now}, Urgency: agreed}
	left := at.Sub(now)
	switch {
	case what == deprecation && left < 0:
		d.Urgency = drifted // it still answers; the sunset counts
	case left < urgentWithin:
		d.Urgency = breaking
	case left < soonWithin:
		d.Urgency = drifted
	}
	d.Distance = distance(left)
	return d
}

// Icon is the picture of how near it is: a leaf of a calendar while there is
// time, else that of the state.
func (d deadline) Icon() string {
	if d.Urgency == agreed {
		return "later"
	}
	return d.Urgency.String()
}

// distance counts days as a calendar does.
func distance(left time.Duration) string {
	days := int(left.Abs() / oneDay)
	switch {
	case left.Abs() < oneDay && left >= 0:
		return "in " + span(left)
	case left.Abs() < oneDay:
		return span(-left) + " ago"
	case left < 0:
		return count(days, "day") + " ago"
	}
	return "in " + count(days, "day")
}

// calendar are all deadlines of all APIs, the next first and what is over
// last.
func (l *look) calendar() (all []deadline) {
	for _, a := range l.apis {
		for _, p := range a.probes {
			all = append(all, p.deadlines(l.now)...)
		}
	}
	slices.SortStableFunc(all, func(a, b deadline) int {
		past := func(d deadline) int {
			if d.At.At.Before(l.now) {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(past(a), past(b)), a.At.At.Compare(b.At.At))
	})
	return mergeHosts(all)
}

// mergeHosts keeps one row for what several operations of an API share, as
// they do a certificate.
func mergeHosts(all []deadline) (merged []deadline) {
	type key struct {
		api, what string
		at        int64
	}
	at := map[key]int{}
	for _, d := range all {
		k := key{d.API, d.What, d.At.At.Unix()}
		if i, known := at[k]; known {
			merged[i].Operation, merged[i].Probe = "", ""
			continue
		}
		at[k] = len(merged)
		merged = append(merged, d)
	}
	return merged
}

// nextDeadline is what ends first of all that an API says, if it is near: a
// sunset at any distance, a certificate or token within a month.
func (a *watchedAPI) nextDeadline(now time.Time) (next deadline) {
	for _, p := range a.probes {
		for _, d := range p.deadlines(now) {
			near := d.What == sunset || d.What == deprecation && d.At.At.After(now) || d.Urgency != agreed && d.What != deprecation
			if near && (next.What == "" || d.At.At.Before(next.At.At)) {
				next = d
			}
		}
	}
	return next
}

// short is a deadline without its operation: "sunset in 12 days".
func (d deadline) short() string {
	if d.What == "" {
		return ""
	}
	return d.What + " " + d.Distance
}

// remember gives a probe the terms of its last answer; after a failure, those
// of the last valid one that is still kept.
func (s *site) remembered(ctx context.Context, p *watchedProbe, now time.Time) error {
	p.terms = p.last.Terms
	if !p.checked || p.last.Class == probes.Valid || p.terms != (contracts.Terms{}) {
		s.terms.Lock()
		s.terms.of[p.ID] = p.terms
		s.terms.Unlock()
		return nil
	}
	s.terms.Lock()
	terms, known := s.terms.of[p.ID]
	s.terms.Unlock()
	if known {
		p.terms = terms
		return nil
	}
	checks, err := s.Source.Checks(ctx, p.ID, now.Add(-7*oneDay), 500)
	if err != nil {
		return err
	}
	for _, c := range checks {
		if c.Class == probes.Valid {
			p.terms = c.Terms
			break
		}
	}
	s.terms.Lock()
	s.terms.of[p.ID] = p.terms
	s.terms.Unlock()
	return nil
}
