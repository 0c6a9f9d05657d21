package shape

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// A Union says that the objects at a path are of several variants, told apart
// by the value of one of their keys, the tag: each value has its own keys.
type Union struct {
	Tag      string    // name of the key that tells
	Share    float64   // of what varies in the presence of keys, the part that the tag explains, 0 to 1
	Variants []Variant // most frequent first
}

// A Variant is what is known of the objects whose tag has one value. Keys in
// the objects right below are known too, as those of the attributes beside a
// type; not those in lists and deeper down.
type Variant struct {
	Value  string // of the tag
	Hash   uint64 // of the value, as in [Value]
	Count  uint64 // objects
	Probes uint64 // probes that had one; 0 in maps
	Keys   []VariantKey
}

// A VariantKey is the presence of one key within one variant.
type VariantKey struct {
	Path    string // of the field: "/data/[]/attributes/title"
	Name    string
	Parent  string // path of the object that holds it
	Count   uint64 // occurrences, null included
	Parents uint64 // objects that could have held it
	Probes  Presence
	Kinds   []Kind   // those seen, in order
	Formats []string // of the strings, "" for plain text, and of the integers where all are times; nil when not known
}

// Required reports whether the key was in every such object of the variant.
func (k VariantKey) Required() bool { return k.Count == k.Parents && k.Count > 0 }

// Key returns what is known of the key at a path.
func (v Variant) Key(path string) (VariantKey, bool) {
	i := slices.IndexFunc(v.Keys, func(k VariantKey) bool { return k.Path == path })
	if i < 0 {
		return VariantKey{}, false
	}
	return v.Keys[i], true
}

// Variant returns the variant whose tag has a value, by its hash.
func (u Union) Variant(hash uint64) (Variant, bool) {
	i := slices.IndexFunc(u.Variants, func(v Variant) bool { return v.Hash == hash })
	if i < 0 {
		return Variant{}, false
	}
	return u.Variants[i], true
}

// Variants tells the objects at a path apart by a key, whether that makes a
// union or not, so that the answer of a moment can be held to a union learned
// long before. It is nil where nothing is known by that key.
func (s *Shape) Variants(path, tag string) []Variant {
	n := s.at(path)
	if n == nil || !n.isRecord() {
		return nil
	}
	for _, t := range n.object.tags {
		if t.key.name == tag && !t.dead {
			return n.variants(t, path)
		}
	}
	return nil
}

// at finds the node of a path; "{}" is one for the values of any key.
func (s *Shape) at(path string) *node {
	n := s.ready()
	if path == "" {
		return n
	}
	for _, segment := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		next := n.at(pathUnescaper.Replace(segment))
		if next == nil && segment == restName && n.kinds[Object] > 0 {
			next = n.mapValues()
		}
		if n = next; n == nil {
			return nil
		}
	}
	return n
}

func (n *node) variants(t *tag, path string) []Variant {
	out := make([]Variant, 0, len(t.rows))
	for i := range t.rows {
		out = append(out, n.variant(t, &t.rows[i], path))
	}
	slices.SortFunc(out, func(a, b Variant) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Hash, b.Hash))
	})
	return out
}

func (n *node) variant(t *tag, r *row, path string) Variant {
	v := Variant{Hash: uint64(r.value), Count: r.count, Probes: r.with}
	if at := t.key.values.find(r.value); at >= 0 {
		v.Value = string(t.key.values.textOf(at))
	}
	for i := range r.pairs {
		p := &r.pairs[i]
		kid := n.object.kids[p.kid]
		if p.sub < 0 {
			v.Keys = append(v.Keys, p.key(path, kid.name, r.count, r.with, t.vague))
			continue
		}
		if above := r.pairAt(p.kid, -1); above != nil && kid.isRecord() {
			v.Keys = append(v.Keys, p.key(path+"/"+escapePath(kid.name), kid.object.kids[p.sub].name, above.objects, above.with, t.vague))
		}
	}
	slices.SortFunc(v.Keys, func(a, b VariantKey) int { return cmp.Compare(a.Path, b.Path) })
	return v
}

func (p *pair) key(parent, name string, of, with uint64, vague bool) VariantKey {
	k := VariantKey{Path: parent + "/" + escapePath(name), Name: name, Parent: parent, Count: p.count, Parents: of}
	k.Probes = Presence{All: p.all, Some: p.some, None: with - p.all - p.some}
	if !vague {
		k.Formats = p.looks.forms().names()
	}
	for kind := range NumKinds {
		if p.looks.kinds()>>kind&1 == 1 {
			k.Kinds = append(k.Kinds, kind)
		}
	}
	return k
}

// What makes a union.
const (
	tagThere     = 0.98 // share of the objects that must have the tag
	decisive     = 0.5  // share of what varies in a key's presence from which the tag decides on it
	explained    = 0.75 // the same, of all such keys together
	variantLeast = 5    // objects, before a variant counts as evidence
)

