package shape

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"
)

// find finds the node of a key that the pass did not know, or that has moved
// since, and the token of its value. The node is nil for a duplicate.
func (w *walker) find(f *frame, t token) (*node, token) {
	if t.node != nil {
		return w.named(f, []byte(t.node.name), t.node.hash), t
	}
	name, escaped := t.text(w.b)
	if escaped {
		w.scratch = unescape(w.scratch[:0], name)
		name = w.scratch
	}
	if len(name) > w.limits.KeyBytes {
		name = cutName(name, w.limits.KeyBytes)
	}
	kid := w.follows(f, name)
	if kid == nil {
		kid = w.named(f, name, xxh3.Hash(name))
	}
	return kid, w.take()
}

// follows tries the key that followed last time: in the first of many like
// objects the pass knew none.
func (w *walker) follows(f *frame, name []byte) *node {
	kid := f.node.object.first
	if f.last != nil {
		kid = f.last.next
	}
	if kid == nil || kid.stamp == f.serial || f.node.object.rest != nil || !kid.is(name) {
		return nil
	}
	f.last = kid
	return w.meet(f, kid)
}

// named finds or makes the node of a key.
func (w *walker) named(f *frame, name []byte, hash uint64) *node {
	o := f.node.object
	if o.rest != nil {
		return w.entry(f, name, hash)
	}
	kid := o.kid(hash)
	if kid == nil {
		kid = newKid(f.node, wordOf(name))
		o.addKid(kid)
	}
	switch {
	case kid.stamp == f.serial: // a duplicate
	case f.last != nil:
		f.last.next, f.last = kid, kid
	case f.set == 0: // the first of all
		o.first, f.last = kid, kid
	}
	return w.meet(f, kid)
}

// meet counts a key; it is nil for one that this object had before.
func (w *walker) meet(f *frame, kid *node) *node {
	if kid.stamp == f.serial {
		f.node.duplicates++
		return nil
	}
	kid.stamp = f.serial
	f.set += kid.mixed
	folds := w.folds
	w.hit(kid)
	if w.folds != folds { // kid or what holds it has moved
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
	o := f.node.object
	keys := o.lightKeys()
	if o.enterKey(name, hash, 1); o.lightKeys() > keys {
		w.outweigh(f.node, 1)
	}
	w.hit(f.node.object.rest)
	return f.node.object.rest
}

func (o *object) enterKey(name []byte, hash, count uint64) {
	o.entries += count
	o.names.mergeOne(uint32(hash>>32), count, nil)
	form := classify(name)
	o.forms.add(uint32(form), count)
	if !o.vague && !isDataKey(name, form) {
		o.words.mergeOne(uint32(hash>>32), count, nil)
	}
}

// isDataKey reports whether a key is of a form that no programmer gives to a
// field.
func isDataKey(name []byte, form format) bool {
	switch form {
	case uuid, uuid1, uuid4, uuid7, ulid, date, dateTime, dateTimeLocal, email, uri, ipv4, ipv6, prefixedID, integerText, decimalText:
		return true
	}
	return len(name) > 0 && isDigit(name[0])
}

// cutName keeps the start of a long key and ends it in its hash.
func cutName(name []byte, limit int) []byte {
	start := strings.ToValidUTF8(string(name[:limit-17]), "")
	return fmt.Appendf(nil, "%s~%016x", start, xxh3.Hash(name))
}

func spread64(v uint64) uint64 {
	v = (v ^ v>>32) * 0x9FB21C651E98DF25
	return v ^ v>>28
}

// A keySet knows the keys of the open folded objects, whose nodes cannot say.
type keySet map[[2]uint64]struct{}

// manyKeys is the number of keys from which those of closed objects are dropped.
const manyKeys = 1 << 16

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

// dropClosed keeps the keys of the objects that are still open, and returns at
// what size that is worth doing again.
func (s *keySet) dropClosed(frames []frame) int {
	open := keySet{}
	for key := range *s {
		if slices.ContainsFunc(frames, func(f frame) bool { return f.serial == key[0] }) {
			open[key] = struct{}{}
		}
	}
	*s = open
	return max(manyKeys, 2*len(open))
}

func (s *keySet) clear() {
	if len(*s) > manyKeys {
		*s = nil
	}
	clear(*s)
}
