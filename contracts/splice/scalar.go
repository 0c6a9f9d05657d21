package splice

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v4"
)

// scalar places a scalar and reads its value.
func (s *yamlScanner) scalar(n *Node, y *yaml.Node, indent int, inFlow bool) error {
	n.Value = scalarValue(y)
	if y.Value == "" && y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		n.End = n.Start // nothing is written
		return nil
	}
	n.Start = s.afterProperties(n.Start)
	if n.Start >= len(s.text) {
		return fmt.Errorf("line %d: a value that is not where the library says", y.Line)
	}
	switch c := s.text[n.Start]; {
	case c == '"' || c == '\'':
		n.quote = c
		n.End = s.quoted(n.Start)
	case (c == '|' || c == '>') && !inFlow:
		n.quote = c
		n.End = s.indented(n.Start, indent)
	default:
		n.End = s.plain(n.Start, y.Value, indent, inFlow)
	}
	return nil
}

func scalarValue(y *yaml.Node) any {
	if y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return y.Value
	}
	switch y.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		var b bool
		_ = y.Decode(&b) // the tag says so
		return b
	case "!!int", "!!float":
		return Number(y.Value)
	}
	return y.Value
}

// quoted is the end of a scalar in quotes.
func (s *yamlScanner) quoted(at int) int {
	quote := s.text[at]
	for at++; at < len(s.text); at++ {
		switch {
		case s.text[at] == '\\' && quote == '"':
			at++
		case s.text[at] == quote && quote == '\'' && at+1 < len(s.text) && s.text[at+1] == quote:
			at++
		case s.text[at] == quote:
			return at + 1
		}
	}
	return len(s.text)
}

// indented is the end of a literal or folded scalar: of its last line that is
// not blank.
func (s *yamlScanner) indented(at, indent int) int {
	end := s.lineEnd(at)
	for next := s.nextLine(end); next < len(s.text); next = s.nextLine(s.lineEnd(next)) {
		line := s.text[next:s.lineEnd(next)]
		content := bytes.TrimLeft(line, " ")
		if len(bytes.TrimSpace(content)) == 0 {
			continue
		}
		if len(line)-len(content) <= indent {
			break
		}
		end = s.lineEnd(next)
	}
	return end
}

// nextLine is the begin of the line behind a line end.
func (s *yamlScanner) nextLine(end int) int {
	if end+1 < len(s.text) && s.text[end] == '\r' && s.text[end+1] == '\n' {
		return end + 2
	}
	return min(end+1, len(s.text))
}

// plain is the end of a scalar without quotes, which may go on over lines.
func (s *yamlScanner) plain(at int, value string, indent int, inFlow bool) int {
	if bytes.HasPrefix(s.text[at:], []byte(value)) && s.plainEnd(at, inFlow) == at+len(value) {
		if next := s.continued(at+len(value), indent); inFlow || next < 0 {
			return at + len(value)
		}
	}
	end := s.plainEnd(at, inFlow)
	for next := s.continued(end, indent); next >= 0; next = s.continued(end, indent) {
		if inFlow && bytes.IndexByte([]byte(",]}#"), s.text[next]) >= 0 {
			break
		}
		end = s.plainEnd(next, inFlow)
	}
	return end
}

// plainEnd is where a plain scalar ends on its line.
func (s *yamlScanner) plainEnd(at int, inFlow bool) int {
	line, end := s.lineEnd(at), at
	for ; at < line; at++ {
		c := s.text[at]
		switch {
		case c == '#' && at > 0 && isSpace(s.text[at-1]):
			return end
		case c == ':' && (at+1 == line || isSpace(s.text[at+1]) || inFlow && bytes.IndexByte([]byte(",[]{}"), s.text[at+1]) >= 0):
			return end
		case inFlow && bytes.IndexByte([]byte(",[]{}"), c) >= 0:
			return end
		case !isSpace(c):
			end = at + 1
		}
	}
	return end
}

// continued is where a plain scalar goes on behind a line end; -1 when it does
// not: what follows is a comment, or not indented enough.
func (s *yamlScanner) continued(end, indent int) int {
	line := s.lineEnd(end)
	if len(bytes.TrimSpace(s.text[end:line])) > 0 {
		return -1
	}
	for next := s.nextLine(line); next < len(s.text); next = s.nextLine(s.lineEnd(next)) {
		content := bytes.TrimLeft(s.text[next:s.lineEnd(next)], " \t")
		if len(content) == 0 {
			continue
		}
		column := s.lineEnd(next) - next - len(content)
		if column <= indent || content[0] == '#' {
			return -1
		}
		return next + column
	}
	return -1
}
