package shape

import (
	"cmp"
	"slices"
	"strings"
)

// Objects of one list may be of several kinds, told apart by a string: the tag
// of a tagged union. Which string that is, if any, is decided when reading
// (see [Union]). What is kept here is enough for it, and exact: for each
// string that may be a tag, and each of its values, which keys the objects
// with that value had.
//
// Three bounds keep it small. Each depends only on the set of what was seen,
// never on its order, so any split leaves the same state:
//
//   - an object has tagSlots candidates, the best by name and then by hash; one
//     that is no tag keeps its slot;
//   - a candidate with more than tagValues values, or one value that is no
//     code (a time, a number, an address, a sentence), or more than tagPairs
//     pairs of value and key, is dead for good;
//   - what lies in the objects right below, as the attributes beside a type do,
//     is kept for the first deepTags candidates.
const (
	tagSlots  = 6
	tagValues = 24
	tagPairs  = 384
	deepTags  = 2
)

// A tag is a string that may tell the variants of an object apart.
type tag struct {
	key   *node
	dead  bool
	rows  []row // by value, unordered; none once dead
	used  int   // pairs for keys of the object itself, in all rows
	vague bool  // formats are not known: some of it was learned before they were kept
}

// A row is what is known of the objects in which a tag had one value.
type row struct {
	value uint32 // hash
	count uint64 // objects
	with  uint64 // probes that had one
	doc   uint32 // objects in this document
	pairs []pair // by kid and sub
}

// A pair is what is known of one key in the objects of a row.
type pair struct {
	kid, sub   int32 // index of the key, and of the key below it; sub is -1 for the key itself
	count      uint64
	objects    uint64 // of these, objects
	with       uint64 // probes in which it was an object at least once
	all, some  uint64 // probes in which all, or some, of the objects had it
	doc        uint32 // occurrences in this document
	docObjects uint32
	looks      looks
}

// tagWords end the names of tags, in two ranks.
var tagWords = [2][]string{
	{"type", "kind", "object", "event", "typename", "class", "discriminator", "variant", "schema"},
	{"action", "category", "resource", "entity", "method", "mode", "status", "state", "model", "op", "operation", "format", "role", "tag"},
}

// tagRank is 0 for names by which vendors tell variants apart, 1 for names that
// may, 2 for others.
func tagRank(name string) int {
	var before, last string
	eachWord(strings.Trim(name, "_@$"), func(word string) { before, last = last, word })
	if before == last+"s" { // the singular of a last word comes after it
		last = before
	}
	for rank, words := range tagWords {
		if slices.Contains(words, last) {
			return rank
		}
	}
	return len(tagWords)
}

// enroll gives a key that held a string for the first time its slot.
func (n *node) enroll() {
	if p := n.parent; p != nil && !n.item && !n.private && p.object != nil && n != p.object.rest {
		p.object.enroll(n, p.pooled)
	}
}

func (o *object) enroll(kid *node, pooled bool) {
	at := slices.IndexFunc(o.tags, func(t *tag) bool {
		return cmp.Or(cmp.Compare(kid.rank, t.key.rank), cmp.Compare(kid.hash, t.key.hash)) < 0
	})
	if at < 0 {
		at = len(o.tags)
	}
	if kid.tag != nil || at == tagSlots {
		return
	}
	o.reclass(pooled)
	if o.tags = slices.Insert(o.tags, at, o.newTag(kid)); len(o.tags) > tagSlots {
		o.tags[tagSlots].key.tag = nil
		o.tags = o.tags[:tagSlots]
	}
	kid.tag = o.tags[at]
	if len(o.tags) > deepTags {
		o.tags[deepTags].forget(func(c pair) bool { return c.sub >= 0 })
	}
}

// newTag reuses what a reset left.
func (o *object) newTag(kid *node) *tag {
	last := len(o.spare) - 1
	if last < 0 {
		return &tag{key: kid}
	}
	t := o.spare[last]
	o.spare = o.spare[:last]
	*t = tag{key: kid, rows: t.rows[:0]}
	return t
}

// meet makes sure that there is a row for a value, or ends the tag.
func (t *tag) meet(value uint32, text []byte, f format) {
	if t.dead || t.row(value) != nil {
		return
	}
	if len(t.rows) == tagValues || !isSafeText(text, f) {
		t.die()
		return
	}
	t.addRow(value)
}

func (t *tag) die() { t.dead, t.rows, t.used = true, t.rows[:0], 0 }

func (t *tag) row(value uint32) *row {
	for i := range t.rows {
		if t.rows[i].value == value {
			return &t.rows[i]
		}
	}
	return nil
}

func (t *tag) addRow(value uint32) *row {
	if len(t.rows) < cap(t.rows) { // its pairs keep their memory
		t.rows = t.rows[:len(t.rows)+1]
		r := &t.rows[len(t.rows)-1]
		*r = row{value: value, pairs: r.pairs[:0]}
		return r
	}
	t.rows = append(t.rows, row{value: value})
	return &t.rows[len(t.rows)-1]
}

// forgetBelow drops what the tags of the object that holds p know of the keys
// of p, because p is being folded: they are data from now on.
func (p *node) forgetBelow() {
	q := p.parent
	if q == nil || p.item || q.object == nil || q.object.rest != nil || p.index >= len(q.object.kids) || q.object.kids[p.index] != p {
		return
	}
	q.object.reclass(q.pooled)
	for _, t := range q.object.tags {
		t.forget(func(c pair) bool { return c.sub >= 0 && int(c.kid) == p.index })
	}
}

