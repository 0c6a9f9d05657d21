package pullrequest

import (
	"regexp"
	"strings"

	"shapewatch/alerting"
)

// What a vendor sends ends up in texts that forges act on: a name becomes a
// mention, a number closes an issue, a line that begins with a slash is a
// command. The functions here let it be nothing but text.

// zeroWidth stands within what would be acted on: nobody sees it.
const zeroWidth = "\u200b"

// acted is what forges find in titles and messages of commits and act on.
var acted = regexp.MustCompile(`(?i)([@#!~%&$]|://|\bGH-|\bclose[sd]?\b|\bfix(?:e[sd])?\b|\bresolve[sd]?\b)`)

// plain makes foreign text one visible line of at most max runes that no forge
// acts on, for titles and messages.
func plain(text string, max int) string {
	return acted.ReplaceAllStringFunc(clipped(text, max), func(found string) string {
		return found[:1] + zeroWidth + found[1:]
	})
}

// code makes foreign text a code span of at most max runes, in which nothing is
// markup, mention or reference. Within a table a bar would end the cell even
// there, so it is drawn as a broken one.
func code(text string, max int) string {
	text = strings.ReplaceAll(clipped(text, max), "|", "¦")
	if strings.TrimSpace(text) == "" {
		return "–"
	}
	ticks := strings.Repeat("`", longestRun(text)+1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return ticks + text + ticks
}

// fenced makes foreign lines a block of code.
func fenced(language, text string) string {
	ticks := strings.Repeat("`", max(3, longestRun(text)+1))
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = alerting.Visible(strings.ReplaceAll(strings.TrimSuffix(line, "\r"), "\t", "    "))
	}
	return ticks + language + "\n" + strings.Join(lines, "\n") + "\n" + ticks
}

func longestRun(text string) (longest int) {
	run := 0
	for _, r := range text {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

// clipped is text as one visible line of at most max runes.
func clipped(text string, max int) string {
	runes := []rune(alerting.Visible(strings.Join(strings.Fields(text), " ")))
	if len(runes) > max {
		return string(runes[:max-1]) + "…"
	}
	return string(runes)
}
