package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// maxProblems bounds what one run prints; the rest is counted.
const maxProblems = 50

// A source is one configuration file as it was read, kept for error texts.
type source struct {
	name  string // as the user named it
	dir   string // what relative paths in it start from
	lines []string
}

// file is the path of what this file names.
func (s *source) file(name string) string {
	if s == nil || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.dir, name)
}

// A place is where something is written: "shapewatch.yaml:4:5: apis[0].every".
// The zero place is nowhere: a default, or a value from the command line.
type place struct {
	src       *source
	line, col int    // from 1; col counts characters
	width     int    // characters to underline
	path      string // "apis[0].probes[1].every"; empty for the whole file
}

// String is the place as the start of an error text.
func (p place) String() string {
	var b strings.Builder
	if p.src != nil {
		b.WriteString(p.src.name)
	}
	if p.line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.line, p.col)
	}
	if p.path != "" {
		b.WriteString(": " + p.path)
	}
	return b.String()
}

// short is the place without its path.
func (p place) short() string {
	p.path = ""
	return p.String()
}

// key is the place of something below this one.
func (p place) key(name string) place {
	if p.path != "" {
		name = p.path + "." + name
	}
	p.path = name
	return p
}

// A problem is one thing wrong with a configuration, and what to do about it.
type problem struct {
	at      place
	message string
	hint    string // what to do; may be empty
}

// A mistake is what a kind of value says of a text it cannot read.
type mistake struct{ message, hint string }

func (m *mistake) Error() string { return m.message }

func wrong(hint, format string, args ...any) error {
	return &mistake{fmt.Sprintf(format, args...), hint}
}

// A configError is everything that is wrong with a configuration.
type configError struct {
	problems []problem
	secrets  []string // never to be printed, whatever line they stand on
}

// Error lists the problems in the order of the file, each with its line.
func (e *configError) Error() string {
	var b strings.Builder
	for i, p := range e.problems {
		if i == maxProblems {
			fmt.Fprintf(&b, "and %d more\n", len(e.problems)-maxProblems)
			break
		}
		e.render(&b, p)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (e *configError) render(b *strings.Builder, p problem) {
	fmt.Fprintf(b, "%s: %s\n", p.at, printable(maskMessage(p.message, e.secrets)))
	if p.at.src != nil && p.at.line > 0 && p.at.line <= len(p.at.src.lines) {
		e.excerpt(b, p.at)
	}
	if p.hint != "" {
		fmt.Fprintf(b, "      %s\n", printable(maskMessage(p.hint, e.secrets)))
	}
}

// excerpt prints the line with a caret below, at most 100 characters around it.
func (e *configError) excerpt(b *strings.Builder, at place) {
	line := []rune(printable(maskLine(at.src.lines[at.line-1], e.secrets)))
	from := max(0, at.col-60)
	from = min(from, len(line))
	to := min(len(line), from+100)
	width := max(1, min(at.width, to-at.col+1))
	fmt.Fprintf(b, "%5d | %s\n", at.line, string(line[from:to]))
	fmt.Fprintf(b, "      | %s%s\n", strings.Repeat(" ", max(0, at.col-1-from)), strings.Repeat("^", width))
}

// printable keeps a hostile file from steering the terminal. It never changes
// the number of characters.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return '·'
		}
		return r
	}, s)
}

// sortProblems orders by file and line, and drops repetitions: a bad default
// is inherited by every probe and is still one problem.
func sortProblems(problems []problem, files []*source) []problem {
	order := func(p problem) int { return slices.Index(files, p.at.src) }
	slices.SortStableFunc(problems, func(a, b problem) int {
		if d := order(a) - order(b); d != 0 {
			return d
		}
		if d := a.at.line - b.at.line; d != 0 {
			return d
		}
		return a.at.col - b.at.col
	})
	return slices.CompactFunc(problems, func(a, b problem) bool {
		return a.at.src == b.at.src && a.at.line == b.at.line && a.at.col == b.at.col && a.message == b.message
	})
}
