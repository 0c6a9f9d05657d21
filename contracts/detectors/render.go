package detectors

import (
	"fmt"
	"strings"
)

// Table is the list of detectors as a Markdown table, for the README.
func Table() string {
	var b strings.Builder
	b.WriteString("| it tells you that | kind | severity |\n|---|---|---|\n")
	for _, d := range All() {
		title, _, _ := strings.Cut(d.Doc, "\n")
		fmt.Fprintf(&b, "| %s | [`%s`](docs/detectors.md#%s) | %s |\n", title, d.Name, d.Name, d.Severity)
	}
	return b.String()
}

// Markdown is docs/detectors.md: what each detector means for you, an example,
// how it decides and how to tune it.
func Markdown() string {
	var b strings.Builder
	b.WriteString(preface)
	for _, d := range All() {
		title, rest, _ := strings.Cut(d.Doc, "\n")
		fmt.Fprintf(&b, "\n## %s\n\n*%s* (%s)\n%s\n", d.Name, title, d.Severity, strings.TrimRight(rest, "\n"))
	}
	return b.String()
}

const preface = `# What shapewatch detects

<!-- Generated from the detectors' own documentation: go test ./contracts/detectors -update -->

A detector notices one way in which an answer departs from what was learned or
agreed. One deviating answer is a suspicion and makes shapewatch ask again;
an alarm needs evidence over several checks: how many depends on how much was
seen before, how many facts are watched, and how many false alarms a month you
allow (` + "`sensitivity`" + `). The severity is what it does to you: **breaking** breaks
an integration that relies on it, **warning** may hurt soon, **info** is good to
know. With ` + "`uses`" + `, findings about paths you do not read are info.

Nothing is learned from an answer that failed, and nothing inside an empty list,
an empty object or a map (whose keys are data) is ever called missing or new.

Every detector can be given another severity (` + "`severity: {enum-new: breaking}`" + `) or
be silenced, at a path or everywhere (` + "`ignore: [{path: /metadata, kind: field-new}]`" + `).
`
