package alerting

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"shapewatch/contracts"
)

// The bounds of a summary.
const (
	maxMembers = 5000
	maxSample  = 50 // members whose finding is shown
)

// A Sum is what a bulletin sums up: a storm of incidents, or a day's additive
// changes.
type Sum struct {
	Digest  bool     `json:"digest,omitempty"`
	Members []Member `json:"members"`
	More    int      `json:"more,omitempty"` // beyond the bound, counted only
}

// A Member is one incident of a [Sum].
type Member struct {
	Incident string             `json:"incident"`
	API      string             `json:"api"`
	Title    string             `json:"title"`
	Severity contracts.Severity `json:"severity"`
	Over     bool               `json:"over,omitempty"`
	Finding  *contracts.Finding `json:"finding,omitempty"` // of the sample
}

// summaryID names the bulletin of a channel that began at a time.
func summaryID(channel, kind, began string) string {
	sum := sha256.Sum256([]byte(channel + "\x00" + kind + "\x00" + began))
	return "sum_" + hex.EncodeToString(sum[:8])
}

// summarize turns what notices say of their incidents into the next version of
// a bulletin, and the step to tell of it.
func summarize(before Incident, id string, digest bool, news []Incident, at time.Time) (Incident, Transition) {
	b := before
	if b.Version == 0 {
		b = Incident{ID: id, API: bulletinAPI, Opened: at, Condition: Firing, Handling: New, Alarmed: at}
	}
	sum := Sum{Digest: digest}
	if b.Sum != nil {
		sum = Sum{Digest: b.Sum.Digest, Members: slices.Clone(b.Sum.Members), More: b.Sum.More}
	}
	for _, inc := range news {
		sum.add(inc)
		b.Severity = max(b.Severity, inc.Severity)
	}
	b.Sum = &sum
	b.Entries = sum.entries(at)
	b.Title = line(sum.title(), maxTitle)
	b.Version++
	b.Changed = at
	step := Transition{Incident: id, Kind: sum.settle(&b, at), Version: b.Version, At: at, Reason: sum.reason()}
	d := draft{Incident: b}
	d.Timeline = slices.Clone(b.Timeline)
	d.log(at, step.Kind, step.Reason)
	return d.Incident, step
}

// add takes an incident in, or notes what became of it.
func (s *Sum) add(inc Incident) {
	m := Member{Incident: inc.ID, API: inc.API, Title: inc.Title, Severity: inc.Severity, Over: !inc.Open()}
	if i := slices.IndexFunc(s.Members, func(known Member) bool { return known.Incident == inc.ID }); i >= 0 {
		m.Finding = s.Members[i].Finding
		s.Members[i] = m
		return
	}
	if len(s.Members) >= maxMembers {
		s.More++
		return
	}
	if len(inc.Entries) > 0 && s.sampled(inc.Severity) {
		finding := inc.Entries[0].Finding
		m.Finding = &finding
	}
	s.Members = append(s.Members, m)
}

// sampled makes room in the sample for a member of this severity; false when
// all that are in it are as severe.
func (s *Sum) sampled(severity contracts.Severity) bool {
	mildest, n := -1, 0
	for i, m := range s.Members {
		if m.Finding == nil {
			continue
		}
		n++
		if mildest < 0 || m.Severity < s.Members[mildest].Severity {
			mildest = i
		}
	}
	if n < maxSample {
		return true
	}
	if s.Members[mildest].Severity >= severity {
		return false
	}
	s.Members[mildest].Finding = nil
	return true
}

// entries are the findings of the sample, the worst of what is open first.
func (s *Sum) entries(at time.Time) (entries []Entry) {
	sample := slices.DeleteFunc(slices.Clone(s.Members), func(m Member) bool { return m.Finding == nil })
	slices.SortStableFunc(sample, func(a, b Member) int {
		if a.Over != b.Over {
			return map[bool]int{false: -1, true: 1}[a.Over]
		}
		return cmp.Compare(b.Severity, a.Severity)
	})
	for _, m := range sample {
		e := Entry{Finding: *m.Finding, Probe: m.Incident, Since: at}
		if m.Over && !s.Digest {
			e.Ended = at
		}
		entries = append(entries, e)
	}
	return entries
}

// settle says what a new version of the bulletin means: it opens, goes on, or
// is over with the last of its members.
func (s *Sum) settle(b *Incident, at time.Time) TransitionKind {
	open := slices.ContainsFunc(s.Members, func(m Member) bool { return !m.Over })
	switch {
	case s.Digest:
		b.Condition, b.Handling, b.Resolved = Resolved, Accepted, at
		return Summed
	case !open:
		b.Condition, b.Resolved = Resolved, at
		return Closed
	}
	b.Condition, b.Resolved = Firing, time.Time{}
	if b.Version == 1 {
		return Opened
	}
	return Summed
}

// title is "3,000 incidents at once: 12 breaking, 2,988 warning, in 2,990
// APIs; 400 are over".
func (s *Sum) title() string {
	apis, over := map[string]bool{}, 0
	var by [contracts.Breaking + 1]int
	for _, m := range s.Members {
		apis[m.API] = true
		by[min(m.Severity, contracts.Breaking)]++
		if m.Over {
			over++
		}
	}
	total := len(s.Members) + s.More
	if s.Digest {
		return fmt.Sprintf("Daily digest: %s in %s, nothing to do", thousands(total, "additive change"), thousands(len(apis), "API"))
	}
	var parts []string
	for severity := contracts.Breaking; ; severity-- {
		if n := by[severity]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", digits(n), severity))
		}
		if severity == contracts.Info {
			break
		}
	}
	title := fmt.Sprintf("%s at once: %s, in %s", thousands(total, "more incident"), strings.Join(parts, ", "), thousands(len(apis), "API"))
	if over > 0 {
		title += fmt.Sprintf("; %s of them over", digits(over))
	}
	return title
}

func (s *Sum) reason() string {
	if s.Digest {
		return "once a day: what is additive and needs nobody"
	}
	return "more than 10 incidents within a minute are told together"
}

// thousands is "3,000 incidents".
func thousands(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return digits(n) + " " + noun
}

// digits writes 3000 as "3,000".
func digits(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
