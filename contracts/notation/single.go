package notation

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"shapewatch/contracts/shape"
)

// Single writes all that is known of one path, a line or more for each thing:
// presence with its bound, kinds, formats with their shares, range, histogram,
// values with the chance of a new one, lengths, and when it was seen. An unknown
// path is an error that names some that are known.
func Single(w io.Writer, s *shape.Shape, o Options, path string) error {
	root := outline(s, o.View)
	if root == nil {
		return fmt.Errorf("path %s: no answer was seen yet", path)
	}
	p := root.find(path)
	if p == nil {
		return root.unknown(path)
	}
	d := drawing{options: o, shape: s, root: root}
	facts := []fact{
		{"presence", p.presenceWords()}, {"kinds", []string{kindWords(p)}}, {"notes", slices.Concat(d.setsNote(p), wideNote(p))},
		{"formats", p.formatLines()}, {"numbers", p.numberWords(s)}, {"histogram", picture(p, s)},
		{"values", p.valueLines()}, {"length", lengthWords(p.Lengths, "byte")}, {"items", lengthWords(p.Items, "item")},
		{"variants", p.variantLines()}, {"seen", []string{fromTo(p.First, p.Last)}},
	}
	_, err := io.WriteString(w, d.singleHead(p)+d.facts(facts))
	return err
}

// A fact is one thing that is known of a path.
type fact struct {
	name  string
	lines []string
}

func (d *drawing) singleHead(p *place) string {
	name := printable(p.Path)
	if name == "" {
		name = "(answer)"
	}
	if d.options.Title != "" {
		return d.paint(bold, printable(d.options.Title)) + "  " + name + "\n\n"
	}
	return d.paint(bold, name) + "\n\n"
}

// facts lays facts out; those of which nothing is known are left out.
func (d *drawing) facts(all []fact) string {
	var b strings.Builder
	for _, f := range all {
		name := f.name
		for _, line := range f.lines {
			if d.options.Width > 0 {
				line = clip(line, max(d.options.Width-11, 20))
			}
			fmt.Fprintf(&b, "%s  %s\n", d.paint(dim, pad(name, 9)), line)
			name = ""
		}
	}
	return b.String()
}

// find is the place of a path; "/" is the answer where no key is empty.
func (p *place) find(path string) *place {
	for q := range p.all {
		if q.Path == path {
			return q
		}
	}
	if path == "/" {
		return p
	}
	return nil
}

// all passes a place and all below it.
func (p *place) all(yield func(*place) bool) { p.each(yield) }

func (p *place) each(yield func(*place) bool) bool {
	if !yield(p) {
		return false
	}
	for _, q := range append([]*place{p.item, p.value}, p.keys...) {
		if q != nil && !q.each(yield) {
			return false
		}
	}
	return true
}

// unknown names the paths at which the longest known part of a path goes on.
func (p *place) unknown(path string) error {
	above := path
	for p.find(above) == nil || above == path {
		i := strings.LastIndexByte(above, '/')
		if i < 0 {
			above = ""
			break
		}
		above = above[:i]
	}
	var known []string
	for q := range p.all {
		if q.Parent == above && q.Path != "" && len(known) < most {
			known = append(known, printable(q.Path))
		}
	}
	if len(known) == 0 {
		return fmt.Errorf("path %s: nothing lies below %s", printable(path), printable(above))
	}
	return fmt.Errorf("path %s: never seen; known are %s", printable(path), strings.Join(known, ", "))
}

// presenceWords are how sure it is that the path comes, by answers and by the
// objects that could have held it.
func (p *place) presenceWords() []string {
	if p.Path == "" {
		return []string{plural(p.Count, "answer")}
	}
	line := fmt.Sprintf("in all objects of %s, in some of %s, in none of %s", plural(p.Probes.All, "answer"), count(p.Probes.Some), count(p.Probes.None))
	return []string{p.evidence(), fmt.Sprintf("%s of %s; %s", count(p.Count), count(p.Parents), line)}
}

func fromTo(first, last time.Time) string {
	const layout = "2006-01-02 15:04"
	return first.Format(layout) + " to " + last.Format(layout) + " UTC"
}
