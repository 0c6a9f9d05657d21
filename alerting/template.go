package alerting

import (
	"errors"
	"fmt"
	"strings"
	"text/template"
	"time"
	"unicode/utf8"
)

// plainTemplate is what channels say when they have no template of their own.
const plainTemplate = `{{.Severity}} · {{.State}} · since {{clock .Opened}}{{with .Owner}} · {{.}}{{end}}
{{.Operations}}
{{range .Changes}}
{{if .Over}}over{{else}}{{.Severity}}{{end}}: {{.Place}} · {{.Operation}}
{{- with .Was}}
  was: {{.}}{{end}}{{with .Now}}
  now: {{.}}{{end}}{{with .Evidence}}
  {{.}}{{end}}
{{end}}
{{- if .More}}
and {{.More}} more
{{end}}
{{- with .Proposal}}
What the contract would say:
{{.}}
{{end}}
{{- range .Requests}}
pull request, {{.State}}: {{.URL}}
{{end}}
{{- with .Reason}}
{{.}}{{end}}`

// maxTemplate bounds what a template may write, in characters.
const maxTemplate = 20_000

// A Template is what a channel says, in text/template over a [Letter]. It has
// the function clock, which prints a time in UTC to the minute, beside those
// of text/template.
type Template struct {
	text *template.Template
	mark func(string) string // makes a letter's texts safe in the channel's markup
	max  int                 // characters
}

// CheckTemplate says what is wrong with a template; nil when it can be used.
// It is tried on a letter, so that a name that no letter has is found before
// anything happens.
func CheckTemplate(text string) error {
	t, err := newTemplate(text, nil, maxTemplate)
	if err != nil {
		return err
	}
	_, err = t.write(SampleNotice(time.Unix(0, 0)))
	return err
}

// newTemplate parses a template; empty text is the one of all channels. max
// bounds what it writes.
func newTemplate(text string, mark func(string) string, max int) (*Template, error) {
	if text == "" {
		text = plainTemplate
	}
	parsed, err := template.New("template").Option("missingkey=zero").
		Funcs(template.FuncMap{"clock": clock}).Parse(text)
	if err != nil {
		return nil, err
	}
	return &Template{text: parsed, mark: mark, max: min(max, maxTemplate)}, nil
}

// errFull ends a template that writes more than is sent anyway.
var errFull = errors.New("enough")

// A bounded builder takes so many bytes and then refuses.
type bounded struct {
	strings.Builder
	left int
}

func (b *bounded) Write(text []byte) (int, error) {
	if b.left -= len(text); b.left < 0 {
		keep := max(0, len(text)+b.left)
		b.Builder.Write(text[:keep])
		return keep, errFull
	}
	return b.Builder.Write(text)
}

// write fills the template. What is longer than its bound is written again with
// less to say: without the proposal, with fewer changes; in the end it is cut,
// at the end of a line where there is one.
func (t *Template) write(n Notice) (string, error) {
	l := letterOf(n, t.mark)
	for {
		text, err := t.fill(l)
		if err != nil || utf8.RuneCountInString(text) <= t.max || !l.shorten() {
			return cutLines(text, t.max), err
		}
	}
}

func (t *Template) fill(l Letter) (string, error) {
	out := &bounded{left: 4*t.max + 4}
	err := t.text.Execute(out, l)
	if err != nil && !errors.Is(err, errFull) {
		return "", fmt.Errorf("template: %w", err)
	}
	return strings.TrimSpace(strings.ToValidUTF8(out.String(), "")), nil
}

// shorten leaves out what matters least; false when there is nothing to leave
// out.
func (l *Letter) shorten() bool {
	switch {
	case l.Proposal != "":
		l.Proposal = ""
	case len(l.Changes) > 1:
		l.Changes = l.Changes[:len(l.Changes)-1]
		l.More++
	default:
		return false
	}
	return true
}

// cutLines cuts text to max characters, at the end of a line so that no markup
// is torn; a single line that is longer is cut where it must.
func cutLines(text string, max int) string {
	if utf8.RuneCountInString(text) <= max {
		return text
	}
	text = clip(text, max-1)
	if i := strings.LastIndexByte(text, '\n'); i > 0 {
		return text[:i] + "\n…"
	}
	return text
}

// body fills the template for a delivery.
func (t *Template) body(channel string, n Notice) (string, error) {
	text, err := t.write(n)
	if err != nil {
		return "", &DeliveryError{Err: fmt.Errorf("%s: %w", channel, err), Permanent: true}
	}
	return text, nil
}
