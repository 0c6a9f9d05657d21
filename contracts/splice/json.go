package splice

import (
	"encoding/json"
	"fmt"
)

// maxDepth bounds the nesting of a document.
const maxDepth = 500

// A jsonScanner finds the nodes of a JSON document.
type jsonScanner struct {
	text []byte
	at   int
}

func scanJSON(text []byte) (*Node, error) {
	if !json.Valid(withoutMark(text)) {
		return nil, fmt.Errorf("the document is no JSON")
	}
	s := jsonScanner{text: text, at: len(text) - len(withoutMark(text))}
	return s.value(0)
}

func withoutMark(text []byte) []byte {
	if len(text) >= 3 && string(text[:3]) == "\ufeff" {
		return text[3:]
	}
	return text
}

// value scans one value; the text is known to be valid.
func (s *jsonScanner) value(depth int) (*Node, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	s.space()
	n := &Node{Start: s.at, flow: true}
	var err error
	switch s.text[s.at] {
	case '{':
		n.Kind = Mapping
		err = s.members(n, depth)
	case '[':
		n.Kind = Sequence
		err = s.items(n, depth)
	case '"':
		n.quote = '"'
		s.quoted()
		n.Value = unquoted(s.text[n.Start:s.at])
	default:
		s.word()
		n.Value = word(string(s.text[n.Start:s.at]))
	}
	n.End = s.at
	return n, err
}

func (s *jsonScanner) members(n *Node, depth int) error {
	for s.at++; ; s.at++ {
		if s.space(); s.text[s.at] == '}' {
			break
		}
		key, err := s.value(depth + 1)
		if err != nil {
			return err
		}
		s.space()
		s.at++ // the colon
		value, err := s.value(depth + 1)
		if err != nil {
			return err
		}
		n.Members = append(n.Members, Member{key, value})
		if s.space(); s.text[s.at] == '}' {
			break
		}
	}
	s.at++
	return nil
}

func (s *jsonScanner) items(n *Node, depth int) error {
	for s.at++; ; s.at++ {
		if s.space(); s.text[s.at] == ']' {
			break
		}
		item, err := s.value(depth + 1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, item)
		if s.space(); s.text[s.at] == ']' {
			break
		}
	}
	s.at++
	return nil
}

func (s *jsonScanner) space() {
	for s.at < len(s.text) && isSpace(s.text[s.at]) {
		s.at++
	}
}

func (s *jsonScanner) quoted() {
	for s.at++; s.text[s.at] != '"'; s.at++ {
		if s.text[s.at] == '\\' {
			s.at++
		}
	}
	s.at++
}

func (s *jsonScanner) word() {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case isSpace(c), c == ',', c == ']', c == '}':
			return
		}
		s.at++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func unquoted(text []byte) string {
	var s string
	_ = json.Unmarshal(text, &s) // it is valid
	return s
}

func word(text string) any {
	switch text {
	case "null":
		return nil
	case "true", "false":
		return text == "true"
	}
	return Number(text)
}
