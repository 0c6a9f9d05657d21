package splice

import "strings"

// Render writes a value as a YAML document, the way people write contracts:
// blocks of two spaces, short lists of words in brackets. Comment, when given,
// stands above it.
func Render(comment string, o Object) []byte {
	d := Document{style: style{newline: "\n", unit: "  ", indent: true, quote: '"', pad: " "}}
	var b strings.Builder
	for line := range strings.Lines(comment) {
		b.WriteString(strings.TrimRight("# "+strings.TrimSuffix(line, "\n"), " ") + "\n")
	}
	b.WriteString(d.objectLines(o, 0) + "\n")
	return []byte(b.String())
}
