package shape

import (
	"slices"
	"strings"
)

// A node is what is known of one path. All of its statistics are sums, minima,
// maxima, greatest common divisors or bottom-k sketches; the zero node is the
// identity of their merge.
type node struct {
	// What every occurrence touches comes first and lies together.
	word              // private also when what holds it is
	stamp      uint64 // the last object that had this key
	next       *node  // the key that followed this one last time
	count      uint64
	doc        uint64 // occurrences in this document
	docObjects uint64 // of these, objects
	kind       Kind   // of the last value
	form       form   // of the last value
	item       bool   // it is what an array holds; its name is "[]"
	pooled     bool   // lies in a folded map: presence per probe has no meaning and is not kept
	said       uint32 // hash of the last text
	kinds      KindCounts
	text       *texts
	nums       *numbers
	list       *list
	object     *object
	tag        *tag   // what is known by its values; nil when it has no slot
	serial     uint64 // of the last object that was its value
	values     sketch

	parent *node
	index  int // among the kids of its object
	depth  int
	level  int // of the budget: depth without the arrays, unless they hold arrays

	trues       uint64 // booleans that were true
	duplicates  uint64 // repetitions of the key within one object; not counted elsewhere
	all, some   uint64 // probes in which all, or some, parent objects had it
	with        uint64 // probes in which it was an object at least once
	first, last int64  // Unix seconds; meaningless when count is 0
	emptyText   uint64
	emptyList   uint64
	emptyObject uint64

	weight int // of the subtree, see grow; 0 when count is 0
}

// texts is what is known of the strings at a path.
type texts struct {
	formats tally
	lengths span
}

// list is what is known of the arrays at a path.
type list struct {
	lengths span
	items   *node // nil until an item was seen
}

// object is what is known of the objects at a path. While it is light it is
// kept key by key. When its weight or its number of keys is over the budget it
// is folded: one node stands for the values of all keys.
type object struct {
	kids  []*node // in order of first sight, live or not; nil once folded
	table []*node // kids by hash, open addressing; nil for few
	live  int     // kids with a count
	data  int     // of these, keys that are data by their form
	first *node   // the key that came first last time
	sets  sketch

	tags      []*tag // the strings that may tell variants apart, best first
	tagged    uint64 // objects counted by them; fewer than all after version 1
	varieties *varieties
	spare     []*tag // for tags to come

	rest    *node  // all values, once folded
	names   sketch // hashes of the keys, once folded
	forms   tally  // formats of the keys, once folded
	entries uint64 // key-value pairs, once folded
	words   sketch // hashes of the keys that are no data by their form, once folded
	vague   bool   // words are not known: it was folded before they were kept
}

const restName, itemName = "{}", "[]"

func newItem(parent *node) *node { return new(node).asItem(parent) }

// asItem, asRest and asKid make a zero node what an array, a map and a record
// hold.
func (n *node) asItem(parent *node) *node {
	n.below(parent)
	n.name, n.item, n.private, n.pooled = itemName, true, parent.private, parent.pooled
	if n.level = parent.level; parent.item {
		n.level++
	}
	return n
}

func newRest(parent *node) *node { return new(node).asRest(parent) }

func (n *node) asRest(parent *node) *node {
	n.below(parent)
	n.name, n.private, n.pooled = restName, true, true
	return n
}

func newKid(parent *node, w *word) *node { return new(node).asKid(parent, w) }

func (n *node) asKid(parent *node, w *word) *node {
	n.below(parent)
	n.word, n.values.ids, n.pooled = *w, w.id, parent.pooled
	return n
}

func (n *node) below(parent *node) {
	n.parent, n.depth, n.level = parent, parent.depth+1, parent.level+1
}

// is reports whether raw bytes of a body are the node's name.
func (n *node) is(name []byte) bool { return n.plain && string(name) == n.name }

// few is the number of kids up to which a linear search is used.
const few = 8

