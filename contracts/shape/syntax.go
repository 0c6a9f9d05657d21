package shape

import (
	"bytes"
	"fmt"
	"strings"
)

// A Syntax is how a body is written. Whatever it is, it becomes JSON text that
// the one scanner reads; see [Syntax.JSON].
type Syntax string

// The syntaxes.
const (
	JSON  Syntax = "JSON"
	Lines Syntax = "JSON lines" // one JSON text after the other, as items of one list
	XML   Syntax = "XML"
	CSV   Syntax = "CSV" // separated by comma, semicolon, tab or bar
)

// SyntaxOf is the syntax that a media type names, in lower case and without
// parameters; "" when it names none of ours. HTML is none.
func SyntaxOf(media string) Syntax {
	switch {
	case strings.HasSuffix(media, "ndjson"), strings.HasSuffix(media, "/jsonl"), strings.HasSuffix(media, "jsonlines"), strings.HasSuffix(media, "json-seq"):
		return Lines
	case media == "text/json", strings.HasSuffix(media, "/json"), strings.HasSuffix(media, "+json"):
		return JSON
	case media == "application/xhtml+xml":
		return ""
	case media == "text/xml", strings.HasSuffix(media, "/xml"), strings.HasSuffix(media, "+xml"):
		return XML
	case media == "text/csv", media == "application/csv", media == "text/tab-separated-values":
		return CSV
	}
	return ""
}

// Sniff is the syntax that the beginning of a body shows; CSV where nothing
// else fits, because any text is a table of one column.
func Sniff(body []byte) Syntax {
	text := bytes.TrimLeft(withoutBOM(body), " \t\r\n")
	switch {
	case len(text) == 0 || strings.IndexByte("{[\"", text[0]) >= 0:
		return JSON
	case text[0] == '<':
		return XML
	case bytes.IndexByte(text, '\n') < 0 && isScalar(bytes.TrimSpace(text)):
		return JSON
	}
	return CSV
}

func isScalar(text []byte) bool {
	c := checker{b: text, limits: Limits{}.orDefaults()}
	return c.skip(0, 0) == len(text)
}

// JSON is a body as JSON text. JSON itself comes back as it is, right or
// wrong. The errors are those of [Shape.Observe].
//
// An element of XML that holds elements is an object, with a list under each
// name: that an element repeats is a length, not another kind. Its attributes
// are keys that begin with "@", its own text lies under "#text". An element
// that holds text alone is that string, and its attributes lie beside it, under
// "name@attribute". An empty element adds no item to its list; one that is
// xsi:nil adds null. Prefixes stay as they are written; declarations of
// namespaces are left out. A document type declaration is an error, and so is
// every entity that it could define.
//
// A table of CSV is a list of objects of strings, one a line. The separator is
// the one that tells the first lines into the most fields; the first line names
// the columns when it looks like names, else they are called column1, column2
// and so on. A short line lacks its last keys.
func (s Syntax) JSON(body []byte, limits Limits) ([]byte, error) {
	limits = limits.orDefaults()
	if int64(len(body)) > limits.Body {
		return nil, &LimitError{Problem: fmt.Sprintf("body larger than %d bytes", limits.Body)}
	}
	text := withoutBOM(body)
	switch s {
	case XML:
		return xmlToJSON(text, len(body)-len(text), limits)
	case CSV:
		return csvToJSON(text, len(body)-len(text), limits)
	case Lines:
		return linesToJSON(text, len(body)-len(text), limits)
	}
	return body, nil
}

// linesToJSON puts JSON texts into a list.
func linesToJSON(text []byte, skipped int, limits Limits) ([]byte, error) {
	out := append(make([]byte, 0, len(text)+16), '[')
	for i := nextText(text, 0); i < len(text); {
		c := checker{b: text, limits: limits}
		end := c.skip(i, 1)
		if end < 0 {
			return nil, c.explain(skipped)
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, text[i:end]...)
		i = nextText(text, end)
	}
	return append(out, ']'), nil
}

// nextText skips space, and the mark that begins a text in a sequence (RFC 7464).
func nextText(b []byte, i int) int {
	for i = skipSpace(b, i); i < len(b) && b[i] == 0x1e; {
		i = skipSpace(b, i+1)
	}
	return i
}
