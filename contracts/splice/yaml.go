package splice

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// A yamlScanner turns the library's nodes, which know where they begin, into
// ours, which also know where they end.
type yamlScanner struct {
	text  []byte
	lines []int                // where each begins
	named map[*yaml.Node]*Node // what aliases may stand for
}

func scanYAML(text []byte) (*Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var root, more yaml.Node
	switch err := decoder.Decode(&root); {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("the document is empty")
	case err != nil:
		return nil, fmt.Errorf("the document is no YAML: %s", short(err.Error()))
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("several documents in one file %w", errUnsafe)
	}
	if len(root.Content) != 1 {
		return nil, fmt.Errorf("the document is empty")
	}
	s := yamlScanner{text: text, lines: lineStarts(text), named: map[*yaml.Node]*Node{}}
	return s.node(root.Content[0], -1, false, 0)
}

// lineStarts counts lines as YAML does.
func lineStarts(text []byte) []int {
	starts := []int{0}
	for i, c := range text {
		if c == '\n' || c == '\r' && (i+1 == len(text) || text[i+1] != '\n') {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// offset is the byte at a line and column, both from 1, columns in characters.
func (s *yamlScanner) offset(line, column int) (int, error) {
	if line < 1 || line > len(s.lines) {
		return 0, fmt.Errorf("line %d is not where the library says", line)
	}
	at := s.lines[line-1]
	if line == 1 {
		at += len(s.text) - len(withoutMark(s.text))
	}
	for range column - 1 {
		if at >= len(s.text) {
			break
		}
		_, size := utf8.DecodeRune(s.text[at:])
		at += size
	}
	return at, nil
}

// node places a node. Indent is the column of what holds it, -1 at the root.
func (s *yamlScanner) node(y *yaml.Node, indent int, inFlow bool, depth int) (*Node, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	start, err := s.offset(y.Line, y.Column)
	if err != nil {
		return nil, err
	}
	n := &Node{Start: start, flow: inFlow || y.Style&yaml.FlowStyle != 0}
	if y.Anchor != "" {
		s.named[y] = n
	}
	switch y.Kind {
	case yaml.AliasNode:
		n.Kind, n.Value, n.Target = Alias, y.Value, s.named[y.Alias]
		n.End = n.Start + 1 + len(y.Value)
		return n, nil
	case yaml.ScalarNode:
		return n, s.scalar(n, y, indent, inFlow)
	case yaml.MappingNode:
		n.Kind = Mapping
	case yaml.SequenceNode:
		n.Kind = Sequence
	default:
		return nil, fmt.Errorf("line %d: a node that %w", y.Line, errUnsafe)
	}
	n.Start = s.afterProperties(n.Start)
	if n.flow {
		return n, s.flow(n, y, depth)
	}
	return n, s.block(n, y, depth)
}

// afterProperties skips an anchor and a tag, and the line end behind them.
func (s *yamlScanner) afterProperties(at int) int {
	for at < len(s.text) && (s.text[at] == '&' || s.text[at] == '!') {
		for at < len(s.text) && !isSpace(s.text[at]) {
			at++
		}
		at = s.blank(at)
	}
	return at
}

// blank skips white space and comments.
func (s *yamlScanner) blank(at int) int {
	for at < len(s.text) {
		switch {
		case isSpace(s.text[at]):
			at++
		case s.text[at] == '#' && (at == 0 || isSpace(s.text[at-1])):
			at = s.lineEnd(at)
		default:
			return at
		}
	}
	return at
}

func (s *yamlScanner) lineEnd(at int) int {
	if i := bytes.IndexAny(s.text[at:], "\r\n"); i >= 0 {
		return at + i
	}
	return len(s.text)
}

// columnOf is the column of a byte, from 0.
func (s *yamlScanner) columnOf(at int) int {
	return at - (bytes.LastIndexAny(s.text[:at], "\r\n") + 1)
}

// children places what a collection holds, and keeps it.
func (s *yamlScanner) children(n *Node, y *yaml.Node, indent, depth int) (err error) {
	if n.Kind == Sequence {
		for _, c := range y.Content {
			item, err := s.node(c, indent, n.flow, depth+1)
			if err != nil {
				return err
			}
			n.Items = append(n.Items, item)
		}
		return nil
	}
	for i := 0; i+1 < len(y.Content); i += 2 {
		var m Member
		if m.Key, err = s.node(y.Content[i], indent, n.flow, depth+1); err != nil {
			return err
		}
		if m.Key.Kind != Scalar {
			return fmt.Errorf("line %d: a key that is no text %w", y.Content[i].Line, errUnsafe)
		}
		if m.Value, err = s.node(y.Content[i+1], indent, n.flow, depth+1); err != nil {
			return err
		}
		if colon := s.colon(m.Key.End); isEmpty(m.Value) {
			m.Value.Start, m.Value.End = colon+1, colon+1
		}
		n.Members = append(n.Members, m)
	}
	return nil
}

func isEmpty(n *Node) bool { return n.Kind == Scalar && n.Value == nil && n.Start == n.End }

// colon is the byte of the colon behind a key.
func (s *yamlScanner) colon(at int) int {
	for at < len(s.text) && s.text[at] != ':' {
		at++
	}
	return at
}

// block places a collection that is written with indentation.
func (s *yamlScanner) block(n *Node, y *yaml.Node, depth int) error {
	n.column = s.columnOf(n.Start)
	if strings.ContainsRune(string(s.text[n.Start-n.column:n.Start]), '\t') {
		return fmt.Errorf("line %d: indentation by tabs %w", y.Line, errUnsafe)
	}
	if err := s.children(n, y, n.column, depth); err != nil {
		return err
	}
	switch {
	case len(n.Members) > 0:
		n.End = n.Members[len(n.Members)-1].Value.End
	case len(n.Items) > 0:
		n.End = max(n.Items[len(n.Items)-1].End, n.Start+1)
	default:
		return fmt.Errorf("line %d: a node without end %w", y.Line, errUnsafe)
	}
	return nil
}

// flow places a collection that is written with brackets.
func (s *yamlScanner) flow(n *Node, y *yaml.Node, depth int) error {
	if n.Start >= len(s.text) || s.text[n.Start] != '{' && s.text[n.Start] != '[' {
		return fmt.Errorf("line %d: a collection without brackets %w", y.Line, errUnsafe)
	}
	if err := s.children(n, y, -1, depth); err != nil {
		return err
	}
	at := n.Start + 1
	if len(n.Members) > 0 {
		at = n.Members[len(n.Members)-1].Value.End
	} else if len(n.Items) > 0 {
		at = n.Items[len(n.Items)-1].End
	}
	if at = s.blank(at); at < len(s.text) && s.text[at] == ',' {
		at = s.blank(at + 1)
	}
	if at >= len(s.text) || s.text[at] != '}' && s.text[at] != ']' {
		return fmt.Errorf("line %d: a bracket that %w", y.Line, errUnsafe)
	}
	n.End = at + 1
	return nil
}