func (o *object) kid(hash uint64) *node {
	if o.table == nil {
		for _, k := range o.kids {
			if k.hash == hash {
				return k
			}
		}
		return nil
	}
	mask := uint64(len(o.table) - 1)
	for i := hash & mask; o.table[i] != nil; i = (i + 1) & mask {
		if o.table[i].hash == hash {
			return o.table[i]
		}
	}
	return nil
}

func (o *object) addKid(k *node) {
	k.index = len(o.kids)
	o.kids = append(o.kids, k)
	if len(o.kids) > few && 2*len(o.kids) > len(o.table) {
		o.table = make([]*node, max(32, 2*len(o.table)))
		for _, k := range o.kids {
			o.enter(k)
		}
	} else if o.table != nil {
		o.enter(k)
	}
}

// expect makes room for so many kids, to be kept in a list of that room.
func (o *object) expect(kids int, room []*node) {
	o.kids = room[:0]
	if kids > few {
		o.table = make([]*node, tableSize(kids))
	}
}

// tableSize is the size at which a table holds so many kids.
func tableSize(kids int) int {
	size := 32
	for 2*kids > size {
		size *= 2
	}
	return size
}

// count adds a kid to those that are live, or takes one away.
func (o *object) count(k *node, by int) {
	o.live += by
	if k.word.data {
		o.data += by
	}
}

func (o *object) enter(k *node) {
	mask := uint64(len(o.table) - 1)
	i := k.hash & mask
	for o.table[i] != nil {
		i = (i + 1) & mask
	}
	o.table[i] = k
}

// step is the child that a node of the same place has under another parent.
func (n *node) step(child *node) *node {
	switch {
	case child.item:
		return n.list.items
	case n.object.rest != nil:
		return n.object.rest
	}
	return n.object.kid(child.hash)
}

func (n *node) texts() *texts {
	if n.text == nil { // most have few formats and sizes: their cells come along
		made := new(struct {
			texts
			formats, sizes [4]cell
		})
		n.text = &made.texts
		n.text.formats.cells, n.text.lengths.sizes.cells = made.formats[:], made.sizes[:]
	}
	return n.text
}

func (n *node) numbers() *numbers {
	if n.nums == nil {
		made := new(struct {
			numbers
			places [4]cell
		})
		n.nums = &made.numbers
		n.nums.places.cells = made.places[:]
	}
	return n.nums
}

func (n *node) lists() *list {
	if n.list == nil {
		n.list = &list{}
	}
	return n.list
}

func (n *node) objects() *object {
	if n.object == nil {
		n.object = &object{}
	}
	return n.object
}

// reset forgets the counts of a subtree and keeps its memory. A folded object
// is given up: the next answer may be light.
func (n *node) reset() {
	if n.count == 0 {
		return
	}
	n.count, n.kinds, n.trues, n.duplicates = 0, KindCounts{}, 0, 0
	n.all, n.some, n.with, n.weight = 0, 0, 0, 0
	n.emptyText, n.emptyList, n.emptyObject = 0, 0, 0
	n.values.reset()
	if n.text != nil {
		n.text.formats.reset()
		n.text.lengths.reset()
	}
	if n.nums != nil {
		n.nums.reset()
	}
	if n.list != nil {
		n.list.lengths.reset()
		if n.list.items != nil {
			n.list.items.reset()
		}
	}
	if n.object != nil && n.object.rest != nil {
		n.object = nil
	}
	if n.object != nil {
		n.object.reset()
	}
}

func (o *object) reset() {
	for _, k := range o.kids {
		k.reset()
	}
	o.live, o.data = 0, 0
	o.sets.reset()
	o.resetTags()
}

// sorted lists the live kids by name.
func (o *object) sorted() []*node {
	kids := make([]*node, 0, o.live)
	for _, k := range o.kids {
		if k.count > 0 {
			kids = append(kids, k)
		}
	}
	slices.SortFunc(kids, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	return kids
}
