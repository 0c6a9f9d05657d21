package tap

import (
	"bytes"
	"strings"
)

// mask takes the values out of a JSON text and leaves what shapes are made of:
// keys, kinds, lengths, and where letters, digits and marks stand, so that a
// date is still a date. The text is valid JSON.
func mask(text []byte) []byte {
	out := bytes.Clone(text)
	for i := 0; i < len(out); i++ {
		switch c := out[i]; {
		case c == '"':
			end := i + 1
			for end < len(out) && out[end] != '"' {
				if out[end] == '\\' {
					end++
				}
				end++
			}
			if end = min(end, len(out)); !isKey(out, end) {
				maskText(out[i+1 : end])
			}
			i = end
		case c >= '2' && c <= '9':
			out[i] = '1'
		case c == '0' && digitBefore(out, i):
			out[i] = '1'
		}
	}
	return out
}

// digitBefore reports whether a 0 stands within a number: alone it stays, so
// that 0 and 0.5 are no other kinds of numbers.
func digitBefore(text []byte, i int) bool {
	return i > 0 && text[i-1] >= '0' && text[i-1] <= '9'
}

// isKey reports whether the text that ends here names a member.
func isKey(text []byte, end int) bool {
	rest := bytes.TrimLeft(text[min(end+1, len(text)):], " \t\r\n")
	return len(rest) > 0 && rest[0] == ':'
}

// maskText masks the inside of a text in place; escapes stay, but for the
// letters that they stand for.
func maskText(s []byte) {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s):
			if i++; s[i] == 'u' {
				for j := i + 1; j < min(i+5, len(s)); j++ {
					s[j] = "0078"[j-i-1] // x
				}
				i += 4
			}
		case c >= '0' && c <= '9':
			s[i] = '1'
		case c >= 'a' && c <= 'f':
			s[i] = 'a'
		case c >= 'A' && c <= 'F':
			s[i] = 'A'
		case c >= 'A' && c <= 'Z' && !strings.ContainsRune("TZ", rune(c)): // of times
			s[i] = 'X'
		case c >= 'a' && c <= 'z':
			s[i] = 'x'
		case c >= 0x80:
			s[i] = 'x'
		}
	}
}
