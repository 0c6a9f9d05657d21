package alerting

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// TrackerOptions say in which project issues are kept.
type TrackerOptions struct {
	Name       string // of the channel in routes
	Project    string // "acme/contracts"; on GitLab it may be a number, and have subgroups
	Token      string // that may write issues; a secret
	URL        string // of the API; empty means github.com's or gitlab.com's
	Labels     []string
	Template   string // of the issue's text, in Markdown; empty for the usual words
	HTTPClient *http.Client
}

// A Tracker keeps one issue per incident: opened with it, its text kept up to
// date, commented on when it turns, closed with its end and opened again with
// it. Additive changes make no issue.
type Tracker struct {
	options TrackerOptions
	courier courier
	words   *Template
	forge   forge
}

// A forge is what differs between issue trackers.
type forge struct {
	header  http.Header
	issues  string // address of the project's issues
	created string // query that lists the newest issues
	one     func(number string) string
	comment func(number string) string
	update  string // method that changes an issue
	open    func(title, text string, labels []string) any
	change  func(title, text string, closed bool) any
	text    string // key of an issue's text in answers
	number  string // key of its number
}

// maxIssue is the characters of an issue's text; GitHub takes 65,536.
const (
	maxIssue      = 20_000
	maxIssueTitle = 250
)

func newTracker(o TrackerOptions, f forge) (*Tracker, error) {
	words, err := newTemplate(o.Template, markdownMark, maxIssue)
	return &Tracker{o, newCourier(o.Name, o.HTTPClient, o.Token), words, f}, err
}

// Channel is the name used in routes and on the page.
func (t *Tracker) Channel() string { return t.options.Name }

// Pace keeps below the content that a forge lets one account make.
func (t *Tracker) Pace() time.Duration { return time.Second }

// markdownMark makes foreign text literal: as code it is no mention, no
// reference to another issue and no command.
func markdownMark(text string) string {
	if strings.Contains(text, "\n") {
		return "```diff\n" + strings.ReplaceAll(text, "```", "ˋˋˋ") + "\n```"
	}
	if !strings.ContainsAny(text, "`@#:/<>[]()*_~|!&\\$+-.{}") {
		return text
	}
	return "`" + strings.ReplaceAll(text, "`", "ˋ") + "`"
}

// Notify tells one step. The text is brought up to date first: repeated after
// a failed comment, that changes nothing.
func (t *Tracker) Notify(ctx context.Context, n Notice) (Receipt, error) {
	if quietStep(n) {
		return receipt(t.Channel(), n, n.Receipt.Ref), nil
	}
	text, err := t.words.body(t.Channel(), n)
	if err != nil {
		return Receipt{}, err
	}
	number, err := t.place(ctx, n, t.issueText(n, text))
	if err != nil {
		return Receipt{}, err
	}
	if number == n.Receipt.Ref && threaded(n.Transition.Kind) {
		l := letterOf(n, markdownMark)
		comment := map[string]string{"body": l.Icon + " **" + l.Word + "** " + l.Title + "\n\n" + l.Reason}
		if err := t.courier.send(ctx, http.MethodPost, t.forge.comment(number), t.forge.header, comment, nil); err != nil {
			return Receipt{}, err
		}
	}
	return receipt(t.Channel(), n, number), nil
}

func (t *Tracker) issueText(n Notice, text string) string {
	l := letterOf(n, markdownMark)
	out := l.Icon + " **" + l.Word + "** " + l.Title + "\n\n" + text
	if l.Link != "" {
		out += "\n\n[Open the incident](" + l.Link + ")"
	}
	return out + "\n\n" + mark(n.Incident)
}

// mark tells our issue about an incident from all others.
func mark(inc Incident) string { return "<!-- shapewatch " + inc.ID + " -->" }

// place changes the issue of the incident, or opens one where there is none
// (any more).
func (t *Tracker) place(ctx context.Context, n Notice, text string) (number string, err error) {
	l := letterOf(n, nil)
	title := clip(l.API+": "+strings.ReplaceAll(l.Title, "@", "@\u200b"), maxIssueTitle)
	if number = n.Receipt.Ref; number != "" {
		over := n.Incident.Condition == Resolved && !n.Incident.Flapping
		err = t.courier.send(ctx, t.forge.update, t.forge.one(number), t.forge.header, t.forge.change(title, text, over), nil)
		if !answered(err, http.StatusNotFound, http.StatusGone) {
			return number, err
		}
	}
	var made map[string]any
	if err = t.courier.send(ctx, http.MethodPost, t.forge.issues, t.forge.header, t.forge.open(title, text, t.options.Labels), &made); err != nil {
		return "", err
	}
	return t.numberOf(made)
}

func (t *Tracker) numberOf(issue map[string]any) (string, error) {
	number, ok := issue[t.forge.number].(float64)
	if !ok {
		return "", t.courier.fail(fmt.Errorf("an issue without its %s", t.forge.number), false, 0)
	}
	return strconv.FormatInt(int64(number), 10), nil
}

// Adopt finds the issue that an earlier process opened and could not note,
// among the hundred newest.
func (t *Tracker) Adopt(ctx context.Context, n Notice) (Receipt, bool, error) {
	var newest []map[string]any
	if err := t.courier.send(ctx, http.MethodGet, t.forge.issues+t.forge.created, t.forge.header, nil, &newest); err != nil {
		return Receipt{}, false, err
	}
	for _, issue := range newest {
		text, _ := issue[t.forge.text].(string)
		if !strings.Contains(text, mark(n.Incident)) {
			continue
		}
		number, err := t.numberOf(issue)
		return Receipt{Channel: t.Channel(), Incident: n.Incident.ID, Ref: number, Version: n.Transition.Version}, err == nil, err
	}
	return Receipt{}, false, nil
}

// escaped is a project's path as one part of an address.
func escaped(project string) string { return url.PathEscape(project) }
