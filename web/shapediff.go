package web

import (
	"slices"
	"strings"

	"shapewatch/contracts/shape"
)

// Bounds of a diff of shapes.
const (
	shapeLines  = 80
	shapeValues = 6
)

// A shapeDiff is two shapes, one beside the other, where they differ.
type shapeDiff struct {
	past  *past
	about []string // paths that findings are about
	lines []diffLine
	more  int
}

// diff tells the change of shape around paths: what is in both as it is, what
// was and what is now. It says nothing of places that no finding is about,
// unless something came or went right beside them.
func (p *past) diff(paths []string) (lines []diffLine, more int) {
	if !has(paths) || len(p.before) == 0 || len(p.after) == 0 {
		return nil, 0
	}
	d := &shapeDiff{past: p}
	for _, path := range paths {
		if strings.HasPrefix(path, "/") {
			d.about = append(d.about, path)
		}
	}
	for _, path := range d.paths() {
		d.add(path)
	}
	if !slices.ContainsFunc(d.lines, func(l diffLine) bool { return l.Sign != " " }) {
		return nil, 0
	}
	return d.lines, d.more
}

// paths are all that is drawn, parents first.
func (d *shapeDiff) paths() (paths []string) {
	wanted := map[string]bool{}
	for _, about := range d.about {
		d.around(about, wanted)
	}
	for path := range wanted {
		for above := path; ; above = parentOf(above) {
			if !slices.Contains(paths, above) {
				paths = append(paths, above)
			}
			if above == "" {
				break
			}
		}
	}
	slices.SortFunc(paths, func(a, b string) int { return slices.Compare(segments(a), segments(b)) })
	return paths
}

func segments(path string) []string { return strings.Split(path, "/") }

// around wants a path, what lies below it, and what came or went beside it.
func (d *shapeDiff) around(about string, wanted map[string]bool) {
	wanted[about] = true
	for _, set := range []fieldSet{d.past.before, d.past.after} {
		for path := range set {
			beside := parentOf(path) == parentOf(about) && d.cameOrWent(path)
			if beside || strings.HasPrefix(path, about+"/") {
				wanted[path] = true
			}
		}
	}
}

// cameOrWent reports whether a field that was always there is not, or the
// other way round.
func (d *shapeDiff) cameOrWent(path string) bool {
	before, was := d.past.before[path]
	_, is := d.past.after[path]
	always, _ := before.Required()
	return was && !is && always || is && !was
}

// add draws a place: once when it is as it was, else as it was and as it is.
func (d *shapeDiff) add(path string) {
	before, was := d.past.before[path]
	after, is := d.past.after[path]
	old, now := d.line(before), d.line(after)
	over := d.past.passed[path]
	switch {
	case over != nil:
		d.addPassed(path, over)
	case !was && !is:
	case was && is && (old == now || !d.isAbout(path)):
		d.put(" ", now)
	default:
		if was {
			d.put("-", old)
		}
		if is {
			d.put("+", now)
		}
	}
}

// isAbout reports whether a finding is about a path or something above it.
func (d *shapeDiff) isAbout(path string) bool {
	return slices.ContainsFunc(d.about, func(about string) bool { return path == about || strings.HasPrefix(path, about+"/") })
}

func (d *shapeDiff) put(sign, text string) {
	if len(d.lines) >= shapeLines {
		d.more++
		return
	}
	d.lines = append(d.lines, diffLine{sign, text})
}

// line is a field in short: "  status: string, always, one of open, paid".
func (d *shapeDiff) line(f shape.Field) string {
	text := strings.Repeat("  ", f.Depth) + fieldName(f) + ": " + kinds(f)
	if name := format(f); name != "" {
		text += " (" + name + ")"
	}
	if words, _ := presence(f); words != "" {
		text += ", " + words
	}
	if f.Has(shape.Null) {
		text += ", " + percent(f.Kinds[shape.Null], f.Count) + " null"
	}
	if f.Values.Closed {
		text += ", one of " + oneOf(f.Values)
	}
	return clip(240, text)
}

func oneOf(v shape.Values) string {
	var texts []string
	private := 0
	for _, value := range v.List[:min(len(v.List), shapeValues)] {
		if value.Text == "" {
			private++
			continue
		}
		texts = append(texts, clip(40, value.Text))
	}
	slices.Sort(texts)
	if private > 0 {
		texts = append(texts, count(private, "value")+" kept private")
	}
	if len(v.List) > shapeValues {
		texts = append(texts, "…")
	}
	return strings.Join(texts, ", ")
}
