package notation

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"shapewatch/contracts/shape"
)

// Tree draws a shape for people: a line for each path, indented by depth, with
// its kinds and format, how sure it is that it comes, and what is known of its
// values. The lines of a list are those of its items. It fits the width where
// there is one.
func Tree(w io.Writer, s *shape.Shape, o Options) error {
	d := drawing{options: o, shape: s}
	root := outline(s, o.View)
	if d.root = root; root != nil {
		d.add(root, -1)
	}
	_, err := io.WriteString(w, d.head(s)+d.String())
	return err
}

// head is the line above the tree: what this is of, and what lies around.
func (d *drawing) head(s *shape.Shape) string {
	words := []string{plural(s.Probes(), "answer")}
	e := s.Envelope()
	if e.Style != "" {
		words = append(words, e.Style)
	}
	for _, part := range [][2]string{{"items", e.Items}, {"next", e.Next}, {"total", e.Total}, {"errors", e.Error}} {
		if part[1] != "" {
			words = append(words, part[0]+" "+printable(part[1]))
		}
	}
	if e.Partial {
		words = append(words, "partial data")
	}
	line := strings.Join(words, " · ")
	if d.options.Title != "" {
		line = d.paint(bold, printable(d.options.Title)) + "  " + line
	}
	return line + "\n\n"
}

// A row is one line of the tree, before its columns are as wide as they need
// to be.
type row struct {
	name, kind, presence, notes string
	sure                        bool
}

type drawing struct {
	options Options
	shape   *shape.Shape
	root    *place
	rows    []row
}

// add draws a place and all below it.
func (d *drawing) add(p *place, depth int) {
	indent := strings.Repeat("  ", max(depth, 0))
	name := printable(p.Name)
	r := row{presence: p.evidence(), sure: p.always()}
	item := p
	for item.only(shape.Array) && item.item != nil {
		r.kind += listWords(item) + " "
		name += "[]"
		item = item.item
	}
	r.kind += kindWords(item)
	r.name, r.notes = indent+name, strings.Join(slices.Concat(notesOf(p, item), keyNote(item), d.setsNote(item), d.seenNote(p)), ", ")
	if depth < 0 {
		r.name, r.presence, r.sure = "(answer)"+strings.TrimPrefix(name, printable(p.Name)), "", true
	}
	d.rows = append(d.rows, r)
	d.below(item, depth)
}

func (d *drawing) below(p *place, depth int) {
	indent := strings.Repeat("  ", depth+1)
	if p.Union != nil {
		for _, v := range p.Union.Variants {
			d.rows = append(d.rows, variantRow(indent, p, v))
		}
	}
	if p.item != nil { // a list among values of other kinds
		d.add(p.item, depth+1)
	}
	if p.value != nil {
		d.add(p.value, depth+1)
	}
	for _, k := range p.keys {
		d.add(k, depth+1)
	}
}

// variantName is the value of the tag, where it may be shown.
func (p *place) variantName(v shape.Variant) string {
	if v.Value == "" {
		return "‹(private)›"
	}
	return "‹" + printable(v.Value) + "›"
}

// variantRow says what one value of the tag brings.
func variantRow(indent string, p *place, v shape.Variant) row {
	var own []string
	for _, k := range p.keys {
		mine, known := v.Key(k.Path)
		format := k.formatIn(mine)
		if known && (mine.Required() && !k.always() || format != "") {
			own = append(own, strings.TrimSpace(printable(k.Name)+" "+format))
		}
	}
	r := row{name: indent + p.variantName(v), kind: "variant", presence: percent(float64(v.Count), float64(p.Kinds[shape.Object])) + " of the objects", sure: true}
	if len(own) > 0 {
		r.notes = "with " + strings.Join(own, ", ")
	}
	return r
}

// String lays the rows out in columns.
func (d *drawing) String() string {
	names, kinds, presences := 0, 0, 0
	for _, r := range d.rows {
		names, kinds, presences = max(names, width(r.name)), max(kinds, width(r.kind)), max(presences, width(r.presence))
	}
	names, kinds = min(names, 40), min(kinds, 44)
	var b strings.Builder
	for _, r := range d.rows {
		d.line(&b, r, names, kinds, min(presences, 48))
	}
	return b.String()
}

// line writes a row; notes that do not fit come on a line of their own.
func (d *drawing) line(b *strings.Builder, r row, names, kinds, presences int) {
	tone := yellow
	if r.sure {
		tone = green
	}
	name, kind, presence := pad(r.name, names), pad(r.kind, kinds), pad(r.presence, presences)
	used := width(name) + width(kind) + width(presence) + 6
	if limit := d.options.Width; limit > 0 && used > limit+2 { // narrow: presence goes below
		fmt.Fprintf(b, "%s  %s\n", d.paint(bold, clip(r.name, limit)), d.paint(cyan, clip(r.kind, max(limit-width(r.name)-2, 8))))
		d.under(b, r.name, tone, r.presence)
		d.under(b, r.name, dim, r.notes)
		return
	}
	fits := d.options.Width <= 0 || used+width(r.notes) <= d.options.Width
	notes := r.notes
	if !fits {
		notes = ""
	}
	line := d.paint(bold, name) + "  " + d.paint(cyan, kind) + "  " + d.paint(tone, presence) + "  " + d.paint(dim, notes)
	if !d.options.Color {
		line = strings.TrimRight(line, " ")
	}
	b.WriteString(line + "\n")
	if !fits {
		d.under(b, r.name, dim, r.notes)
	}
}

// under writes what did not fit below a name.
func (d *drawing) under(b *strings.Builder, name, tone, text string) {
	if text == "" {
		return
	}
	indent := len(name) - len(strings.TrimLeft(name, " ")) + 4
	fmt.Fprintf(b, "%s%s\n", strings.Repeat(" ", indent), d.paint(tone, clip(text, max(d.options.Width-indent, 16))))
}

// The tones of a terminal.
const bold, dim, green, yellow, cyan = "1", "2", "32", "33", "36"

func (d *drawing) paint(tone, text string) string {
	if !d.options.Color || strings.TrimSpace(text) == "" {
		return text
	}
	return "\x1b[" + tone + "m" + text + "\x1b[0m"
}

func width(s string) int { return len([]rune(s)) }

func pad(s string, n int) string { return s + strings.Repeat(" ", max(n-width(s), 0)) }
