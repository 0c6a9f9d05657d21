package alerting

import (
	"strings"
	"unicode"

	"github.com/slack-go/slack"
)

// A printer draws blocks as lines beside a coloured bar.
type printer struct {
	out   strings.Builder
	color bool
	bar   string // SGR parameters of the bar
}

func (p *printer) message(m message) {
	for i, block := range m.blocks {
		if i > 0 {
			p.paragraph("")
		}
		switch b := block.(type) {
		case *slack.HeaderBlock:
			p.paragraph("*" + b.Text.Text + "*")
		case *slack.SectionBlock:
			if b.Text != nil {
				p.paragraph(b.Text.Text)
			}
			for _, field := range b.Fields {
				name, value, _ := strings.Cut(field.Text, "\n")
				p.lines(10, append([]run{{text: pad(strings.Trim(name, "*"), 10), sgr: dim}}, runs(value)...))
			}
		default:
			for _, text := range texts(block) {
				p.paragraph("_" + text.Text + "_")
			}
		}
	}
}

// paragraph prints the lines of a text; between two fences they are code, in
// which nothing is markup.
func (p *printer) paragraph(text string) {
	code := false
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case line == "```":
			code = !code
		case code:
			p.lines(0, []run{{unescape(line), ""}})
		default:
			p.lines(0, runs(line))
		}
	}
}

// lines prints runs word by word into the width; lines after the first are
// indented.
func (p *printer) lines(indent int, line []run) {
	c := cursor{printer: p, indent: indent}
	c.begin(0)
	for _, r := range line {
		for word := range strings.SplitAfterSeq(r.text, " ") {
			c.word(strings.TrimRight(word, " "), r.sgr)
			c.gap += len(word) - len(strings.TrimRight(word, " "))
		}
	}
	p.out.WriteByte('\n')
}

// A cursor is where the next word goes.
type cursor struct {
	*printer
	indent, column int
	gap            int // spaces owed before the next word of the line
}

func (c *cursor) begin(indent int) {
	c.styled("┃", c.bar)
	c.column, c.gap = 1, 1+indent
}

// advance writes the spaces that are owed.
func (c *cursor) advance() {
	c.out.WriteString(strings.Repeat(" ", c.gap))
	c.column, c.gap = c.column+c.gap, 0
}

// word prints a word, on the next line if it does not fit in this one, and
// broken where it is wider than a line.
func (c *cursor) word(word, sgr string) {
	if word == "" {
		return
	}
	wide := c.column+c.gap+width(word) > terminalWidth
	if wide && c.column > 1 {
		c.out.WriteByte('\n')
		c.begin(c.indent)
	}
	c.advance()
	var piece strings.Builder
	for _, r := range word {
		if c.column+runeWidth(r) > terminalWidth {
			c.styled(piece.String(), sgr)
			piece.Reset()
			c.out.WriteByte('\n')
			c.begin(c.indent)
			c.advance()
		}
		piece.WriteRune(r)
		c.column += runeWidth(r)
	}
	c.styled(piece.String(), sgr)
}

func (p *printer) styled(text, sgr string) {
	if p.color && sgr != "" && text != "" {
		text = "\x1b[" + sgr + "m" + text + "\x1b[0m"
	}
	p.out.WriteString(text)
}

// SGR parameters of the marks of mrkdwn.
const (
	bold = "1"
	dim  = "2"
	cyan = "36"
)

// A run is text of one style.
type run struct{ text, sgr string }

// runs reads the mrkdwn that messageOf writes: *bold*, _dim_ and `code` at the
// edges of words, links and dates. Foreign text in it is escaped, so a bare
// angle bracket is always ours.
func runs(mrkdwn string) (out []run) {
	style := ""
	text := []rune(links(mrkdwn))
	var b strings.Builder
	flush := func(next string) {
		out = append(out, run{unescape(b.String()), style})
		b.Reset()
		style = next
	}
	marks := map[rune]string{'*': bold, '_': dim, '`': cyan}
	for i, r := range text {
		mark, isMark := marks[r]
		opens := style == "" && (i == 0 || unicode.IsSpace(text[i-1])) && i+1 < len(text)
		closes := style == mark && (r == '`' || i+1 == len(text) || unicode.IsSpace(text[i+1]))
		switch {
		case isMark && opens:
			flush(mark)
		case isMark && closes:
			flush("")
		default:
			b.WriteRune(r)
		}
	}
	flush("")
	return out
}

// links prints <url|words> as "words: url" and <!date^…|words> as words.
func links(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "<")
		inside, after, closed := strings.Cut(rest, ">")
		if !found || !closed {
			b.WriteString(text)
			return b.String()
		}
		target, words, _ := strings.Cut(inside, "|")
		b.WriteString(before + words)
		if !strings.HasPrefix(target, "!") {
			b.WriteString(": " + target)
		}
		text = after
	}
}

func unescape(text string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
}

func pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(columns-width(text), 1))
}

func width(text string) (columns int) {
	for _, r := range text {
		columns += runeWidth(r)
	}
	return columns
}

// runeWidth is the columns a character takes, well enough for wrapping.
func runeWidth(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1f300 && r <= 0x1faff, r == '✅', unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana):
		return 2
	}
	return 1
}
