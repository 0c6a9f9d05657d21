package alerting

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"shapewatch/contracts"
)

// Slack's limits in characters, ours below them where theirs are not exact: a
// message of more than about 13,200 is refused although every block is legal.
const (
	maxBlocks     = 50
	maxHeader     = 150
	maxSection    = 2800 // Slack: 3000
	maxField      = 2000
	maxFields     = 10
	maxMessage    = 12000
	maxLink       = 2000
	shownChanges  = 5
	maxPath       = 300
	maxStatement  = 400
	maxFieldWords = 300
)

// A message is what Slack gets: blocks, and the sentence that stands in for
// them in a push notification or for a screen reader.
type message struct {
	text   string
	blocks []slack.Block
}

// messageOf renders an incident as it is now.
func messageOf(n Notice) message {
	blocks := []slack.Block{header(n.Incident), fields(n.Incident)}
	shown := worstFirst(n.Incident.Entries)
	for _, e := range shown[:min(len(shown), shownChanges)] {
		blocks = append(blocks, section(change(e)))
	}
	if more := len(shown) - shownChanges; more > 0 {
		blocks = append(blocks, section("_and "+fmt.Sprint(more)+" more_"))
	}
	if isLink(n.Link) {
		blocks = append(blocks, section("<"+escape(n.Link)+"|Open the incident>"))
	}
	foot := literal(n.Incident.ID, maxFieldWords) + " · " + literal(n.Transition.Reason, maxStatement)
	blocks = append(blocks, slack.NewContextBlock("", mrkdwn(foot)))
	return message{text: fallback(n), blocks: fit(blocks)}
}

// replyOf renders a step as a line in the incident's thread.
func replyOf(n Notice) message {
	icon, word := told(n.Transition.Kind, n.Incident)
	text := icon + " *" + word + "* " + literal(n.Incident.Title, maxTitle)
	if n.Transition.Reason != "" {
		text += "\n" + literal(n.Transition.Reason, maxStatement)
	}
	return message{text: text}
}

// fallback is the message in a sentence.
func fallback(n Notice) string {
	icon, word := told(n.Transition.Kind, n.Incident)
	text := fmt.Sprintf("%s %s: %s: %s (%s)", icon, word, literal(n.Incident.API, maxFieldWords),
		literal(n.Incident.Title, maxTitle), n.Incident.Severity)
	if isLink(n.Link) {
		text += " " + escape(n.Link)
	}
	return text
}

func header(inc Incident) slack.Block {
	icon, word := state(inc)
	title := strings.ReplaceAll(inc.Title, "`", "")
	text := icon + " " + word + ": " + literal(inc.API, 40) + " · "
	return slack.NewHeaderBlock(slack.NewTextBlockObject(slack.PlainTextType,
		text+literal(title, maxHeader-utf8.RuneCountInString(text)), true, false))
}

func fields(inc Incident) slack.Block {
	words := [][2]string{
		{"API", literal(inc.API, maxFieldWords)},
		{"Operation", literal(operations(inc), maxFieldWords)},
		{"Severity", severityIcon(inc.Severity) + " " + inc.Severity.String()},
		{"State", stateWords(inc)},
		{"Since", date(inc.Opened)},
	}
	if inc.Owner != "" {
		words = append(words, [2]string{"Owner", literal(inc.Owner, maxFieldWords)})
	}
	var objects []*slack.TextBlockObject
	for _, w := range words {
		objects = append(objects, mrkdwn("*"+w[0]+"*\n"+w[1]))
	}
	return slack.NewSectionBlock(nil, objects, nil)
}

// change renders one entry: where, what it was, what it is, and how often.
func change(e Entry) string {
	f := e.Finding
	place := "the whole answer"
	if f.Path != "" {
		place = code(f.Path)
	}
	lines := []string{severityIcon(f.Severity) + " *" + f.Severity.String() + "* " + place + " · " + literal(f.Operation, maxPath)}
	if !e.Ended.IsZero() {
		lines[0] = "✅ *over* " + place + " · " + literal(f.Operation, maxPath)
	}
	for _, line := range [][2]string{{"was", f.Was}, {"now", f.Now}} {
		if line[1] != "" {
			lines = append(lines, line[0]+": "+literal(line[1], maxStatement))
		}
	}
	if p := proof(f.Evidence); p != "" {
		lines = append(lines, "_"+p+"_")
	}
	return strings.Join(lines, "\n")
}

// worstFirst orders entries for reading: what holds before what is over, then
// by severity, then as they came.
func worstFirst(entries []Entry) []Entry {
	sorted := slices.Clone(entries)
	slices.SortStableFunc(sorted, func(a, b Entry) int {
		if over := b2i(!a.Ended.IsZero()) - b2i(!b.Ended.IsZero()); over != 0 {
			return over
		}
		return int(b.Finding.Severity) - int(a.Finding.Severity)
	})
	return sorted
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// operations names up to three operations of an incident.
func operations(inc Incident) string {
	var names []string
	for _, e := range inc.Entries {
		names = union(names, []string{e.Finding.Operation})
	}
	if len(names) > 3 {
		return strings.Join(names[:3], ", ") + fmt.Sprintf(" and %d more", len(names)-3)
	}
	return strings.Join(names, ", ")
}

func severityIcon(s contracts.Severity) string {
	switch s {
	case contracts.Breaking:
		return "🔴"
	case contracts.Warning:
		return "🟠"
	}
	return "🔵"
}

// state is an incident as it is, as an icon and a word: never a colour alone.
func state(inc Incident) (icon, word string) {
	switch {
	case inc.Flapping:
		return "🔁", "Flapping"
	case inc.Condition == Resolved:
		return "✅", "Resolved"
	case inc.Severity == contracts.Info:
		return "🔵", "Noted"
	}
	return severityIcon(inc.Severity), strings.ToUpper(inc.Severity.String()[:1]) + inc.Severity.String()[1:]
}

func stateWords(inc Incident) string {
	words := string(inc.Condition)
	switch {
	case inc.Condition == Resolved:
		words += " " + date(inc.Resolved) + ", after " + span(inc.Resolved.Sub(inc.Opened))
	case inc.Severity == contracts.Info:
		words = "accepted, nothing to do"
	case inc.Handling != New:
		words += ", " + string(inc.Handling)
	}
	if inc.Flapping {
		words += ", flapping"
	}
	return words
}

// told is a step as an icon and a word.
func told(kind TransitionKind, inc Incident) (icon, word string) {
	switch kind {
	case Opened:
		return severityIcon(inc.Severity), "New"
	case Worsened:
		return severityIcon(inc.Severity), "Worse"
	case Reopened:
		return severityIcon(inc.Severity), "Back again"
	case Closed:
		return "✅", "Resolved"
	case Noted:
		return "🔵", "Noted"
	case Flapped:
		return "🔁", "Flapping"
	case Steadied:
		return severityIcon(inc.Severity), "Steady again"
	}
	return severityIcon(inc.Severity), "Changed"
}

// date lets Slack print a time in the reader's time zone.
func date(at time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s>", at.Unix(), clock(at))
}

func isLink(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && len(link) <= maxLink && !strings.ContainsAny(link, "|>< \n")
}
