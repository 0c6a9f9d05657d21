package shape

// This file is the fast path: it learns from the tokens of a text that [pass]
// found valid, so nothing in it can fail. Five things make it fast.
//
//   - The text is read once, for what is valid and for what there is to learn:
//     where each value begins and ends is on the tape.
//   - The next key is predicted: each key remembers which key followed it last
//     time, and the body is compared with that name in place. A hit costs a
//     comparison; no hash, no lookup, no search for the end of the key.
//   - Presence costs one counter: every node counts its occurrences in this
//     document, and only the nodes touched are settled at its end. What is told
//     by tag is counted by variety and brought up to date when somebody reads.
//   - A duplicate key is known by a stamp: the serial number of the last object
//     that had it.
//   - Nothing is computed or allocated twice: short texts and last counters are
//     remembered; sketches, tallies and stacks are reused.

// A walker observes one document after the other into a tree of nodes. It keeps
// nothing of a shape, so that one may serve all; what it remembers is the same
// for each.
type walker struct {
	pass    pass
	b       []byte // what is on the tape, and what comes after it
	limits  Limits
	next    int // place on the tape
	shape   *Shape
	when    int64
	serial  uint64  // of the object that was opened last
	folds   int     // since the text was passed
	frames  []frame // the open containers, outermost first
	touched []*node // nodes that occur in this document
	varied  []*node // nodes that had objects with tags in this document
	seen    keySet  // keys of the open folded objects
	room    int     // for them, before those of closed objects are dropped
	number  number
	scratch []byte // unescaped text
	known   knownWords
}

// observe learns from the document, which is valid, into a root.
func (w *walker) observe(root *node) {
	w.hit(root)
	w.value(root, w.take())
}

// take is the next token. It must not be asked for more than there are.
func (w *walker) take() token {
	if w.next == len(w.pass.tape) {
		w.refill()
	}
	w.next++
	return w.pass.tape[w.next-1]
}

// refill puts the next stretch of a long text on the tape.
func (w *walker) refill() {
	w.b, w.next = w.b[w.pass.at:], 0
	w.pass.stretch(w.b)
}

// value observes the value that begins with a token into n.
func (w *walker) value(n *node, t token) {
	switch w.b[t.at] {
	case '"':
		text, escaped := t.text(w.b)
		if escaped {
			w.scratch = unescape(w.scratch[:0], text)
			text = w.scratch
		}
		w.text(n, text)
	case '{':
		w.object(n)
	case '[':
		w.array(n)
	case 't':
		w.bool(n, true)
	case 'f':
		w.bool(n, false)
	case 'n':
		n.kinds[Null]++
		n.kind, n.form = Null, formless
	default:
		scanNumber(w.b, int(t.at), &w.number)
		w.count(n, &w.number)
	}
}

func (w *walker) object(n *node) {
	f := w.open(n)
	t := w.take()
	if w.b[t.at] == '}' {
		n.emptyObject++
	}
	for ; w.b[t.at] != '}'; t = w.take() {
		kid := t.node
		if kid == nil || w.folds > 0 {
			kid, t = w.find(f, t)
		} else {
			kid = w.meet(f, kid)
		}
		if kid == nil { // a duplicate: the first one is the evidence
			w.skip(t)
		} else {
			w.value(kid, t)
			f.sign(kid)
		}
	}
	w.close(f)
}

func (w *walker) array(n *node) {
	n.kinds[Array]++
	n.kind, n.form = Array, formless
	t := w.take()
	if w.b[t.at] == ']' {
		n.emptyList++
		n.lists().lengths.add(0)
		return
	}
	f, count := w.push(n), uint64(0)
	for ; w.b[t.at] != ']'; t = w.take() {
		w.value(w.item(f), t)
		count++
	}
	f.node.lists().lengths.add(count)
	w.frames = w.frames[:len(w.frames)-1]
}

// skip passes the value that begins with a token, of which nothing is learned.
func (w *walker) skip(t token) {
	for depth := 0; ; t = w.take() {
		switch w.b[t.at] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth == 0 {
			return
		}
	}
}
