package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxCommand bounds a command that is to be split.
const maxCommand = 256 << 10 // bytes

// splitWords splits a command as a shell does, with '…', "…", $'…' and \.
// $NAME and ${NAME} where a shell would expand them become ${NAME}, which the
// configuration expands; a literal ${ becomes $${.
func splitWords(command string) ([]string, error) {
	if len(command) > maxCommand {
		return nil, errors.New("the command is longer than 256 KiB")
	}
	s := &splitter{rest: command}
	for s.rest != "" {
		if err := s.step(); err != nil {
			return nil, err
		}
	}
	s.endWord()
	return s.words, nil
}

type splitter struct {
	rest  string
	word  strings.Builder
	open  bool // within a word, which may be empty: ""
	words []string
}

func (s *splitter) endWord() {
	if s.open {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.open = false
}

// take removes n bytes from the front.
func (s *splitter) take(n int) string {
	taken := s.rest[:n]
	s.rest = s.rest[n:]
	return taken
}

func (s *splitter) step() error {
	c := s.rest[0]
	switch {
	case strings.HasPrefix(s.rest, "\\\n"), strings.HasPrefix(s.rest, "\\\r\n"):
		s.take(strings.IndexByte(s.rest, '\n') + 1)
		return nil
	case strings.IndexByte(" \t\r\n", c) >= 0:
		s.take(1)
		s.endWord()
		return nil
	case strings.IndexByte("|;&<>`()", c) >= 0:
		return fmt.Errorf("%q outside quotes: give one curl command alone", string(c))
	}
	s.open = true
	switch {
	case c == '\'':
		return s.single()
	case c == '"':
		return s.double()
	case strings.HasPrefix(s.rest, "$'"):
		return s.escaped()
	case c == '$':
		return s.dollar()
	case c == '\\' && len(s.rest) > 1:
		s.literal(s.take(2)[1:])
	default:
		s.literal(s.take(1))
	}
	return nil
}

// literal adds text that a shell passes on as it is. A $ before a { is doubled
// so that the configuration does too.
func (s *splitter) literal(text string) {
	if strings.HasPrefix(text, "{") && strings.HasSuffix(s.word.String(), "$") && !strings.HasSuffix(s.word.String(), "$$") {
		s.word.WriteByte('$')
	}
	s.word.WriteString(strings.ReplaceAll(text, "${", "$${"))
}

func (s *splitter) single() error {
	end := strings.IndexByte(s.rest[1:], '\'')
	if end < 0 {
		return errors.New("a ' is not closed")
	}
	s.literal(s.rest[1 : end+1])
	s.take(end + 2)
	return nil
}

func (s *splitter) double() error {
	s.take(1)
	for s.rest != "" {
		switch c := s.rest[0]; {
		case c == '"':
			s.take(1)
			return nil
		case c == '\\' && len(s.rest) > 1 && strings.IndexByte("\"\\$`\n", s.rest[1]) >= 0:
			if escaped := s.take(2)[1:]; escaped != "\n" {
				s.literal(escaped)
			}
		case c == '$':
			if err := s.dollar(); err != nil {
				return err
			}
		case c == '`':
			return errors.New("a command within the command: put its result there")
		default:
			s.literal(s.take(1))
		}
	}
	return errors.New("a \" is not closed")
}

// dollar reads $NAME and ${NAME}.
func (s *splitter) dollar() error {
	if strings.HasPrefix(s.rest, "$(") {
		return errors.New("$( ) in the command: put its result there")
	}
	name := s.rest[1:]
	braces := strings.HasPrefix(name, "{")
	name = strings.TrimPrefix(name, "{")
	length := 0
	for length < len(name) && (name[length] == '_' || name[length] >= 'A' && name[length] <= 'Z' || name[length] >= 'a' && name[length] <= 'z' || length > 0 && name[length] >= '0' && name[length] <= '9') {
		length++
	}
	switch {
	case length == 0 && !braces:
		s.literal(s.take(1))
	case braces && (length == 0 || !strings.HasPrefix(name[length:], "}")):
		return errors.New("${…} with more than a name in it: put the value there")
	case braces:
		s.word.WriteString(s.take(length + 3))
	default:
		s.take(length + 1)
		s.word.WriteString("${" + name[:length] + "}")
	}
	return nil
}

// escaped reads $'…', which browsers write when a text contains quotes.
func (s *splitter) escaped() error {
	s.take(2)
	for s.rest != "" {
		switch c := s.rest[0]; {
		case c == '\'':
			s.take(1)
			return nil
		case c == '\\' && len(s.rest) > 1:
			text, err := s.escape()
			if err != nil {
				return err
			}
			s.literal(text)
		default:
			s.literal(s.take(1))
		}
	}
	return errors.New("a $' is not closed")
}

var shortEscapes = map[byte]string{'n': "\n", 't': "\t", 'r': "\r", '\\': "\\", '\'': "'", '"': "\""}

// escape reads one escape of $'…': \n, \u00e9, \x41.
func (s *splitter) escape() (string, error) {
	c := s.rest[1]
	if text, ok := shortEscapes[c]; ok {
		s.take(2)
		return text, nil
	}
	digits := map[byte]int{'u': 4, 'x': 2, 'U': 8}[c]
	if digits == 0 || len(s.rest) < 2+digits {
		return "", fmt.Errorf("escape \\%c in $'…' is not known", c)
	}
	n, err := strconv.ParseUint(s.rest[2:2+digits], 16, 32)
	if err != nil {
		return "", fmt.Errorf("escape %s in $'…': want %d hexadecimal digits", s.rest[:2], digits)
	}
	s.take(2 + digits)
	return string(rune(n)), nil
}
