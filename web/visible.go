package web

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// visible is the last step of every page: characters that reorder, hide or
// control text are spelled out, so that a field name cannot disguise itself.
// It works on the whole page because no template of ours contains one.
func visible(page []byte) []byte {
	if !needsSpelling(page) {
		return page
	}
	out := bytes.NewBuffer(make([]byte, 0, len(page)+len(page)/16))
	for len(page) > 0 {
		r, width := utf8.DecodeRune(page)
		switch {
		case r == utf8.RuneError && width == 1:
			out.WriteRune(utf8.RuneError)
		case hidden(r):
			fmt.Fprintf(out, "⟨U+%04X⟩", r)
		default:
			out.Write(page[:width])
		}
		page = page[width:]
	}
	return out.Bytes()
}

func needsSpelling(page []byte) bool {
	return !utf8.Valid(page) || bytes.IndexFunc(page, hidden) >= 0
}

// hidden reports whether a character has an effect but no face.
func hidden(r rune) bool {
	switch {
	case r == '\n' || r == '\t' || r >= 0x20 && r < 0x7f:
		return false
	case r == '\u115f' || r == '\u1160' || r == '\u3164' || r == '\uffa0': // Hangul fillers
		return true
	case r == '\u2028' || r == '\u2029':
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co)
}
