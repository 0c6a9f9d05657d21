package shape

import (
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
)

// Objects of one variety have the same keys, values of the same kinds under
// them, and the same values of their tags. Most answers hold few varieties, so
// objects are counted by variety while a document is read, and the rows of the
// tags are brought up to date once for each variety. Formats are only ever
// added: an object whose formats the variety has met brings nothing new.

// varieties are those met lately, by signature.
type varieties struct {
	kept    [varietySlots]variety
	met     uint16 // in this document, a bit for each place
	pending bool   // something is not in the rows yet
}

const varietySlots = 16

type variety struct {
	signature uint64
	doc       uint32 // objects in this document
	alone     uint64 // documents whose only object here was of this variety
	values    [tagSlots]uint32
	has       uint8 // which tags have a value, a bit for each
	keys      []varietyKey
	met       [metForms]uint64 // signatures of formats that are in the keys already
}

const metForms = 4

type varietyKey struct {
	kid, sub int32
	kind     Kind
	forms    formSet
}

// sign adds a key, the kind and the format of its value to the signatures of an
// object.
func (f *frame) sign(kid *node) {
	f.own += kid.mixed * (2*uint64(kid.kind) + 3)
	f.forms += kid.mixed * uint64(kid.form)
}

// classify counts an object that is complete.
func (w *walker) classify(f *frame) {
	o := f.node.object
	o.tagged++
	signature, has := f.own+f.deep, uint8(0)
	for i, t := range o.tags {
		if !t.dead && t.key.stamp == f.serial && t.key.kind == String {
			has |= 1 << i
			signature += spread64(uint64(t.key.said) + uint64(i+1)<<32)
		}
	}
	if has == 0 {
		return
	}
	if o.varieties == nil {
		o.varieties = &varieties{}
	}
	at := signature >> 60
	c := &o.varieties.kept[at]
	if o.varieties.met == 0 {
		w.varied = append(w.varied, f.node)
	}
	o.varieties.met |= 1 << at
	if c.signature != signature || c.has != has {
		o.replace(c, f, has)
		c.signature = signature
	}
	if met := &c.met[f.forms%metForms]; *met != f.forms {
		o.addForms(c)
		*met = f.forms
	}
	c.doc++
}

// addForms adds the formats of the object that was read last to those of its
// variety.
func (o *object) addForms(c *variety) {
	for i := range c.keys {
		k := &c.keys[i]
		n := o.kids[k.kid]
		if k.sub >= 0 {
			n = n.object.kids[k.sub]
		}
		k.forms.add(n.form)
	}
}

// replace makes room for a variety and describes it.
func (o *object) replace(c *variety, f *frame, has uint8) {
	o.applyDoc(c)
	o.applyAlone(c, f.node.pooled)
	c.has, c.keys, c.met = has, slices.Grow(c.keys[:0], min(len(o.kids), 16)), [metForms]uint64{}
	for i, t := range o.tags {
		c.values[i] = t.key.said
	}
	for i, k := range o.kids {
		if k.stamp != f.serial {
			continue
		}
		c.keys = append(c.keys, varietyKey{kid: int32(i), sub: -1, kind: k.kind})
		if k.kind != Object || !k.isRecord() {
			continue
		}
		for j, g := range k.object.kids {
			if g.stamp == k.serial {
				c.keys = append(c.keys, varietyKey{kid: int32(i), sub: int32(j), kind: g.kind})
			}
		}
	}
}

// applyDoc adds the objects of a variety in this document to the counters of the
// document.
func (o *object) applyDoc(c *variety) {
	if c.doc == 0 {
		return
	}
	for i, t := range o.tags {
		if r := t.rowOf(c, i); r != nil {
			r.doc += c.doc
			t.visit(r, c, i, func(into *pair, k varietyKey) {
				into.doc += c.doc
				if k.kind == Object {
					into.docObjects += c.doc
				}
			})
		}
	}
	c.doc = 0
}

// applyAlone adds the documents that had one object only.
func (o *object) applyAlone(c *variety, pooled bool) {
	if c.alone == 0 {
		return
	}
	n, probes := c.alone, c.alone
	if pooled {
		probes = 0
	}
	for i, t := range o.tags {
		if r := t.rowOf(c, i); r != nil {
			r.count, r.with = r.count+n, r.with+probes
			t.visit(r, c, i, func(into *pair, k varietyKey) {
				into.count, into.all = into.count+n, into.all+probes
				if k.kind == Object {
					into.objects, into.with = into.objects+n, into.with+probes
				}
			})
		}
	}
	c.alone = 0
}

