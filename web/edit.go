package web

import (
	"context"
	"strings"

	"shapewatch/alerting"
)

// Edits works out the edits of contracts that would accept an incident, one
// for each file. It writes nothing.
type Edits func(ctx context.Context, incident alerting.Incident) ([]Edit, error)

// An Edit is the change of one contract file that would accept an incident.
type Edit struct {
	File    string
	Diff    string   // unified; empty when the file cannot be edited safely
	Words   []string // what it does, a sentence each
	Left    []string // findings that it does not accept, and why
	Refused string   // why there is no diff; empty when there is one
	Patch   string   // the same edit as a JSON Patch, when Refused
}

// Sizes of a proposal on the page.
const (
	editLines = 120
	editFiles = 5
	editWords = 20
)

// An editRow is an edit as the page shows it.
type editRow struct {
	File, Refused string
	Lines         []diffLine
	More          int // lines not shown
	Words, Left   []string
	Patch         string
}

// A diffLine is a line of a diff: taken out, put in, or neither.
type diffLine struct {
	Sign string // "-", "+", "@" or " "
	Text string
}

// edits are the proposals for an incident. That they cannot be worked out is
// noted in the log; the page has more to show.
func (s *site) edits(ctx context.Context, incident alerting.Incident) (rows []editRow) {
	if s.Edits == nil {
		return nil
	}
	edits, err := s.Edits(ctx, incident)
	if err != nil {
		s.unreadable(ctx, "proposal", err)
	}
	for _, e := range edits[:min(len(edits), editFiles)] {
		rows = append(rows, newEditRow(e))
	}
	return rows
}

func newEditRow(e Edit) editRow {
	row := editRow{
		File: clip(200, e.File), Refused: clip(300, e.Refused), Patch: clip(4000, e.Patch),
		Words: clipped(e.Words), Left: clipped(e.Left),
	}
	lines := diffLines(e.Diff)
	row.Lines, row.More = lines[:min(len(lines), editLines)], max(0, len(lines)-editLines)
	return row
}

func clipped(texts []string) (out []string) {
	for _, t := range texts[:min(len(texts), editWords)] {
		out = append(out, clip(300, t))
	}
	return out
}

// diffLines takes a unified diff apart, without the lines that name the files.
func diffLines(diff string) (lines []diffLine) {
	for line := range strings.Lines(diff) {
		line = strings.TrimRight(line, "\r\n")
		begun := len(lines) > 0
		switch {
		case line == "", !begun && line[0] != '@':
		case strings.ContainsAny(line[:1], "+-@ "):
			lines = append(lines, diffLine{line[:1], clip(300, line[1:])})
		}
	}
	return lines
}