// union decides whether the objects at a node are a tagged union, and by which
// key. Of those that qualify the one wins that saves the most bits; names that
// vendors give to tags come first where it is close.
func (n *node) union(path string) *Union {
	if !n.isRecord() || n.object.tagged < 2*variantLeast {
		return nil
	}
	best, at, share := 0.0, -1, 0.0
	for slot, t := range n.object.tags {
		bits, of := n.savedBits(t)
		if bits <= 0 || of < explained {
			continue
		}
		if bits *= 1 - 0.1*float64(t.key.rank); bits > best {
			best, at, share = bits, slot, of
		}
	}
	if at < 0 {
		return nil
	}
	t := n.object.tags[at]
	return &Union{Tag: t.key.name, Share: share, Variants: n.variants(t, path)}
}

// savedBits is how much shorter the presence of keys is described when the
// tag is known, less what the description of its variants costs, and the share
// of the uncertainty that this is, both of the keys on which the tag decides.
// It is 0 where the tag is none: where it is missing in places, or no two
// variants differ for certain.
func (n *node) savedBits(t *tag) (bits, share float64) {
	objects := uint64(0)
	for i := range t.rows {
		objects += t.rows[i].count
	}
	if t.dead || len(t.rows) < 2 || float64(objects) < tagThere*float64(n.object.tagged) || !t.tells() {
		return 0, 0
	}
	columns := map[[2]int32]*column{}
	for i := range t.rows {
		t.rows[i].fill(columns)
	}
	cost, gain, free := float64(len(t.rows)-1)*math.Log2(float64(objects))/2, 0.0, 0.0
	for key, c := range columns {
		t.complete(c, key)
		all := bitsFor(c.there, c.of)
		if saved := all - c.within; saved > max(cost, decisive*all) && int(key[0]) != t.key.index {
			gain, free, bits = gain+saved, free+all, bits+saved-cost
		}
	}
	if free == 0 { // few objects, or the same keys of other kinds
		return 1, 1
	}
	return bits, gain / free
}

// A column is the presence of one key in all rows.
type column struct {
	there, of uint64
	within    float64 // bits that say where it is once the tag is known
}

// fill adds the pairs of a row to their columns.
func (r *row) fill(columns map[[2]int32]*column) {
	for i := range r.pairs {
		p := &r.pairs[i]
		c := columns[[2]int32{p.kid, p.sub}]
		if c == nil {
			c = &column{}
			columns[[2]int32{p.kid, p.sub}] = c
		}
		c.there += p.count
		c.within += bitsFor(p.count, r.parents(p.kid, p.sub))
	}
}

// complete counts the objects in which a key could have been.
func (t *tag) complete(c *column, key [2]int32) {
	for i := range t.rows {
		c.of += t.rows[i].parents(key[0], key[1])
	}
}

// parents is the number of objects that could have held a key.
func (r *row) parents(kid, sub int32) uint64 {
	if sub < 0 {
		return r.count
	}
	if above := r.pairAt(kid, -1); above != nil {
		return above.objects
	}
	return 0
}

func (r *row) pairAt(kid, sub int32) *pair {
	at, found := r.find(r.guess(kid, sub), kid, sub)
	if !found {
		return nil
	}
	return &r.pairs[at]
}

// tells reports whether there are two variants, seen often enough, and a key
// that is in all objects of the one and in none of the other, or of other
// kinds in each.
func (t *tag) tells() bool {
	for i := range t.rows {
		for j := range i {
			a, b := &t.rows[i], &t.rows[j]
			if a.count >= variantLeast && b.count >= variantLeast && (a.differs(b) || b.differs(a)) {
				return true
			}
		}
	}
	return false
}

func (r *row) differs(o *row) bool {
	for i := range r.pairs {
		p := &r.pairs[i]
		if p.count < variantLeast || p.count < r.parents(p.kid, p.sub) || o.parents(p.kid, p.sub) < variantLeast {
			continue
		}
		other := o.pairAt(p.kid, p.sub)
		if other == nil {
			return true
		}
		if a, b := firm(p.looks.kinds()), firm(other.looks.kinds()); a&b == 0 && a != 0 && b != 0 {
			return true
		}
	}
	return false
}

// firm are the kinds apart from null, integers and fractions as one.
func firm(kinds uint8) uint8 {
	if kinds&(1<<Frac) != 0 {
		kinds |= 1 << Int
	}
	return kinds &^ (1<<Null | 1<<Frac)
}

// bitsFor is what it takes to say which of n objects have a key.
func bitsFor(there, n uint64) float64 {
	if n == 0 {
		return 0
	}
	return float64(n) * entropy(float64(there)/float64(n))
}