func (t *tag) rowOf(c *variety, slot int) *row {
	if t.dead || c.has>>slot&1 == 0 {
		return nil
	}
	return t.row(c.values[slot])
}

// visit passes the cells of a variety in a row.
func (t *tag) visit(r *row, c *variety, slot int, pass func(*pair, varietyKey)) {
	at := 0
	for _, k := range c.keys {
		if k.sub >= 0 && slot >= deepTags {
			continue
		}
		if at = t.pair(r, at, k.kid, k.sub); at < 0 {
			return
		}
		r.pairs[at].looks |= looksOf(1<<k.kind, k.forms)
		pass(&r.pairs[at], k)
	}
}

// settleVarieties ends a document at a node whose objects have tags. Where
// presence per probe is not kept, every object is alone. A node that was folded
// away meanwhile has nothing left.
func (w *walker) settleVarieties(n *node) {
	o := n.object
	if o == nil || o.varieties == nil {
		return
	}
	alone := n.docObjects == 1 || n.pooled
	for met := o.varieties.met; met != 0; met &= met - 1 {
		c := &o.varieties.kept[bits.TrailingZeros16(met)]
		if alone {
			c.alone += uint64(c.doc)
			c.doc = 0
		} else {
			o.applyDoc(c)
		}
	}
	o.varieties.met = 0
	if !alone || n.pooled { // or rows were brought up to date midway
		o.settleRows(n.pooled)
	}
	if !o.varieties.pending {
		o.varieties.pending = true
		w.shape.late.add(n)
	}
}

// late are the nodes whose rows are not up to date.
type late struct {
	nodes   []*node
	some    atomic.Bool
	readers sync.Mutex // that find it so
}

func (l *late) add(n *node) {
	l.nodes = append(l.nodes, n)
	l.some.Store(true)
}

// finish brings all rows up to date, for the first of those who read.
func (l *late) finish() {
	l.readers.Lock()
	defer l.readers.Unlock()
	for _, n := range l.nodes {
		if n.isRecord() {
			n.object.flush(n.pooled)
		}
	}
	l.forget()
}

// forget gives up what is late.
func (l *late) forget() {
	clear(l.nodes)
	l.nodes = l.nodes[:0]
	l.some.Store(false)
}

// flush brings the rows up to date, but for the document being read.
func (o *object) flush(pooled bool) {
	if o.varieties == nil {
		return
	}
	for i := range o.varieties.kept {
		c := &o.varieties.kept[i]
		o.applyDoc(c)
		o.applyAlone(c, pooled)
	}
	o.varieties.met, o.varieties.pending = 0, false
}

// reclass does so because the indexes or slots that varieties hold are about
// to change.
func (o *object) reclass(pooled bool) {
	if o.varieties != nil {
		o.flush(pooled)
		o.varieties.clear()
	}
}

// flushBelow brings the rows below an object up to date before it is folded,
// where presence per probe ends to matter.
func (o *object) flushBelow() {
	o.flush(true)
	o.settleRows(true)
	for _, k := range append(slices.Clip(o.kids), o.rest) {
		for ; k != nil; k = k.items() {
			if k.object != nil {
				k.object.flushBelow()
			}
		}
	}
}

// items is the node of the items of a node's arrays, or nil.
func (n *node) items() *node {
	if n.list == nil {
		return nil
	}
	return n.list.items
}

func (c *varieties) clear() {
	for i := range c.kept {
		c.kept[i].has, c.kept[i].doc, c.kept[i].alone = 0, 0, 0
	}
	c.met, c.pending = 0, false
}

// settleRows tells presence per probe from the counters of a document.
func (o *object) settleRows(pooled bool) {
	for _, t := range o.tags {
		for i := range t.rows {
			if t.rows[i].doc > 0 {
				t.rows[i].settle(pooled)
			}
		}
	}
}

func (r *row) settle(pooled bool) {
	above := uint32(0) // objects that hold the keys below
	for i := range r.pairs {
		c := &r.pairs[i]
		of := r.doc
		if c.sub >= 0 {
			of = above
		} else {
			above = c.docObjects
		}
		if c.doc == 0 {
			continue
		}
		c.count, c.objects = c.count+uint64(c.doc), c.objects+uint64(c.docObjects)
		if !pooled {
			if c.doc == of {
				c.all++
			} else {
				c.some++
			}
			if c.docObjects > 0 {
				c.with++
			}
		}
		c.doc, c.docObjects = 0, 0
	}
	r.count += uint64(r.doc)
	if !pooled {
		r.with++
	}
	r.doc = 0
}
