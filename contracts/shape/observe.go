package shape

import (
	"sync"
	"sync/atomic"
)

// This file is the fast path: it learns from a text that [tape.pass] found
// valid, so nothing in it can fail. Five things make it fast.
//
//   - Where each string ends is on the tape already: nothing is scanned twice.
//   - The next key is predicted: each key remembers which key followed it last
//     time, and the body is compared with that name in place. A hit costs a
//     comparison; no hash, no lookup.
//   - Presence costs one counter: every node counts its occurrences in this
//     document, and only the nodes touched are settled at its end. What is told
//     by tag is counted by variety and brought up to date when somebody reads.
//   - A duplicate key is known by a stamp: the serial number of the last object
//     that had it.
//   - Nothing is computed or allocated twice: short texts and last counters are
//     remembered; sketches, tallies and stacks are reused.

// A walker observes one document after the other into a tree of nodes.
type walker struct {
	b       []byte
	limits  Limits
	tape    tape
	next    int // place on the tape
	shape   *Shape
	when    int64
	serial  uint64  // of the object that was opened last
	frames  []frame // the open containers, outermost first
	touched []*node // nodes that occur in this document
	varied  []*node // nodes that had objects with tags in this document
	seen    keySet  // keys of the open folded objects
	room    int     // for them, before those of closed objects are dropped
	number  number
	scratch []byte // unescaped text
	known   knownWords

	pending []*node // nodes whose rows are not up to date
	late    atomic.Bool
	readers sync.Mutex // that find it so
}

// observe learns from the document, which is valid, into a root.
func (w *walker) observe(root *node) {
	w.hit(root)
	w.value(root, skipSpace(w.b, 0))
}

// value observes the value at i into n and returns the index after it.
func (w *walker) value(n *node, i int) int {
	switch w.b[i] {
	case '"':
		end, escaped := w.textEnd(i + 1)
		text := w.b[i+1 : end]
		if escaped {
			w.scratch = unescape(w.scratch[:0], text)
			text = w.scratch
		}
		w.text(n, text)
		return end + 1
	case '{':
		return w.object(n, i)
	case '[':
		return w.array(n, i)
	case 't':
		w.bool(n, true)
		return i + len("true")
	case 'f':
		w.bool(n, false)
		return i + len("false")
	case 'n':
		n.kinds[Null]++
		n.kind = Null
		return i + len("null")
	}
	i, _ = scanNumber(w.b, i, &w.number)
	w.count(n, &w.number)
	return i
}

// textEnd returns where the string ends that starts at i, and whether there
// are escapes in it.
func (w *walker) textEnd(i int) (end int, escaped bool) {
	if w.next < len(w.tape) {
		mark := w.tape[w.next]
		w.next++
		return int(mark >> 1), mark&1 == 1
	}
	end, escaped, _ = scanText(w.b, i)
	return end, escaped
}

func (w *walker) object(n *node, i int) int {
	f := w.open(n)
	if i = passSpace(w.b, i+1); w.b[i] == '}' {
		n.emptyObject++
		w.close(f)
		return i + 1
	}
	for {
		end, escaped := w.textEnd(i + 1)
		kid := w.predicted(f, w.b[i+1:end])
		if kid == nil {
			kid = w.key(f, w.b[i+1:end], escaped)
		}
		i = w.afterKey(end + 1)
		if kid == nil { // a duplicate: the first one is the evidence
			i = w.skip(i)
		} else {
			i = w.value(kid, i)
			f.sign(kid)
		}
		if i = passSpace(w.b, i); w.b[i] == '}' {
			break
		}
		i = passSpace(w.b, i+1)
	}
	w.close(f)
	return i + 1
}

// afterKey passes the colon and the space around it.
func (w *walker) afterKey(i int) int {
	if w.b[i] != ':' {
		i = skipSpace(w.b, i)
	}
	return passSpace(w.b, i+1)
}

// skip passes the value at i, of which nothing is learned.
func (w *walker) skip(i int) int {
	c := checker{b: w.b, limits: w.limits}
	i = c.skip(i, 0)
	for w.next < len(w.tape) && int(w.tape[w.next]>>1) < i {
		w.next++
	}
	return i
}

func (w *walker) array(n *node, i int) int {
	n.kinds[Array]++
	n.kind = Array
	if i = passSpace(w.b, i+1); w.b[i] == ']' {
		n.emptyList++
		n.lists().lengths.add(0)
		return i + 1
	}
	f := w.push(n)
	for count := uint64(1); ; count++ {
		i = w.value(w.item(f), i)
		if i = passSpace(w.b, i); w.b[i] == ']' {
			f.node.lists().lengths.add(count)
			break
		}
		i = passSpace(w.b, i+1)
	}
	w.frames = w.frames[:len(w.frames)-1]
	return i + 1
}
