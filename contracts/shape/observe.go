package shape

// This file is the fast path: one pass over a body that scans and learns at
// once. Four things make it fast.
//
//   - The next key is predicted: each key remembers which key followed it last
//     time, and the body is compared with that name in place. A hit costs a
//     memory comparison; no scan, no hash, no lookup.
//   - Presence costs one counter: every node counts its occurrences in this
//     document, and only the nodes touched are settled at its end.
//   - A duplicate key is known by a stamp: the serial number of the last object
//     that had it.
//   - Nothing is allocated once the nodes are there: sketches, tallies and
//     stacks are reused.

// A walker observes one document after the other into a tree of nodes.
type walker struct {
	checker
	shape   *Shape
	when    int64
	serial  uint64  // of the object that was opened last
	frames  []frame // the open containers, outermost first
	touched []*node // nodes that occur in this document
	varied  []*node // nodes that had objects with tags in this document
	pending []*node // nodes whose rows are not up to date
	seen    keySet  // keys of the open folded objects
	room    int     // for them, before those of closed objects are dropped
	number  number
	scratch []byte // unescaped text
}

func (w *walker) observe(root *node) int {
	w.hit(root)
	return w.value(root, skipSpace(w.b, 0), 0)
}

// value observes the value at i into n and returns the index after it.
func (w *walker) value(n *node, i, depth int) int {
	if i >= len(w.b) {
		return w.stop(i, "the text ends before a value")
	}
	var problem string
	switch b := w.b[i]; b {
	case '"':
		start := i + 1
		end, escaped, problem := scanText(w.b, start)
		if problem != "" {
			return w.stop(end, problem)
		}
		text := w.b[start:end]
		if escaped {
			w.scratch = unescape(w.scratch[:0], text)
			text = w.scratch
		}
		w.text(n, text)
		return end + 1
	case '{':
		return w.object(n, i, depth+1)
	case '[':
		return w.array(n, i, depth+1)
	case 't':
		w.bool(n, true)
		i, problem = scanWord(w.b, i, "true")
	case 'f':
		w.bool(n, false)
		i, problem = scanWord(w.b, i, "false")
	case 'n':
		n.kinds[Null]++
		n.kind = Null
		i, problem = scanWord(w.b, i, "null")
	default:
		if b != '-' && b-'0' > 9 {
			return w.stop(i, "invalid value")
		}
		if i, problem = scanNumber(w.b, i, &w.number); problem == "" {
			w.count(n, &w.number)
		}
	}
	if problem != "" {
		return w.stop(i, problem)
	}
	return i
}

func (w *walker) object(n *node, i, depth int) int {
	if depth > w.limits.Depth {
		return w.tooDeep(i)
	}
	f := w.open(n)
	i = skipSpace(w.b, i+1)
	if i < len(w.b) && w.b[i] == '}' {
		n.emptyObject++
		w.close(f)
		return i + 1
	}
	for {
		if i >= len(w.b) || w.b[i] != '"' {
			return w.stop(i, "expected a key")
		}
		if f.keys++; f.keys > w.limits.Keys {
			return w.tooManyKeys(i)
		}
		kid, next := w.predicted(f, i+1)
		if kid == nil {
			if kid, next = w.key(f, i+1); next < 0 {
				return next
			}
		}
		if i = w.afterKey(next); i < 0 {
			return i
		}
		if kid == nil { // a duplicate: the first one is the evidence
			i = w.skip(i, depth)
		} else {
			i = w.value(kid, i, depth)
			f.sign(kid)
		}
		if i < 0 {
			return i
		}
		more := false
		if i, more = w.separator(i, '}'); !more {
			break
		}
	}
	if i >= 0 {
		w.close(f)
	}
	return i
}

func (w *walker) array(n *node, i, depth int) int {
	if depth > w.limits.Depth {
		return w.tooDeep(i)
	}
	n.kinds[Array]++
	n.kind = Array
	i = skipSpace(w.b, i+1)
	if i < len(w.b) && w.b[i] == ']' {
		n.emptyList++
		n.lists().lengths.add(0)
		return i + 1
	}
	f := w.push(n)
	for count := uint64(1); ; count++ {
		if i = w.value(w.item(f), i, depth); i < 0 {
			return i
		}
		more := false
		if i, more = w.separator(i, ']'); !more {
			f.node.lists().lengths.add(count)
			break
		}
	}
	w.frames = w.frames[:len(w.frames)-1]
	return i
}
