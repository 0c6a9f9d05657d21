package splice

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// remove takes out a member or an item, with the line or the comma that was
// its own, and a comment that stood right above it.
func (d *Document) remove(holder *Node, last string) (at, to int, insert string, err error) {
	i, spots := d.indexOf(holder, last), holder.spots()
	switch {
	case i < 0:
		return 0, 0, "", fmt.Errorf("there is no %q", short(last))
	case len(spots) == 1 && holder.flow:
		return spots[0].start, spots[0].end, "", nil
	case len(spots) == 1:
		return d.empty(holder)
	case holder.flow && i == len(spots)-1:
		return spots[i-1].end, spots[i].end, "", nil
	case holder.flow:
		return spots[i].start, spots[i+1].start, "", nil
	}
	return d.removeLines(holder, i)
}

func (d *Document) indexOf(holder *Node, name string) int {
	if holder.Kind == Mapping {
		return holder.index(name)
	}
	i, err := strconv.Atoi(name)
	if err != nil || i < 0 || i >= len(holder.Items) {
		return -1
	}
	return i
}

// empty writes a collection without its only value.
func (d *Document) empty(holder *Node) (at, to int, insert string, err error) {
	text := "{}"
	if holder.Kind == Sequence {
		text = "[]"
	}
	if !d.startsLine(holder.Start) {
		return holder.Start, holder.End, text, nil
	}
	above := bytes.TrimRight(d.text[:holder.Start], " \t\r\n")
	if len(above) == 0 || above[len(above)-1] != ':' {
		return 0, 0, "", fmt.Errorf("the last value of a collection %w", errUnsafe)
	}
	return len(above), holder.End, " " + text, nil
}

// removeLines takes out the lines of a value of a block collection.
func (d *Document) removeLines(holder *Node, i int) (at, to int, insert string, err error) {
	from := d.begin(holder, i)
	end := holder.spots()[i].end
	if err := d.clear(end, d.lineEnd(end)); err != nil {
		return 0, 0, "", err
	}
	if !d.startsLine(from) { // behind a dash: the next key takes its place
		next := d.begin(holder, i+1)
		return from, next, "", nil
	}
	to = d.lineEnd(end)
	if to == len(d.text) { // the last line has no end: the one before loses its own
		return d.endBefore(d.above(from)), to, "", nil
	}
	return d.above(from), nextLine(d.text, to), "", nil
}

func (d *Document) endBefore(at int) int {
	if at > 0 && d.text[at-1] == '\n' {
		at--
	}
	if at > 0 && d.text[at-1] == '\r' {
		at--
	}
	return at
}

// begin is where a member or an item begins, its dash included.
func (d *Document) begin(holder *Node, i int) int {
	if holder.Kind == Mapping {
		return holder.Members[i].Key.Start
	}
	at := holder.Items[i].Start
	if dash := d.lineStart(at) + holder.column; dash < at && d.text[dash] == '-' {
		return dash
	}
	return at // below its dash: what comes out is no list any more, and refused
}

// above is the begin of the line of a value, or of the comment right above it
// that is indented like it.
func (d *Document) above(from int) int {
	start := d.lineStart(from)
	indent := string(d.text[start:from])
	for start > 0 {
		before := d.lineStart(d.endBefore(start))
		if !strings.HasPrefix(string(d.text[before:start]), indent+"#") {
			break
		}
		start = before
	}
	return start
}

func nextLine(text []byte, end int) int {
	if end+1 < len(text) && text[end] == '\r' && text[end+1] == '\n' {
		return end + 2
	}
	return min(end+1, len(text))
}

// replace writes another value where one stands.
func (d *Document) replace(holder *Node, last string, v Value) (at, to int, insert string, err error) {
	i := d.indexOf(holder, last)
	if i < 0 {
		return 0, 0, "", fmt.Errorf("there is no %q", short(last))
	}
	if holder.Kind == Sequence {
		return d.replaceItem(holder, holder.Items[i], v)
	}
	m := holder.Members[i]
	old := m.Value
	switch {
	case holder.flow:
		return old.Start, old.End, d.flowLike(holder, old, v), nil
	case !isCollection(v) && old.Kind == Scalar && !isEmpty(old):
		return old.Start, old.End, d.scalarLike(old, v), nil
	case d.properties(m.Key.End, old.Start):
		return 0, 0, "", fmt.Errorf("a value with an anchor or a tag %w", errUnsafe)
	}
	return m.Key.End, old.End, ":" + d.below(holder, v, holder.column), nil
}

// properties reports whether an anchor, a tag or a comment stands before a value.
func (d *Document) properties(from, to int) bool {
	return bytes.ContainsAny(d.text[from:max(from, to)], "&!#")
}

func (d *Document) replaceItem(holder, old *Node, v Value) (at, to int, insert string, err error) {
	switch {
	case holder.flow:
		return old.Start, old.End, d.flowLike(holder, old, v), nil
	case !isCollection(v) && old.Kind == Scalar:
		return old.Start, old.End, d.scalarLike(old, v), nil
	}
	text := d.itemText(holder, v, old.Start-d.lineStart(old.Start))
	return old.Start, old.End, strings.TrimPrefix(text, " "), nil
}

// flowLike writes a value between brackets, over lines where the old one was.
func (d *Document) flowLike(holder, old *Node, v Value) string {
	if !isCollection(v) && old.Kind == Scalar {
		return d.scalarLike(old, v)
	}
	if d.isJSON && d.style.unit != "" && d.spansLines(holder) {
		return d.prettyText(v, d.indentOf(old.Start))
	}
	return d.flowText(v)
}
