package alerting

import (
	"cmp"
	"strings"
	"time"
)

// A Letter is a [Notice] in words, for channels other than Slack and for
// templates. Its texts are single visible lines of bounded length, safe in the
// markup of the channel they are for; only Proposal has several lines.
type Letter struct {
	ID         string            `json:"id"`                 // of the incident: "inc_" + 16 hex digits
	API        string            `json:"api"`                // as the configuration names it
	Group      string            `json:"group,omitempty"`    // of the API; may be empty
	Owner      string            `json:"owner,omitempty"`    // who is responsible; may be empty
	Labels     map[string]string `json:"labels,omitempty"`   // of the probe that opened it
	Title      string            `json:"title"`              // one line: what changed, and where
	Step       string            `json:"step"`               // what is told: "opened", "worsened", "resolved" …
	Icon       string            `json:"icon"`               // of the step, one emoji
	Word       string            `json:"word"`               // the step as a word: "New", "Worse", "Resolved"
	Severity   string            `json:"severity"`           // "breaking", "warning" or "info"
	Condition  string            `json:"condition"`          // "firing", "recovering" or "resolved"
	Over       bool              `json:"over"`               // whether it is resolved
	Handling   string            `json:"handling"`           // "new", "acknowledged", "accepted" or "rejected"
	Flapping   bool              `json:"flapping"`           // comes and goes
	Reason     string            `json:"reason,omitempty"`   // why this is told
	Opened     time.Time         `json:"opened"`             // UTC
	Changed    time.Time         `json:"changed"`            // UTC
	Resolved   time.Time         `json:"resolved,omitzero"`  // UTC; zero while it is not over
	Operations string            `json:"operations"`         // up to three, and how many more
	Changes    []LetterChange    `json:"changes"`            // up to five, what holds before what is over, the worst first
	More       int               `json:"more"`               // changes that are left out
	Proposal   string            `json:"proposal,omitempty"` // diff that would accept it; may be empty
	Requests   []LetterRequest   `json:"requests,omitempty"` // the newest three
	Link       string            `json:"link,omitempty"`     // its page; may be empty
	Mention    string            `json:"mention,omitempty"`  // whom to call, in the channel's notation; may be empty
	Version    uint64            `json:"version"`            // of the incident
}

// A LetterChange is one entry of an incident in words.
type LetterChange struct {
	Severity  string `json:"severity"`           // "breaking", "warning" or "info"
	Kind      string `json:"kind"`               // the detector that found it: "field-removed"
	Operation string `json:"operation"`          // "GET /orders"
	Path      string `json:"path,omitempty"`     // "/data/[]/amount", "header:x-version"; empty for the whole answer
	Was       string `json:"was,omitempty"`      // may be empty
	Now       string `json:"now,omitempty"`      // may be empty
	Evidence  string `json:"evidence,omitempty"` // how often it was seen, and since when
	Over      bool   `json:"over"`               // it ended, while others may hold
}

// A LetterRequest is a pull request that would make a contract follow.
type LetterRequest struct {
	URL    string `json:"url"`
	Branch string `json:"branch"` // that it comes from
	State  string `json:"state"`  // "open", "merged" or "closed"
}

// The bounds of a letter's texts, in characters.
const (
	maxLetterName = 120
	maxProposal   = 2400
)

// letterOf writes the letter of a notice; mark makes a text safe in the
// channel's markup, nil leaves it as it is.
func letterOf(n Notice, mark func(string) string) Letter {
	if mark == nil {
		mark = func(s string) string { return s }
	}
	say := func(text string, max int) string { return mark(line(text, max)) }
	inc := n.Incident
	icon, word := told(n.Transition.Kind, inc)
	l := Letter{
		ID: say(inc.ID, maxLetterName), API: say(inc.API, maxLetterName), Group: say(inc.Group, maxLetterName),
		Owner: say(inc.Owner, maxLetterName), Title: say(inc.Title, maxTitle),
		Step: string(n.Transition.Kind), Icon: icon, Word: word, Severity: inc.Severity.String(),
		Condition: string(inc.Condition), Over: inc.Condition == Resolved, Handling: string(inc.Handling), Flapping: inc.Flapping,
		Reason: say(n.Transition.Reason, maxStatement), Opened: inc.Opened.UTC(), Changed: inc.Changed.UTC(), Resolved: inc.Resolved.UTC(),
		Operations: say(operations(inc), maxFieldWords), Proposal: mark(excerpt(n.Proposal, maxProposal)), Version: inc.Version,
	}
	l.Mention = line(n.Mention, maxLetterName)
	if isLink(n.Link) {
		l.Link = n.Link
	}
	for _, r := range newestRequests(inc.Requests) {
		l.Requests = append(l.Requests, LetterRequest{URL: say(r.URL, maxLink), Branch: say(r.Branch, maxLetterName), State: string(r.State)})
	}
	for key, value := range inc.Labels {
		if l.Labels == nil {
			l.Labels = map[string]string{}
		}
		l.Labels[line(key, maxLetterName)] = say(value, maxLetterName)
	}
	l.changes(inc.Entries, say)
	return l
}

func (l *Letter) changes(entries []Entry, say func(string, int) string) {
	sorted := worstFirst(entries)
	l.More = max(0, len(sorted)-shownChanges)
	for _, e := range sorted[:len(sorted)-l.More] {
		f := e.Finding
		l.Changes = append(l.Changes, LetterChange{
			Severity: f.Severity.String(), Kind: f.Kind, Operation: say(f.Operation, maxPath), Path: say(f.Path, maxPath),
			Was: say(f.Was, maxStatement), Now: say(f.Now, maxStatement), Evidence: proof(f.Evidence), Over: !e.Ended.IsZero(),
		})
	}
}

// excerpt is foreign text of several lines, made visible line by line and cut
// at a line's end to at most max characters.
func excerpt(text string, max int) string {
	var b strings.Builder
	used := 0
	for each := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		shown := visible(clip(strings.ReplaceAll(each, "\t", "    "), max))
		if used += len([]rune(shown)) + 1; used > max {
			b.WriteString("…\n")
			break
		}
		b.WriteString(shown + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// Headline is the letter in one line: "🔴 New: stripe: `amount` changed …".
func (l Letter) Headline() string { return l.Icon + " " + l.Word + ": " + l.API + ": " + l.Title }

// State is the condition with what people said about it.
func (l Letter) State() string {
	words := l.Condition
	switch {
	case l.Over && !l.Resolved.IsZero():
		words += " " + clock(l.Resolved) + ", after " + span(l.Resolved.Sub(l.Opened))
	case l.Handling != string(New) && l.Handling != "":
		words += ", " + l.Handling
	}
	if l.Flapping {
		words += ", flapping"
	}
	return words
}

// Place is where a change is: its path, or "the whole answer".
func (c LetterChange) Place() string { return cmp.Or(c.Path, "the whole answer") }
