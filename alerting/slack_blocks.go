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

// A style is how one channel shows incidents.
type style struct {
	text    string // instead of the list of changes; empty shows the list
	buttons bool
	webhook bool // nobody can answer: say how to act
}

// messageOf renders an incident as it is now, as a channel without settings of
// its own shows it.
func messageOf(n Notice) message { return styled(n, style{}) }

func styled(n Notice, s style) message {
	blocks := []slack.Block{header(n.Incident), fields(n.Incident)}
	if n.Mention != "" {
		blocks = append(blocks, section(clip(n.Mention, maxFieldWords)))
	}
	if s.text != "" {
		blocks = append(blocks, section(s.text))
	} else {
		blocks = append(blocks, changes(n.Incident.Entries)...)
		if n.Proposal != "" {
			blocks = append(blocks, section(proposal(n.Proposal)))
		}
	}
	if requests := requested(n.Incident.Requests); requests != "" {
		blocks = append(blocks[:2:2], append([]slack.Block{section(requests)}, blocks[2:]...)...)
	}
	foot := []slack.Block{slack.NewContextBlock("", mrkdwn(footnote(n, s)))}
	if s.buttons && answerable(n.Incident) {
		foot = append([]slack.Block{buttons(n)}, foot...)
	}
	if isLink(n.Link) {
		foot = append([]slack.Block{section("<" + escape(n.Link) + "|Open the incident>")}, foot...)
	}
	return message{text: fallback(n), blocks: fit(blocks, foot)}
}

// shownRequests is how many pull requests of an incident are told, the newest.
const shownRequests = 3

// requested are the pull requests of an incident as links: "*Pull request*
// <…|shapewatch/stripe> open".
func requested(all []PullRequest) string {
	var lines []string
	for _, r := range newestRequests(all) {
		lines = append(lines, "<"+escape(r.URL)+"|"+literal(strings.ReplaceAll(r.Branch, "|", "ǀ"), maxFieldWords)+"> "+string(r.State))
	}
	if len(lines) == 0 {
		return ""
	}
	return "*Pull request*\n" + strings.Join(lines, "\n")
}

// newestRequests are those of them that are told.
func newestRequests(all []PullRequest) []PullRequest {
	return slices.DeleteFunc(slices.Clone(all[max(0, len(all)-shownRequests):]), func(r PullRequest) bool { return !isLink(r.URL) })
}

// changes list up to five entries, the worst first.
func changes(entries []Entry) (blocks []slack.Block) {
	shown := worstFirst(entries)
	for _, e := range shown[:min(len(shown), shownChanges)] {
		blocks = append(blocks, section(change(e)))
	}
	if more := len(shown) - shownChanges; more > 0 {
		blocks = append(blocks, section("_and "+fmt.Sprint(more)+" more_"))
	}
	return blocks
}

// proposal is the edit of the contract as a block of code, which nothing in it
// can end.
func proposal(diff string) string {
	text := strings.ReplaceAll(excerpt(diff, maxProposal), "```", "ˋˋˋ")
	escaped := escape(text)
	if utf8.RuneCountInString(escaped) > maxProposal {
		escaped = clipEscaped(text, maxProposal)
	}
	return "*What the contract would say*\n```\n" + escaped + "\n```"
}

// footnote says which incident it is, why you get this and, where no button
// can be, how to act.
func footnote(n Notice, s style) string {
	text := literal(n.Incident.ID, maxFieldWords) + " · " + literal(n.Transition.Reason, maxStatement)
	if s.webhook && answerable(n.Incident) {
		text += " · a webhook has no buttons: `shapewatch ack " + literal(n.Incident.ID, 40) + "`"
	}
	return text
}

// replyOf renders a step as a line in the incident's thread.
func replyOf(n Notice) message {
	icon, word := told(n.Transition.Kind, n.Incident)
	text := icon + " *" + word + "* " + literal(n.Incident.Title, maxTitle)
	if n.Mention != "" {
		text = clip(n.Mention, maxFieldWords) + " " + text
	}
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
	if n.Mention != "" {
		text = clip(n.Mention, maxFieldWords) + " " + text
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
	case Reminded:
		return "⏰", "Still there"
	case Unmuted:
		return severityIcon(inc.Severity), "No longer muted"
	case Handled:
		return handledWords(inc.Handling)
	case Requested:
		return "🔀", "Pull request"
	case Summed:
		return "🧾", "Summary"
	}
	return severityIcon(inc.Severity), "Changed"
}

// handledWords is what a person did, as an icon and a word.
func handledWords(h Handling) (icon, word string) {
	switch h {
	case Acknowledged:
		return "👀", "Acknowledged"
	case Accepted:
		return "✅", "Accepted"
	case Rejected:
		return "🚫", "Rejected"
	}
	return "👤", "Handled"
}

// date lets Slack print a time in the reader's time zone.
func date(at time.Time) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s>", at.Unix(), clock(at))
}

func isLink(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && len(link) <= maxLink && !strings.ContainsAny(link, "|>< \n")
}
