package shape

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"
)

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
	seen    keySet  // keys of the open folded objects
	number  number
	scratch []byte // unescaped text
}

// A frame is an open object or array.
type frame struct {
	node   *node
	serial uint64 // of the object
	last   *node  // the key before this one; nil at the start
	set    uint64 // running signature of the key set
	keys   int
}

func (w *walker) observe(root *node) int {
	w.hit(root)
	return w.value(root, skipSpace(w.b, 0), 0)
}

// hit counts an occurrence of a node, before its value is known.
func (w *walker) hit(n *node) {
	n.count++
	if n.doc++; n.doc == 1 {
		w.touch(n)
	}
}

// touch is what a node's first occurrence in a document costs.
func (w *walker) touch(n *node) {
	w.touched = append(w.touched, n)
	if n.count > 1 {
		n.first, n.last = min(n.first, w.when), max(n.last, w.when)
		return
	}
	n.first, n.last = w.when, w.when
	if n.parent != nil && n.parent.object != nil && !n.item && n != n.parent.object.rest {
		n.parent.object.live++
	}
	w.grow(n)
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

// item is the node of an array's items, with one more occurrence.
func (w *walker) item(f *frame) *node {
	l := f.node.lists()
	if l.items == nil {
		l.items = newItem(f.node)
	}
	w.hit(l.items)
	return f.node.list.items // hit may have folded an outer object
}

func (w *walker) push(n *node) *frame {
	w.frames = append(w.frames, frame{node: n})
	return &w.frames[len(w.frames)-1]
}

// open begins an object. The frames never move: their room is reserved.
func (w *walker) open(n *node) *frame {
	n.kinds[Object]++
	n.docObjects++
	n.objects()
	w.serial++
	f := w.push(n)
	f.serial = w.serial
	return f
}

// close ends an object: its key set is complete.
func (w *walker) close(f *frame) {
	if o := f.node.object; o.rest == nil {
		o.sets.add(uint32(f.set>>32), 1, nil)
	}
	w.frames = w.frames[:len(w.frames)-1]
}

// predicted tries the key that followed last time; next is the index after
// the closing quote.
func (w *walker) predicted(f *frame, i int) (kid *node, next int) {
	if f.last != nil {
		kid = f.last.next
	} else {
		kid = f.node.object.first
	}
	if kid == nil || !kid.plain {
		return nil, 0
	}
	end := i + len(kid.name)
	if end >= len(w.b) || w.b[end] != '"' || string(w.b[i:end]) != kid.name || kid.stamp == f.serial {
		return nil, 0
	}
	f.last = kid
	return w.meet(f, kid), end + 1
}

// key reads a key that was not predicted. The node is nil for a duplicate.
func (w *walker) key(f *frame, i int) (kid *node, next int) {
	end, escaped, problem := scanText(w.b, i)
	if problem != "" {
		return nil, w.stop(end, problem)
	}
	name := w.b[i:end]
	if escaped {
		w.scratch = unescape(w.scratch[:0], name)
		name = w.scratch
	}
	if len(name) > w.limits.KeyBytes {
		name = cutName(name, w.limits.KeyBytes)
	}
	return w.named(f, name), end + 1
}

// named finds or makes the node of a key.
func (w *walker) named(f *frame, name []byte) *node {
	hash := xxh3.Hash(name)
	o := f.node.object
	if o.rest != nil {
		return w.entry(f, name, hash)
	}
	kid := o.kid(hash)
	if kid == nil {
		kid = newKid(f.node, string(name), hash)
		o.addKid(kid)
	}
	if kid.stamp == f.serial {
		f.node.duplicates++
		return nil
	}
	if f.last != nil {
		f.last.next = kid
	} else {
		o.first = kid
	}
	f.last = kid
	return w.meet(f, kid)
}

// meet counts a key that is new in this object.
func (w *walker) meet(f *frame, kid *node) *node {
	kid.stamp = f.serial
	f.set += spread64(kid.hash)
	folds := w.shape.folds
	w.hit(kid)
	if w.shape.folds != folds { // kid or what holds it has moved
		f.last = nil
		return f.node.step(kid)
	}
	return kid
}

// entry is the node of a key of a folded object.
func (w *walker) entry(f *frame, name []byte, hash uint64) *node {
	if !w.seen.add(f.serial, hash) {
		f.node.duplicates++
		return nil
	}
	f.node.object.enterKey(name, hash, 1)
	w.hit(f.node.object.rest)
	return f.node.object.rest
}

func (o *object) enterKey(name []byte, hash, count uint64) {
	o.entries += count
	o.names.mergeOne(uint32(hash>>32), count, nil)
	o.forms.add(uint32(classify(name)), count)
}

// cutName keeps the start of a long key and ends it in its hash.
func cutName(name []byte, limit int) []byte {
	start := strings.ToValidUTF8(string(name[:limit-17]), "")
	return fmt.Appendf(nil, "%s~%016x", start, xxh3.Hash(name))
}

func (w *walker) bool(n *node, v bool) {
	n.kinds[Bool]++
	if v {
		n.trues++
	}
}

func (w *walker) text(n *node, b []byte) {
	n.kinds[String]++
	t := n.texts()
	t.lengths.add(uint64(len(b)))
	f := classify(b)
	if len(b) == 0 {
		n.emptyText++
	} else {
		t.formats.add(uint32(f), 1)
	}
	hash := uint32(xxh3.Hash(b) >> 32)
	if v := &n.values; !v.over || hash <= v.worst {
		safe := !n.private && isSafeText(b, f)
		v.remember(hash, b, safe)
	}
}

func (w *walker) count(n *node, v *number) {
	kind := Int
	if v.frac {
		kind = Frac
	}
	n.kinds[kind]++
	if unit := n.numbers().add(v, w.when); unit != plain {
		n.texts().formats.add(uint32(unit), 1)
	}
	var hash uint32
	if i, ok := v.int64(); ok && (i != 0 || !v.negative) { // -0 is another literal than 0
		hash = mix(uint64(i) + 1)
	} else {
		hash = uint32(xxh3.HashSeed(v.literal, uint64(kind)) >> 32)
	}
	if s := &n.values; !s.over || hash <= s.worst {
		s.remember(hash, v.literal, !n.private && isSafeNumber(v.literal))
	}
}

// remember adds one value, with its text when that is safe.
func (s *sketch) remember(hash uint32, text []byte, safe bool) {
	if !safe {
		text = nil
	}
	s.mergeOne(hash, 1, text)
}

func spread64(v uint64) uint64 {
	v = (v ^ v>>32) * 0x9FB21C651E98DF25
	return v ^ v>>28
}

// settle ends a document: presence per probe is told from the counters of the
// nodes it touched.
func (w *walker) settle() {
	for _, n := range w.touched {
		if n.pooled {
			continue
		}
		if n.parent == nil || n.item || n.doc == n.parent.docObjects {
			n.all++
		} else {
			n.some++
		}
		if n.docObjects > 0 {
			n.with++
		}
	}
	w.release()
}

// release forgets the document.
func (w *walker) release() {
	for _, n := range w.touched {
		n.doc, n.docObjects = 0, 0
	}
	clear(w.touched)
	w.touched, w.frames, w.b = w.touched[:0], w.frames[:0], nil
	w.seen.clear()
}

// A keySet knows the keys of the open folded objects, whose nodes cannot say.
type keySet map[[2]uint64]struct{}

// add reports whether the key is new in the object.
func (s *keySet) add(serial, hash uint64) bool {
	if *s == nil {
		*s = keySet{}
	}
	key := [2]uint64{serial, hash}
	if _, found := (*s)[key]; found {
		return false
	}
	(*s)[key] = struct{}{}
	return true
}

func (s *keySet) has(serial, hash uint64) bool {
	_, found := (*s)[[2]uint64{serial, hash}]
	return found
}

func (s *keySet) clear() {
	if len(*s) > 1<<16 {
		*s = nil
	}
	clear(*s)
}

// reserve makes room for the deepest nesting, so that frames never move.
func (w *walker) reserve() {
	w.frames = slices.Grow(w.frames[:0], w.limits.Depth+2)
}
