package shape

import "slices"

// A frame is an open object or array.
type frame struct {
	node   *node
	serial uint64 // of the object
	last   *node  // the key before this one; nil at the start
	set    uint64 // running signature of the key set
	own    uint64 // of the keys and the kinds of their values
	deep   uint64 // of those of the objects right below
	forms  uint64 // of the keys and the formats of their values, here and right below
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
		n.parent.object.count(n, 1)
	}
	w.grow(n)
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
	n.kind, n.form, n.serial = Object, formless, w.serial
	f := w.push(n)
	f.serial = w.serial
	return f
}

// close ends an object: its key set is complete.
func (w *walker) close(f *frame) {
	if o := f.node.object; o.rest == nil {
		o.sets.add(uint32(f.set>>32), 1, nil)
		w.classify(f)
	}
	w.frames = w.frames[:len(w.frames)-1]
	if len(w.frames) > 0 {
		above := &w.frames[len(w.frames)-1]
		above.deep += spread64(f.own ^ f.node.mixed)
		above.forms += spread64(f.forms ^ f.node.mixed)
	}
	if len(w.seen) > w.room {
		w.room = w.seen.dropClosed(w.frames)
	}
}

// settle ends a document: presence per probe is told from the counters of the
// nodes it touched, which are then ready for the next. What holds a node was
// touched before it, so it comes after it here.
func (w *walker) settle() {
	for _, n := range w.varied {
		w.settleVarieties(n)
	}
	for i := len(w.touched) - 1; i >= 0; i-- {
		n := w.touched[i]
		if !n.pooled {
			n.settle()
		}
		n.doc, n.docObjects = 0, 0
	}
	w.release()
}

func (n *node) settle() {
	if n.parent == nil || n.item || n.doc == n.parent.docObjects {
		n.all++
	} else {
		n.some++
	}
	if n.docObjects > 0 {
		n.with++
	}
}

// release forgets the document.
func (w *walker) release() {
	clear(w.varied)
	clear(w.touched)
	w.varied, w.touched, w.frames, w.b, w.next = w.varied[:0], w.touched[:0], w.frames[:0], nil, 0
	if len(w.seen) > 0 {
		w.seen.clear()
	}
	w.room = manyKeys
}

// reserve makes room for the deepest nesting, so that frames never move.
func (w *walker) reserve() {
	w.frames = slices.Grow(w.frames[:0], w.limits.Depth+2)
}
