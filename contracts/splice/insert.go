package splice

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// addMember puts a new key into a mapping: at its place when the keys are
// sorted, else behind the one that the edit names, else at the end.
func (d *Document) addMember(holder *Node, name string, e Edit) (at, to int, insert string, err error) {
	if holder.Kind != Mapping {
		return 0, 0, "", fmt.Errorf("%s is no mapping: it %w", short(e.Path), errUnsafe)
	}
	if i := holder.index("<<"); i >= 0 && !holder.flow {
		return 0, 0, "", fmt.Errorf("a mapping with merged keys %w", errUnsafe)
	}
	i := d.place(holder, name, e.After)
	if holder.flow {
		return d.addFlow(holder, i, d.flowKey(holder, name), e.Value)
	}
	key := d.keyLike(holder, name)
	indent := strings.Repeat(" ", holder.column)
	if i == 0 {
		at = holder.Members[0].Key.Start
		return at, at, key + ":" + d.below(holder, e.Value, holder.column) + d.style.newline + indent, nil
	}
	at = d.lineEnd(holder.Members[i-1].Value.End)
	if err := d.clear(holder.Members[i-1].Value.End, at); err != nil {
		return 0, 0, "", err
	}
	return at, at, d.style.newline + indent + key + ":" + d.below(holder, e.Value, holder.column), nil
}

// place is the index at which a new key goes.
func (d *Document) place(holder *Node, name, after string) int {
	names := make([]string, len(holder.Members))
	for i, m := range holder.Members {
		names[i] = m.Name()
	}
	if len(names) >= 3 && slices.IsSorted(names) {
		i, _ := slices.BinarySearch(names, name)
		if i == 0 && d.commented(holder) {
			return len(names)
		}
		return i
	}
	if i := slices.Index(names, after); after != "" && i >= 0 {
		return i + 1
	}
	return len(names)
}

// commented reports whether a comment stands above the first key.
func (d *Document) commented(holder *Node) bool {
	before := bytes.TrimRight(d.text[:holder.Start], " \t\r\n")
	return bytes.HasPrefix(bytes.TrimLeft(before[bytes.LastIndexByte(before, '\n')+1:], " \t"), []byte("#"))
}

// clear refuses an insertion behind a value whose line holds more than a comment.
func (d *Document) clear(from, to int) error {
	rest := bytes.TrimSpace(d.text[from:to])
	if len(rest) > 0 && rest[0] != '#' {
		return fmt.Errorf("a line that holds several values %w", errUnsafe)
	}
	return nil
}

// addItem puts a value at the end of a sequence.
func (d *Document) addItem(holder *Node, v Value) (at, to int, insert string, err error) {
	if holder.flow {
		return d.addFlow(holder, len(holder.Items), "", v)
	}
	last := holder.Items[len(holder.Items)-1]
	at = d.lineEnd(last.End)
	if err := d.clear(last.End, at); err != nil {
		return 0, 0, "", err
	}
	dash := d.style.newline + strings.Repeat(" ", holder.column) + "-"
	return at, at, dash + d.itemText(holder, v, holder.column+2), nil
}

// addFlow puts a member or an item at index i of a collection with brackets.
func (d *Document) addFlow(holder *Node, i int, key string, v Value) (at, to int, insert string, err error) {
	spots := holder.spots()
	multi := d.spansLines(holder)
	indent := d.flowIndent(holder, spots)
	write := func(v Value) string {
		if multi && !d.tersely(holder, v) {
			return key + d.prettyText(v, indent)
		}
		return key + d.flowText(v)
	}
	if len(spots) == 0 {
		return d.fillEmpty(holder, key, v)
	}
	text := write(v)
	separator := ", "
	if multi {
		separator = "," + d.style.newline + indent
	} else if len(spots) > 1 {
		separator = string(d.text[spots[0].end:spots[1].start])
	} else if d.isJSON && d.style.tight {
		separator = ","
	}
	if strings.ContainsRune(separator, '#') {
		return 0, 0, "", fmt.Errorf("a comment between two values %w", errUnsafe)
	}
	if i == 0 {
		at = spots[0].start
		return at, at, text + separator, nil
	}
	at = spots[i-1].end
	return at, at, separator + text, nil
}

// fillEmpty writes the first value between brackets that held none.
func (d *Document) fillEmpty(holder *Node, key string, v Value) (at, to int, insert string, err error) {
	open, shut := string(d.text[holder.Start]), string(d.text[holder.End-1])
	if d.isJSON && d.style.unit != "" {
		outer := d.indentOf(holder.Start)
		inner := outer + d.style.unit
		return holder.Start, holder.End, open + d.style.newline + inner + key + d.prettyText(v, inner) + d.style.newline + outer + shut, nil
	}
	pad := ""
	if holder.Kind == Mapping {
		pad = d.style.pad
	}
	return holder.Start, holder.End, open + pad + key + d.flowText(v) + pad + shut, nil
}

// A spot is where a member or an item stands.
type spot struct{ start, end int }

func (n *Node) spots() (all []spot) {
	for _, m := range n.Members {
		all = append(all, spot{m.Key.Start, m.Value.End})
	}
	for _, item := range n.Items {
		all = append(all, spot{item.Start, item.End})
	}
	return all
}

// spansLines reports whether what a collection holds begins on a line of its own.
func (d *Document) spansLines(holder *Node) bool {
	spots := holder.spots()
	return len(spots) > 0 && bytes.ContainsRune(d.text[holder.Start:spots[0].start], '\n')
}

func (d *Document) flowIndent(holder *Node, spots []spot) string {
	if len(spots) == 0 {
		return d.indentOf(holder.Start) + d.style.unit
	}
	return d.indentOf(spots[0].start)
}

// tersely reports whether a value goes on one line because all others of its
// kind in the collection do.
func (d *Document) tersely(holder *Node, v Value) bool {
	if !isCollection(v) {
		return true
	}
	if !d.isJSON {
		return true
	}
	seen := false
	for _, m := range holder.Members {
		if m.Value.Kind == Scalar || m.Value.Kind == Alias || len(m.Value.spots()) == 0 {
			continue
		}
		if d.spansLines(m.Value) {
			return false
		}
		seen = true
	}
	for _, item := range holder.Items {
		if item.Kind == Scalar || len(item.spots()) == 0 {
			continue
		}
		if d.spansLines(item) {
			return false
		}
		seen = true
	}
	return seen
}

func isCollection(v Value) bool {
	switch v.(type) {
	case Object, List:
		return true
	}
	return false
}

func (d *Document) lineEnd(at int) int {
	if i := bytes.IndexAny(d.text[at:], "\r\n"); i >= 0 {
		return at + i
	}
	return len(d.text)
}

func (d *Document) lineStart(at int) int { return bytes.LastIndexAny(d.text[:at], "\r\n") + 1 }

// startsLine reports whether only white space stands before a byte on its line.
func (d *Document) startsLine(at int) bool {
	return len(bytes.TrimSpace(d.text[d.lineStart(at):at])) == 0
}

// indentOf is the white space with which the line of a byte begins.
func (d *Document) indentOf(at int) string {
	line := d.text[d.lineStart(at):at]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}
