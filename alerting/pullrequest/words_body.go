package pullrequest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"shapewatch/contracts"
)

// A fullness is how much of a body is written, when all of it is too much.
type fullness struct {
	rows    int
	diff    int // characters
	details bool
}

var fullnesses = []fullness{{100, 20_000, true}, {100, 8_000, false}, {30, 2_000, false}, {10, 0, false}, {3, 0, false}}

// body is all that a reviewer needs, within limit characters and room for the
// mark.
func (m Matter) body(limit int) (body string) {
	for _, full := range fullnesses {
		body = m.write(full)
		if limit == 0 || len(body) <= limit-MarkRoom {
			return body
		}
	}
	return m.intro() + "\n\n" + m.footer()
}

func (m Matter) write(full fullness) string {
	parts := []string{m.intro(), m.table(full.rows), m.feelings(full.rows), m.reach(full.rows), m.edits(full.rows), m.refusals(), m.hunks(full.diff)}
	if full.details {
		parts = append(parts, m.details())
	}
	parts = append(parts, m.footer())
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "\n\n")
}

func (m Matter) intro() string {
	words := fmt.Sprintf("%s does not answer as %s says. This makes the contract say what it answers now.", code(m.API, maxName), code(m.Contract, maxWords))
	if len(m.Grounds) > 0 && m.Grounds[0].Finding.Severity == contracts.Breaking {
		words += " It is a draft because it breaks clients: mark it ready once yours can take it."
	}
	return words
}

func (m Matter) table(rows int) string {
	var b strings.Builder
	b.WriteString("| severity | operation | path | was | now | evidence | first seen |\n|---|---|---|---|---|---|---|\n")
	for _, g := range m.Grounds[:min(rows, len(m.Grounds))] {
		f := g.Finding
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", f.Severity, code(f.Operation, maxWords), code(cmp.Or(f.Path, "(whole answer)"), maxWords),
			code(statement(f.Was), maxWords), code(statement(f.Now), maxWords), evidence(f.Evidence), clock(g.Since))
	}
	return strings.TrimRight(b.String(), "\n") + more(len(m.Grounds)-rows, "change")
}

// more says how many are left out.
func more(n int, noun string) string {
	switch {
	case n <= 0:
		return ""
	case n == 1:
		return "\n\nand 1 more " + noun
	}
	return fmt.Sprintf("\n\nand %d more %ss", n, noun)
}

// feelings say what a client will notice, a sentence for each row.
func (m Matter) feelings(rows int) string {
	var b strings.Builder
	b.WriteString("**What a client will feel**\n\n")
	for _, g := range m.Grounds[:min(rows, len(m.Grounds))] {
		f := g.Finding
		fmt.Fprintf(&b, "- %s %s: %s\n", code(f.Operation, maxWords), code(cmp.Or(f.Path, "(whole answer)"), maxWords), fill(phraseOf(f.Kind).feels, f, code))
	}
	return strings.TrimRight(b.String(), "\n")
}

// reach is which operations are affected, and which of the paths that you use.
func (m Matter) reach(rows int) string {
	var operations, uses []string
	for _, g := range m.Grounds {
		operations = append(operations, code(g.Finding.Operation, maxWords))
		for _, use := range g.Uses {
			uses = append(uses, code(use, maxWords))
		}
	}
	words := "**Operations** " + listed(operations, rows)
	if len(uses) > 0 {
		words += "\n\n**What you use of it** " + listed(uses, rows)
	}
	return words
}

func listed(all []string, rows int) string {
	slices.Sort(all)
	all = slices.Compact(all)
	words := strings.Join(all[:min(rows, len(all))], ", ")
	if len(all) > rows {
		words += fmt.Sprintf(" and %d more", len(all)-rows)
	}
	return words
}

// edits are what is done, with the reach of what is shared, and what is not.
func (m Matter) edits(rows int) string {
	var lines []string
	for _, p := range m.Proposals {
		for _, c := range p.Changes {
			line := fmt.Sprintf("- %s, line %d: %s", code(p.File, maxWords), c.Line, code(strings.ReplaceAll(c.Words, "`", ""), maxSubject))
			switch {
			case c.Skipped != "":
				line = fmt.Sprintf("- left as it is: %s %s: %s", c.Finding.Kind, code(c.Finding.Path, maxWords), code(c.Skipped, maxSubject))
			case c.Shared > 1:
				line += fmt.Sprintf("; %d references lead there, so it holds for every operation that uses them", c.Shared)
			}
			lines = append(lines, line)
		}
	}
	rest := more(len(lines)-rows, "edit")
	return "**Edits**\n\n" + strings.Join(lines[:min(rows, len(lines))], "\n") + rest
}

// refusals say which files could not be edited, and what to do.
func (m Matter) refusals() string {
	var lines []string
	for _, p := range m.Proposals {
		if p.After == nil && len(p.Patch) > 0 {
			lines = append(lines, fmt.Sprintf("%s could not be edited safely: %s. The edits are in %s as a JSON Patch (RFC 6902): make them by hand on this branch, and remove that file.",
				code(p.File, maxWords), code(p.Refused, maxSubject), code(patchName(p.File), maxWords)))
		}
	}
	return strings.Join(lines, "\n\n")
}

// hunks are the lines that change, within limit characters, cut at a line.
func (m Matter) hunks(limit int) string {
	var b strings.Builder
	for _, p := range m.Proposals {
		if p.After != nil {
			_, text, _ := strings.Cut(string(diff.Diff(p.File, p.Before, p.File, p.After)), "\n")
			b.WriteString(text)
		}
	}
	text := b.String()
	if limit == 0 || text == "" {
		return ""
	}
	if len(text) > limit {
		text = text[:strings.LastIndexByte(text[:limit], '\n')+1] + "…"
	}
	return fenced("diff", text)
}

// details are the findings as they were told, with the incidents that hold all
// evidence. No payload and no private value is in them: none is kept.
func (m Matter) details() string {
	var b strings.Builder
	b.WriteString("<details><summary>Evidence</summary>\n\n")
	for _, g := range m.Grounds {
		f := g.Finding
		fmt.Fprintf(&b, "- %s %s %s: was %s, now %s%s\n", code(f.Kind, maxName), code(f.Operation, maxWords), code(f.Path, maxWords),
			code(statement(f.Was), maxSubject), code(statement(f.Now), maxSubject), incident(g))
	}
	return b.String() + "\n</details>"
}

func (m Matter) footer() string {
	ids := []string{}
	for _, g := range m.Grounds {
		if g.Incident != "" && !slices.Contains(ids, g.Incident) {
			ids = append(ids, g.Incident)
		}
	}
	reject := "close it: it is not opened again for the same findings."
	if len(ids) > 0 {
		slices.Sort(ids)
		reject = fmt.Sprintf("close it: it is not opened again for the same findings. If the vendor is to take it back, say so as well: %s.", code("shapewatch reject "+ids[0], maxWords))
	}
	return "**To accept**, merge it. **To reject**, " + reject + " It closes by itself when the API answers as before. " +
		"Commits of yours on this branch are left alone.\n\n- [ ] " + rebuildBox + ": tick this to have it made anew. Commits on it that are not from shapewatch are then lost.\n"
}