// leaveTags drops what is known by tag of a key that is dropped. Its slot, if
// it had one, goes to the next key, of which nothing is known yet.
func (n *node) leaveTags() {
	p, o := n.parent, n.parent.object
	for _, t := range o.tags {
		t.forget(func(c pair) bool { return int(c.kid) == n.index })
	}
	o.tags = slices.DeleteFunc(o.tags, func(t *tag) bool { return t.key == n })
	n.tag = nil
	for _, k := range o.kids {
		if k.kinds[String] > 0 {
			k.enroll()
		}
	}
	if q := p.parent; q != nil && !p.item && q.isRecord() {
		for _, t := range q.object.tags {
			t.forget(func(c pair) bool { return int(c.kid) == p.index && int(c.sub) == n.index })
		}
	}
}

func (t *tag) forget(which func(pair) bool) {
	t.used = 0
	for i := range t.rows {
		r := &t.rows[i]
		r.pairs = slices.DeleteFunc(r.pairs, which)
		for _, p := range r.pairs {
			if p.sub < 0 {
				t.used++
			}
		}
	}
}

func (o *object) resetTags() {
	for _, t := range o.tags {
		t.key.tag = nil
	}
	o.spare = append(o.spare, o.tags...)
	o.tags, o.tagged = o.tags[:0], 0
	if o.varieties != nil {
		o.varieties.clear()
	}
}

// find returns the place of a pair, from a hint on, and whether it is there.
func (r *row) find(from int, kid, sub int32) (at int, found bool) {
	for at = from; at < len(r.pairs); at++ {
		c := &r.pairs[at]
		if c.kid == kid && c.sub == sub {
			return at, true
		}
		if c.kid > kid || c.kid == kid && c.sub > sub {
			return at, false
		}
	}
	return at, false
}

// pair finds or makes a pair; the next one is not before it. It ends the tag
// when there are too many.
func (t *tag) pair(r *row, from int, kid, sub int32) int {
	at, found := r.find(from, kid, sub)
	if found {
		return at
	}
	if sub < 0 {
		if t.used++; t.used > tagPairs {
			t.die()
			return -1
		}
	}
	r.pairs = slices.Insert(r.pairs, at, pair{kid: kid, sub: sub})
	return at
}

// mergeTags adds the tags of another object; kids are merged already.
func (o *object) mergeTags(src *object, pooled bool) {
	o.tagged += src.tagged
	for _, t := range src.tags {
		o.enroll(o.kid(t.key.hash), pooled)
	}
	if len(src.tags) == 0 {
		return
	}
	places := o.places(src)
	for _, t := range src.tags {
		if mine := o.kid(t.key.hash).tag; mine != nil {
			mine.merge(t, places, slices.Index(o.tags, mine) < deepTags, pooled)
		}
	}
}

// A place says where a pair of another object belongs in this one.
type place struct {
	kid  int32
	subs []int32 // of the keys below; nil when they are not kept
}

func (o *object) places(src *object) []place {
	places := make([]place, len(src.kids))
	for i, k := range src.kids {
		mine := o.kid(k.hash)
		if mine == nil {
			continue // dead
		}
		places[i].kid = int32(mine.index)
		if !k.isRecord() || !mine.isRecord() {
			continue
		}
		places[i].subs = make([]int32, len(k.object.kids))
		for j, g := range k.object.kids {
			if sub := mine.object.kid(g.hash); sub != nil {
				places[i].subs[j] = int32(sub.index)
			}
		}
	}
	return places
}

// isRecord reports whether a node's objects are kept key by key.
func (n *node) isRecord() bool { return n.object != nil && n.object.rest == nil }

func (t *tag) merge(src *tag, places []place, deep, pooled bool) {
	if src.dead && !t.dead {
		t.die()
	}
	t.vague = t.vague || src.vague
	for i := range src.rows {
		if t.dead {
			return
		}
		from := &src.rows[i]
		into := t.row(from.value)
		if into == nil {
			if len(t.rows) == tagValues {
				t.die()
				return
			}
			into = t.addRow(from.value)
		}
		into.count += from.count
		if !pooled {
			into.with += from.with
		}
		at := 0
		for i := range from.pairs {
			c := &from.pairs[i]
			at = t.mergePair(into, c, places[c.kid], at, deep, pooled)
		}
	}
}

// mergePair adds a pair; hint is where it may belong, the result where the next
// one may.
func (t *tag) mergePair(r *row, c *pair, p place, hint int, deep, pooled bool) int {
	sub := c.sub
	switch {
	case t.dead:
		return hint
	case sub >= 0 && (!deep || p.subs == nil):
		return hint
	case sub >= 0:
		sub = p.subs[sub]
	}
	at := t.pair(r, r.near(hint, p.kid, sub), p.kid, sub)
	if at < 0 {
		return hint
	}
	into := &r.pairs[at]
	into.count, into.objects, into.looks = into.count+c.count, into.objects+c.objects, into.looks|c.looks
	if !pooled {
		into.with, into.all, into.some = into.with+c.with, into.all+c.all, into.some+c.some
	}
	return at + 1
}

// guess is a place at or before a pair, found by halving.
func (r *row) guess(kid, sub int32) int {
	low, high := 0, len(r.pairs)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if r.pairs[middle].before(kid, sub) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// near is a place at or before a pair: the hint when it is the pair's, or would
// be.
func (r *row) near(hint int, kid, sub int32) int {
	if (hint == len(r.pairs) || !r.pairs[hint].before(kid, sub)) && (hint == 0 || r.pairs[hint-1].before(kid, sub)) {
		return hint
	}
	return r.guess(kid, sub)
}

func (c *pair) before(kid, sub int32) bool { return c.kid < kid || c.kid == kid && c.sub < sub }
