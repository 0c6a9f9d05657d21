package shape

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// separators are those a table may have, in order of preference.
const separators = ",;\t|"

// sampled is how much of a table is read to tell its separator, in bytes.
const sampled = 16 << 10

func csvToJSON(text []byte, skipped int, limits Limits) ([]byte, error) {
	if !utf8.Valid(text) {
		return nil, &SyntaxError{Syntax: CSV, Offset: int64(skipped + invalidAt(text)), Problem: "invalid UTF-8"}
	}
	lines := tableReader(text, separatorOf(text))
	first, err := lines.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, &SyntaxError{Syntax: CSV, Offset: int64(len(text) + skipped), Problem: "the text ends before a line"}
	case err != nil:
		return nil, explainTable(lines, err, skipped)
	case len(first) > limits.Keys:
		return nil, &LimitError{Path: "/0", Problem: fmt.Sprintf("line with more than %d fields", limits.Keys)}
	}
	names, rows := columnNames(first), [][]string(nil)
	if !isHeader(first) {
		names, rows = nil, [][]string{slices.Clone(first)}
	}
	return appendTable(lines, names, rows, skipped, limits)
}

// appendTable writes the lines of a table as a list. Columns without a name
// are called by their number.
func appendTable(lines *csv.Reader, names []string, rows [][]string, skipped int, limits Limits) ([]byte, error) {
	out := []byte{'['}
	for {
		for _, row := range rows {
			if len(row) > limits.Keys {
				return nil, &LimitError{Problem: fmt.Sprintf("line with more than %d fields", limits.Keys)}
			}
			for len(names) < len(row) {
				names = append(names, fmt.Sprintf("column%d", len(names)+1))
			}
			if len(out) > 1 {
				out = append(out, ',')
			}
			out = appendRow(out, names, row)
		}
		row, err := lines.Read()
		switch {
		case errors.Is(err, io.EOF):
			return append(out, ']'), nil
		case err != nil:
			return nil, explainTable(lines, err, skipped)
		case int64(len(out)) > 4*limits.Body:
			return nil, &LimitError{Problem: "table whose lines repeat too many names"}
		}
		rows = append(rows[:0], row)
	}
}

func tableReader(text []byte, separator rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = separator, -1, true
	return r
}

func explainTable(lines *csv.Reader, err error, skipped int) error {
	problem := err.Error()
	if parse := (*csv.ParseError)(nil); errors.As(err, &parse) {
		problem = fmt.Sprintf("line %d: %s", parse.Line, parse.Err)
	}
	return &SyntaxError{Syntax: CSV, Offset: lines.InputOffset() + int64(skipped), Problem: problem}
}

// separatorOf is the separator with which most of the first lines have as many
// fields, two at least; a comma when none has.
func separatorOf(text []byte) rune {
	best, most := ',', 0
	for _, s := range separators {
		lines := tableReader(text[:min(len(text), sampled)], s)
		counts := map[int]int{}
		for range 32 {
			row, err := lines.Read()
			if err != nil {
				break
			}
			if len(row) > 1 {
				counts[len(row)]++
			}
		}
		for fields, n := range counts {
			if score := n * fields; score > most {
				best, most = s, score
			}
		}
	}
	return best
}

// isHeader reports whether a line names columns: every field is there, differs
// from the others and has the look of a name rather than of a value.
func isHeader(fields []string) bool {
	seen := map[string]bool{}
	for _, f := range fields {
		f = strings.TrimSpace(f)
		if f == "" || seen[f] || len(f) > 64 {
			return false
		}
		seen[f] = true
		switch classify([]byte(f)) {
		case plain, slug, hexadecimal, base64, country, currency, locale, hostname, uriReference, prefixedID, mediaType:
		default:
			return false
		}
		if f[0] >= '0' && f[0] <= '9' {
			return false
		}
	}
	return true
}

// columnNames are the names of a header, told apart.
func columnNames(header []string) []string {
	names := make([]string, len(header))
	for i, h := range header {
		names[i] = strings.TrimSpace(h)
	}
	return names
}

func invalidAt(text []byte) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(text)
}

// appendRow writes the object of a line.
func appendRow(out []byte, names, values []string) []byte {
	out = append(out, '{')
	for i, v := range values[:min(len(values), len(names))] {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendText(out, names[i]), ':')
		out = appendText(out, v)
	}
	return append(out, '}')
}
