package shape

// The weight of a node is the number of nodes that its subtree would have if
// everything were kept: 1 + the weights of its children. An object whose
// weight passes the budget of its level and of its number of keys is folded: the
// nodes of its keys are merged into one, and its weight stays above the budget
// for good.
//
// Weights and keys only grow when evidence is added, whatever is added first,
// more keys never have a larger budget, and a folded object weighs at least as
// much as any light part of it. So an object is folded in the whole if and only
// if the whole is too heavy, however it was split: folding is as exact as the
// sums are.

// grow adds the weight of a new node to what holds it, and folds what got too
// heavy.
func (w *walker) grow(n *node) {
	added := 1 - n.weight
	n.weight = 1
	w.outweigh(n.parent, added)
}

// outweigh adds a weight to a node and to what holds it.
func (w *walker) outweigh(p *node, added int) {
	for ; p != nil && added > 0; p = p.parent {
		before := p.weight
		switch o := p.object; {
		case o != nil && o.rest != nil:
			p.weight = foldedWeight(p, w.limits) + listWeight(p)
		default:
			p.weight += added
			if o != nil && p.tooHeavy(w.limits) {
				w.fold(p)
			}
		}
		added = p.weight - before
	}
}

func listWeight(n *node) int {
	if n.list == nil || n.list.items == nil {
		return 0
	}
	return n.list.items.weight
}

// tooHeavy reports whether an object that is kept key by key has to be folded.
func (n *node) tooHeavy(l Limits) bool {
	o := n.object
	return n.weight-listWeight(n) > l.budget(n.level, o.live) || o.data > dataKeys
}

// foldedWeight is at least what any light part of the object can weigh: no more
// than the budget of its number of keys, and no more than so many values, none
// of which outweighs what all of them weigh together.
func foldedWeight(n *node, l Limits) int {
	rest, keys := n.object.rest.weight, n.object.lightKeys()
	most := rest
	for i := range budgets {
		most = max(most, min(l.of(&budgets[i], n.level), min(keys, budgets[i].keys)*rest))
	}
	return 1 + most
}

// lightKeys is the most keys that a light part of a folded object can have:
// those that are no data, and as many others as are kept.
func (o *object) lightKeys() int {
	if o.vague || o.words.over {
		return recordKeys
	}
	return min(recordKeys, dataKeys+len(o.words.hashes))
}

// fold folds an object while a document is being read. Open containers below
// it move to their new nodes, which are told the keys seen so far.
func (w *walker) fold(p *node) {
	for i := range w.frames {
		f := &w.frames[i]
		for _, k := range f.kids() {
			if k.stamp == f.serial {
				w.seen.add(f.serial, k.hash)
			}
		}
	}
	p.object.flushBelow()
	w.shape.fold(p)
	w.folds++
	for i := range w.frames {
		f := &w.frames[i]
		f.last = nil
		if i > 0 {
			was := f.node
			f.node = w.frames[i-1].node.step(was)
			f.node.recall(was, f.serial)
		}
		for _, k := range f.kids() {
			if w.seen.has(f.serial, k.hash) {
				k.stamp = f.serial
			}
		}
	}
}

// recall takes over what a node's other self knows of the keys of its last
// object.
func (n *node) recall(was *node, serial uint64) {
	if n == was || !n.isRecord() || !was.isRecord() {
		return
	}
	n.serial = was.serial
	for _, k := range was.object.kids {
		if k.stamp != serial {
			continue
		}
		if mine := n.object.kid(k.hash); mine != nil {
			mine.stamp, mine.kind, mine.form, mine.said, mine.serial = k.stamp, k.kind, k.form, k.said, k.serial
			mine.recall(k, k.serial)
		}
	}
}

// kids are the nodes of an open object's keys.
func (f *frame) kids() []*node {
	if f.serial == 0 || f.node.object == nil {
		return nil
	}
	return f.node.object.kids
}

// fold merges the nodes of all keys of an object into one.
func (s *Shape) fold(p *node) {
	p.forgetBelow()
	o := p.object
	rest := newRest(p)
	kids := o.kids
	*o = object{rest: rest}
	for _, k := range kids {
		if k.count > 0 {
			o.enterKey([]byte(k.name), k.hash, k.count)
			s.merge(rest, k)
		}
	}
	p.weight = foldedWeight(p, s.limits) + listWeight(p)
}

// weigh finds a node's weight from its children's and folds it when too heavy.
func (s *Shape) weigh(n *node) {
	n.weight = 1 + listWeight(n)
	o := n.object
	switch {
	case o == nil || n.kinds[Object] == 0:
		return
	case o.rest != nil:
		n.weight = foldedWeight(n, s.limits) + listWeight(n)
		return
	}
	for _, k := range o.kids {
		n.weight += k.weight
	}
	if n.tooHeavy(s.limits) {
		s.fold(n)
	}
}
