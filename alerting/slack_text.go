package alerting

import (
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"
)

var escapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escape(text string) string { return escapes.Replace(text) }

// literal makes foreign text safe in a message: it cannot notify, link or hide
// anything, and takes at most max runes, escapes included.
func literal(text string, max int) string {
	text = line(text, max)
	if escaped := escape(text); utf8.RuneCountInString(escaped) <= max {
		return escaped
	}
	return clipEscaped(text, max)
}

func clipEscaped(text string, max int) string {
	var b strings.Builder
	used := 0
	for _, r := range text {
		part := escape(string(r))
		if used += utf8.RuneCountInString(part); used > max-1 {
			break
		}
		b.WriteString(part)
	}
	return b.String() + "…"
}

// code is foreign text as code; nothing can end the code early.
func code(text string) string {
	return "`" + literal(strings.ReplaceAll(text, "`", "ˋ"), maxPath) + "`"
}

// mrkdwn is verbatim: Slack makes no links or mentions of what it finds in it.
func mrkdwn(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
}

func section(text string) slack.Block {
	return slack.NewSectionBlock(mrkdwn(text), nil, nil)
}

// fit keeps a message under Slack's limits: it drops blocks from the end of the
// body, where the mildest changes are, until the rest fits with the foot. Each
// block is small enough already by the bounds of its parts.
func fit(body, foot []slack.Block) []slack.Block {
	const keepFirst = 3
	for len(body) > keepFirst && (len(body)+len(foot) > maxBlocks || size(body)+size(foot) > maxMessage) {
		body = body[:len(body)-1]
	}
	return append(body[:len(body):len(body)], foot...)
}

// slackMark makes a letter's text literal in mrkdwn; a mention is ours only if
// the configuration says it.
func slackMark(text string) string { return escape(strings.ReplaceAll(text, "`", "ˋ")) }

// size counts the characters of a message as Slack does, about: all its texts.
func size(blocks []slack.Block) (n int) {
	for _, block := range blocks {
		for _, text := range texts(block) {
			n += utf8.RuneCountInString(text.Text)
		}
	}
	return n
}

// texts lists the text objects of a block.
func texts(block slack.Block) (all []*slack.TextBlockObject) {
	switch b := block.(type) {
	case *slack.HeaderBlock:
		all = append(all, b.Text)
	case *slack.SectionBlock:
		if b.Text != nil {
			all = append(all, b.Text)
		}
		all = append(all, b.Fields...)
	case *slack.ActionBlock:
		for _, element := range b.Elements.ElementSet {
			if button, ok := element.(*slack.ButtonBlockElement); ok {
				all = append(all, button.Text)
			}
		}
	case *slack.ContextBlock:
		for _, element := range b.ContextElements.Elements {
			if text, ok := element.(*slack.TextBlockObject); ok {
				all = append(all, text)
			}
		}
	}
	return all
}
