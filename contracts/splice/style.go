package splice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A style is how a document is written where that is a matter of taste.
type style struct {
	newline string
	unit    string // one step of indentation; "" for JSON on one line
	indent  bool   // lists are indented below their key
	quote   byte   // around texts that need quotes
	pad     string // inside braces: "{ a: b }"
	tight   bool   // JSON without a space behind the colon
}

func (d *Document) sniff() style {
	s := style{newline: "\n", unit: "  ", indent: true, quote: '"', pad: " "}
	if i := bytes.IndexByte(d.text, '\n'); i > 0 && d.text[i-1] == '\r' {
		s.newline = "\r\n"
	}
	count := tastes{}
	count.visit(d, d.Root)
	s.unit = count.unit()
	s.indent = count.indented >= count.flush
	if count.single > count.double {
		s.quote = '\''
	}
	if count.padded < count.bare {
		s.pad = ""
	}
	if d.isJSON {
		s.unit = d.jsonUnit()
		s.tight = count.tight > count.spaced
	}
	return s
}

// jsonUnit is the indentation of the first key of the document.
func (d *Document) jsonUnit() string {
	if !d.spansLines(d.Root) {
		return ""
	}
	return d.indentOf(d.Root.spots()[0].start)
}

// tastes count how things are written.
type tastes struct {
	units                        [9]int
	indented, flush              int
	single, double, padded, bare int
	tight, spaced                int
	seen                         int
}

// mostSeen bounds how much of a document is looked at for its style.
const mostSeen = 20_000

func (t *tastes) visit(d *Document, n *Node) {
	if t.seen++; t.seen > mostSeen {
		return
	}
	switch n.quote {
	case '\'':
		t.single++
	case '"':
		t.double++
	}
	if n.flow && n.Kind == Mapping && len(n.Members) > 0 && !d.spansLines(n) {
		if d.text[n.Start+1] == ' ' {
			t.padded++
		} else {
			t.bare++
		}
	}
	for _, m := range n.Members {
		t.member(n, m)
		t.visit(d, m.Value)
	}
	for _, item := range n.Items {
		t.visit(d, item)
	}
}

func (t *tastes) member(n *Node, m Member) {
	if n.flow {
		if m.Value.Start == m.Key.End+1 {
			t.tight++
		} else {
			t.spaced++
		}
		return
	}
	v := m.Value
	if v.flow || v.Kind == Scalar || v.Kind == Alias {
		return
	}
	step := v.column - n.column
	if v.Kind == Mapping && step > 0 && step < len(t.units) {
		t.units[step]++
	}
	if v.Kind == Sequence && step > 0 {
		t.indented++
	} else if v.Kind == Sequence {
		t.flush++
	}
}

func (t *tastes) unit() string {
	best := 2
	for step, n := range t.units {
		if n > t.units[best] {
			best = step
		}
	}
	return strings.Repeat(" ", best)
}

// keyLike writes a key as the other keys of a mapping are written.
func (d *Document) keyLike(holder *Node, name string) string {
	for _, m := range holder.Members {
		if m.Key.quote != '"' && m.Key.quote != '\'' {
			return d.keyText(name)
		}
	}
	if len(holder.Members) > 0 {
		return inQuotes(name, holder.Members[0].Key.quote)
	}
	return d.keyText(name)
}

func (d *Document) keyText(name string) string {
	if plainScalar(name) {
		return name
	}
	return inQuotes(name, d.style.quote)
}

// flowKey writes the key of a member between brackets, with its colon.
func (d *Document) flowKey(holder *Node, name string) string {
	switch {
	case d.isJSON && d.style.tight:
		return inQuotes(name, '"') + ":"
	case d.isJSON:
		return inQuotes(name, '"') + ": "
	}
	return d.keyLike(holder, name) + ": "
}

func inQuotes(s string, quote byte) string {
	if quote == '\'' && !strings.ContainsFunc(s, unfit) {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string can be encoded
	return escaped(strings.TrimSuffix(b.String(), "\n"))
}

// escaped writes as \u… what JSON may hold as it is, and YAML must not.
func escaped(text string) string {
	if !strings.ContainsFunc(text, unfit) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if unfit(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unfit reports whether a character cannot stand in YAML as it is, or would be
// read as the end of a line.
func unfit(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r == '\ufeff' || r == '\ufffe' || r == '\uffff'
}

// plainScalar reports whether a text may stand without quotes, in braces too,
// and still is the same text.
func plainScalar(s string) bool {
	if s == "" || len(s) > 120 || strings.TrimSpace(s) != s || strings.ContainsAny(s, ",[]{}#&*!|>'\"%@`\n\r\t\\") ||
		strings.Contains(s, ": ") || strings.HasSuffix(s, ":") || strings.ContainsAny(s[:1], "-?:=~<") {
		return false
	}
	switch strings.ToLower(s) {
	case "yes", "no", "on", "off", "true", "false", "null":
		return false
	}
	var n yaml.Node
	if yaml.Unmarshal([]byte(s), &n) != nil || len(n.Content) != 1 {
		return false
	}
	c := n.Content[0]
	return c.Kind == yaml.ScalarNode && c.ShortTag() == "!!str" && c.Value == s
}
