package uses

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A lexeme is one word, text or mark of TypeScript.
type lexeme struct {
	text string // of a string without its quotes
	sort byte   // 'w' word, 's' string, 'n' number, 'm' mark, 0 the end
	line int
	new  bool // the first on its line
}

// scanTypeScript splits a text. Comments go; what stands in the bodies of
// functions is split too, and passed over by the reader.
func scanTypeScript(file string, text []byte) (all []lexeme, err error) {
	s, line, fresh := string(text), 1, true
	for len(s) > 0 {
		c, width := utf8.DecodeRuneInString(s)
		switch {
		case c == '\n':
			line, fresh, s = line+1, true, s[1:]
			continue
		case unicode.IsSpace(c) || c == '\ufeff':
			s = s[width:]
			continue
		case strings.HasPrefix(s, "//"):
			s = s[lengthUntil(s, "\n"):]
			continue
		case strings.HasPrefix(s, "/*"):
			n := strings.Index(s[2:], "*/")
			if n < 0 {
				return nil, fmt.Errorf("%s:%d: a comment that does not end", file, line)
			}
			line += strings.Count(s[:n+4], "\n")
			s = s[n+4:]
			continue
		}
		t, rest, err := next(s, c)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, line, err)
		}
		t.line, t.new = line, fresh
		line += strings.Count(s[:len(s)-len(rest)], "\n")
		all, s, fresh = append(all, t), rest, false
	}
	return append(all, lexeme{line: line, new: true}), nil
}

func lengthUntil(s, mark string) int {
	if i := strings.Index(s, mark); i >= 0 {
		return i
	}
	return len(s)
}

func next(s string, c rune) (t lexeme, rest string, err error) {
	switch {
	case c == '"' || c == '\'' || c == '`':
		return quoted(s, byte(c))
	case isWord(c) && !unicode.IsDigit(c):
		n := strings.IndexFunc(s, func(r rune) bool { return !isWord(r) })
		if n < 0 {
			n = len(s)
		}
		return lexeme{text: s[:n], sort: 'w'}, s[n:], nil
	case unicode.IsDigit(c):
		n := strings.IndexFunc(s, func(r rune) bool { return !isWord(r) && r != '.' })
		if n < 0 {
			n = len(s)
		}
		return lexeme{text: s[:n], sort: 'n'}, s[n:], nil
	case strings.HasPrefix(s, "=>"), strings.HasPrefix(s, "?."), strings.HasPrefix(s, "..."):
		n := 2
		if s[0] == '.' {
			n = 3
		}
		return lexeme{text: s[:n], sort: 'm'}, s[n:], nil
	}
	n := utf8.RuneLen(c)
	if c == utf8.RuneError {
		n = 1
	}
	return lexeme{text: s[:n], sort: 'm'}, s[n:], nil
}

func isWord(r rune) bool { return r == '_' || r == '$' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func quoted(s string, quote byte) (lexeme, string, error) {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '\n' && quote != '`':
			return lexeme{}, "", fmt.Errorf("a text that does not end")
		case s[i] == quote:
			return lexeme{text: strings.ReplaceAll(s[1:i], `\`, ""), sort: 's'}, s[i+1:], nil
		}
	}
	return lexeme{}, "", fmt.Errorf("a text that does not end")
}
