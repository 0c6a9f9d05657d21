package main

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A row is a key as the documentation shows it.
type row struct {
	name, doc, example string
	fallback           string // what holds when nothing is written; empty for nothing
	what               setting
}

// documented is a setting that has a table of keys.
type documented interface {
	table() (title, doc string, rows []row)
}

func (s section[B]) table() (title, doc string, rows []row) {
	fresh := s.block.fresh()
	for _, k := range s.block.keys {
		what := k.of(&fresh)
		r := row{name: k.name, doc: k.doc, example: k.example, what: what}
		if n := what.show(); n != nil && n.Kind == yaml.ScalarNode {
			r.fallback = n.Value
		}
		rows = append(rows, r)
	}
	return s.block.name, s.block.doc, rows
}

func (l blocks[B]) table() (title, doc string, rows []row) {
	var blank B
	return section[B]{&blank, l.block}.table()
}

// configDocs is docs/configuration.md, made of the table of keys.
func configDocs() string {
	var b strings.Builder
	b.WriteString(docsIntroduction)
	queue, seen := []documented{section[configFile]{&configFile{}, &topKeys}}, map[string]bool{}
	for len(queue) > 0 {
		title, doc, rows := queue[0].table()
		queue = queue[1:]
		if seen[title] {
			continue
		}
		seen[title] = true
		if title == "API" || title == "Probe" {
			rows = slices.DeleteFunc(rows, func(r row) bool { return slices.Contains(settingsKeys.names(), r.name) })
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", title, doc)
		writeRows(&b, rows)
		for _, r := range rows {
			if d, ok := r.what.(documented); ok {
				queue = append(queue, d)
			}
		}
	}
	return b.String()
}

func writeRows(b *strings.Builder, rows []row) {
	b.WriteString("| key | what it says | default | example |\n|---|---|---|---|\n")
	for _, r := range rows {
		fallback := ""
		if r.fallback != "" {
			fallback = "`" + r.fallback + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | `%s: %s` |\n", r.name, r.doc, fallback, r.name, r.example)
	}
}

const docsIntroduction = `# Configuration

Generated from the table that also makes the parser and the JSON Schema; do not edit.
` + "`shapewatch.example.yaml`" + ` uses every key. ` + "`shapewatch init`" + ` writes a first file.

` + "```yaml" + `
apis:
  - name: stripe
    url: https://api.stripe.com/v1/charges/${CHARGE_ID}
    auth: { bearer: "${STRIPE_KEY}" }
    every: 5m
slack: { webhook: "${SLACK_WEBHOOK}" }
` + "```" + `

- **References.** ` + "`${NAME}`" + ` is an environment variable and must be set; ` + "`${NAME:-text}`" + ` has a default for one that is unset or empty; ` + "`${file:/run/secrets/x}`" + ` is the content of a file without its last line break. They are replaced within single values after the YAML is parsed, so a value can never add keys. ` + "`$${`" + ` is a literal ` + "`${`" + `; any other ` + "`$`" + ` is itself. Within ` + "`{ }`" + ` and ` + "`[ ]`" + ` write them in quotes.
- **Secrets** are references. Tokens, passwords and webhooks under ` + "`auth`" + ` and ` + "`slack`" + ` count as secret, and the value of a header or parameter with a name like Authorization or api_key, and whatever comes from a file or from a variable with such a name. One in plain text works, with a warning.
- **Units.** Durations: ` + "`30s`, `5m`, `1h30m`, `7d`, `2w`" + `. Sizes: ` + "`512KiB`, `8MiB`, `1GB`" + `.
- **Paths** into an answer: ` + "`/data/[]/amount`" + ` is the amount of every entry of data, ` + "`/rates/{}`" + ` every value of a map; ` + "`~1`" + ` is a / within a name, ` + "`~0`" + ` a ~. ` + "`header:x-version`" + ` is a response header.
- **Bounds.** 1 MiB a file, 10,000 values, aliases counted with what they repeat; one document; no tags and no merge keys.
- **Mistakes.** ` + "`shapewatch validate`" + ` lists all of them at once, each with file, line, column and what to do, and exits with 2. A running ` + "`serve`" + ` that meets a bad file keeps the old one.
- **Editors.** ` + "`shapewatch config schema > shapewatch.schema.json`" + `, and as the first line of the file ` + "`# yaml-language-server: $schema=./shapewatch.schema.json`" + `.
- **What holds.** ` + "`shapewatch config show`" + ` prints the file with every default and all that is inherited, secrets masked.
`
