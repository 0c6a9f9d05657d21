package alerting

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible makes what a vendor sent safe to print on one line anywhere: control
// characters become pictures of themselves, characters that hide or turn text
// around become their code point. The joiner inside emoji stays.
func visible(text string) string {
	return strings.Map(picture, spell(text))
}

// Visible makes foreign text safe to print on one line of a terminal, a log or
// a message.
func Visible(text string) string { return visible(text) }

// picture maps a control character to its picture: U+240A for a line feed.
func picture(r rune) rune {
	switch {
	case r < 0x20:
		return 0x2400 + r
	case r == 0x7f:
		return 0x2421
	case unicode.IsControl(r):
		return utf8.RuneError
	}
	return r
}

const zeroWidthJoiner = 0x200d

// spell writes out what cannot be seen.
func spell(text string) string {
	if strings.IndexFunc(text, hides) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if hides(r) {
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hides reports whether a character has an effect but no face: it turns text
// around, breaks it, or is nothing to see (the Hangul fillers are letters to
// Unicode; private use is whatever the reader's font makes of it).
func hides(r rune) bool {
	switch r {
	case zeroWidthJoiner:
		return false
	case '\u2028', '\u2029', '\u115f', '\u1160', '\u3164', '\uffa0':
		return true
	}
	return unicode.In(r, unicode.Cf, unicode.Co)
}

// line is foreign text as one visible line of at most max runes. It is cut
// before it is looked at, too, so that its length costs nothing.
func line(text string, max int) string { return clip(visible(clip(text, max)), max) }

// clip cuts text to at most max runes, the last of them "…" when it cut.
func clip(text string, max int) string {
	if utf8.RuneCountInString(text) <= max {
		return text
	}
	seen := 0
	for i := range text {
		if seen++; seen == max {
			return text[:i] + "…"
		}
	}
	return text
}
