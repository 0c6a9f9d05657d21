package pullrequest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"shapewatch/contracts"
)

// A Matter is what a request is about: a contract, what was found to be
// different, and the edits that follow from it.
type Matter struct {
	API       string
	Contract  string               // the file in the repository
	Grounds   []Ground             // what was found and holds
	Proposals []contracts.Proposal // one for each file that is edited; File is its path in the repository
	Reverted  []Ground             // what was found and does not hold any more, for the words of the end
}

// A Ground is a finding with what is known of it.
type Ground struct {
	Finding  contracts.Finding
	Since    time.Time
	Ended    time.Time // when it was over: accepted, or of one in Reverted, reverted
	Incident string    // its ID
	Link     string    // of its page; may be empty
	Uses     []string  // of the paths that your code reads, those it touches; empty also when unknown
}

// A Style says how requests are worded.
type Style struct {
	Prefix string   // of titles: "fix(contract): "
	Labels []string // of every request
	Max    int      // characters of a body, mark included; 0 for no limit
}

// The bounds of texts from outside, in runes.
const (
	maxName    = 60
	maxWords   = 120
	maxSubject = 200 // of a title
)

// patchName is the file beside a contract that says as a JSON Patch what could
// not be edited safely.
func patchName(contract string) string {
	for _, ending := range []string{".yaml", ".yml", ".json"} {
		contract = strings.TrimSuffix(contract, ending)
	}
	return contract + ".drift-patch.json"
}

// Wish words what should stand about a matter. It is pure and moves with
// nothing but the matter: how often something was seen since is told in steps,
// so that a request is not edited at every check.
func (m Matter) Wish(branch string, s Style) Wish {
	w := Wish{Branch: branch, Labels: slices.Clone(s.Labels)}
	m.Grounds = worstFirst(m.Grounds)
	for _, p := range m.Proposals {
		switch {
		case p.After != nil:
			w.Before = append(w.Before, File{p.File, p.Before})
			w.Files = append(w.Files, File{p.File, p.After})
		case len(p.Patch) > 0:
			w.Before = append(w.Before, File{p.File, p.Before})
			w.Files = append(w.Files, File{patchName(p.File), append(slices.Clone(p.Patch), '\n')})
		}
	}
	for _, g := range m.Grounds {
		w.Prints = append(w.Prints, g.Finding.Fingerprint())
		w.Severity = max(w.Severity, g.Finding.Severity)
	}
	if len(w.Files) == 0 {
		w.Over = m.over()
		return w
	}
	slices.SortFunc(w.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	w.Draft = w.Severity == contracts.Breaking
	w.Labels = append(w.Labels, w.Severity.String())
	w.Title = s.Prefix + m.title()
	w.Message = w.Title + "\n\n" + m.changes(plain)
	w.Body = m.body(s.Max)
	return w
}

func worstFirst(grounds []Ground) []Ground {
	sorted := slices.Clone(grounds)
	slices.SortStableFunc(sorted, func(a, b Ground) int {
		x, y := a.Finding, b.Finding
		return cmp.Or(cmp.Compare(y.Severity, x.Severity), cmp.Compare(x.Operation, y.Operation), cmp.Compare(x.Path, y.Path), cmp.Compare(x.Kind, y.Kind))
	})
	return sorted
}

// title is "stripe GET /v1/charges/{id}: status enum grew (+2 more)".
func (m Matter) title() string {
	if len(m.Grounds) == 0 {
		return plain(m.API, maxName) + ": contract"
	}
	f := m.Grounds[0].Finding
	title := plain(m.API, maxName) + " " + plain(f.Operation, maxWords) + ": " + fill(phraseOf(f.Kind).title, f, plain)
	if more := len(m.Grounds) - 1; more > 0 {
		title += fmt.Sprintf(" (+%d more)", more)
	}
	return title
}

// changes are the edits in words, a line each.
func (m Matter) changes(say func(text string, max int) string) string {
	var b strings.Builder
	for _, p := range m.Proposals {
		for _, c := range p.Changes {
			if c.Skipped == "" {
				fmt.Fprintf(&b, "- %s, line %d: %s\n", say(p.File, maxWords), c.Line, say(strings.ReplaceAll(c.Words, "`", ""), maxSubject))
			}
		}
	}
	return b.String()
}

// over says why nothing is wanted any more.
func (m Matter) over() string {
	if len(m.Reverted) == 0 {
		return fmt.Sprintf("%s says already what the API answers: there is nothing left to change.", code(m.Contract, maxWords))
	}
	var b strings.Builder
	b.WriteString("The API answers as before:\n\n")
	for _, g := range worstFirst(m.Reverted) {
		fmt.Fprintf(&b, "- %s %s: %s since %s", code(g.Finding.Operation, maxWords), code(cmp.Or(g.Finding.Path, "(whole answer)"), maxWords),
			code(cmp.Or(statement(g.Finding.Was), "as before"), maxWords), clock(g.Ended))
		b.WriteString(incident(g) + "\n")
	}
	return b.String()
}

// incident is where more is told of a ground.
func incident(g Ground) string {
	switch {
	case g.Incident == "":
		return ""
	case g.Link != "":
		return fmt.Sprintf(" ([%s](%s))", g.Incident, g.Link)
	}
	return " (" + code(g.Incident, maxName) + ")"
}

// clock is a time for people, in UTC and to the minute.
func clock(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }
