package contracts

import (
	"bytes"
	"strconv"
	"strings"
)

// highestAt is the highest whole number at a path of a text that is known to be
// JSON; the text is read once, and what is not on the way is skipped. A shape
// keeps two digits of what may be an id, which is too few to see it move.
func highestAt(text []byte, path string) (highest int64, ok bool) {
	w := walk{text: text}
	for name := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		w.way = append(w.way, unescapePointer(name))
	}
	w.value(0)
	return w.highest, w.seen
}

func unescapePointer(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
}

// A walk follows one path through a text.
type walk struct {
	text    []byte
	way     []string
	i       int // where it is
	highest int64
	seen    bool
}

// value reads the value at w.i, whose place is the first so many steps of the way.
func (w *walk) value(steps int) {
	w.space()
	switch {
	case w.i >= len(w.text):
	case steps == len(w.way):
		start := w.i
		w.skip()
		w.note(w.text[start:w.i])
	case w.text[w.i] == '{' && w.way[steps] != "[]":
		w.children('}', func() bool {
			key := w.key()
			w.space()
			w.i++ // the colon
			return string(key) == w.way[steps]
		}, steps)
	case w.text[w.i] == '[' && w.way[steps] == "[]":
		w.children(']', func() bool { return true }, steps)
	default:
		w.skip()
	}
}

// children reads what is in an object or an array, until it ends.
func (w *walk) children(end byte, onTheWay func() bool, steps int) {
	for w.i++; w.i < len(w.text); w.i++ { // past the bracket, then past each comma
		if w.space(); w.i >= len(w.text) || w.text[w.i] == end {
			break
		}
		if onTheWay() {
			w.value(steps + 1)
		} else {
			w.space()
			w.skip()
		}
		if w.space(); w.i >= len(w.text) || w.text[w.i] == end {
			break
		}
	}
	w.i++
}

func (w *walk) key() []byte {
	start := w.i + 1
	w.skip()
	return w.text[min(start, len(w.text)):max(start, min(w.i, len(w.text))-1)]
}

func (w *walk) note(value []byte) {
	if n, err := strconv.ParseInt(string(bytes.Trim(value, `"`)), 10, 64); err == nil && n >= 0 {
		w.highest, w.seen = max(w.highest, n), true
	}
}

func (w *walk) space() {
	for w.i < len(w.text) && w.text[w.i] <= ' ' {
		w.i++
	}
}

// skip goes past one value of any kind.
func (w *walk) skip() {
	for depth := 0; w.i < len(w.text); {
		switch c := w.text[w.i]; c {
		case '"':
			w.quoted()
		case '{', '[':
			depth++
			w.i++
		case '}', ']':
			if depth == 0 {
				return
			}
			depth--
			w.i++
		case ',', ':', ' ', '\n', '\r', '\t':
			if depth == 0 {
				return
			}
			w.i++
			continue
		default:
			w.literal()
		}
		if depth == 0 {
			return
		}
	}
}

// quoted goes past a text in quotes.
func (w *walk) quoted() {
	for w.i++; w.i < len(w.text); w.i++ {
		switch w.text[w.i] {
		case '\\':
			w.i++
		case '"':
			w.i++
			return
		}
	}
}

// literal goes past a number, true, false or null.
func (w *walk) literal() {
	for w.i < len(w.text) && !bytes.ContainsRune([]byte(",:]}\" \n\r\t"), rune(w.text[w.i])) {
		w.i++
	}
}
