package shape

import (
	"math"
	"slices"
)

// isMap decides whether an object's keys are data. It compares the description
// length of two models: a record names each of its keys once and says for each
// object which are there; a map spells out every key it meets. The cheaper one
// wins, once three things agree: the values are of one kind, and the keys
// either all look like data or keep changing.
func (v View) isMap(n *node, path string) bool {
	o := n.object
	switch {
	case o == nil:
		return false
	case o.rest != nil:
		return true
	case slices.Contains(v.Records, path):
		return false
	case slices.Contains(v.Maps, path):
		return true
	}
	if o.live < 2 || !sameKind(o.kids) {
		return false
	}
	kids := o.sorted()
	if dataLike(kids) {
		return true
	}
	return keysChange(n, kids) && n.mapBits(kids) < cheaper*n.recordBits(kids)
}

const (
	cheaper    = 0.8  // how much cheaper the map must be
	newKeys    = 0.02 // share of keys seen once, from which keys keep changing
	wordKeys   = 8    // different keys, at least, when they look like words
	bitsOfName = 8.0  // per byte of a name that is listed once
	bitsOfKey  = 4.7  // per byte of a key that is spelled out
)

// sameKind asks that nineteen in twenty values, null aside, are of one kind.
func sameKind(kids []*node) bool {
	var sum KindCounts
	for _, k := range kids {
		for kind, c := range k.kinds {
			sum[kind] += c
		}
	}
	sum[Int], sum[Frac] = sum[Int]+sum[Frac], 0
	known := sum.Total() - sum[Null]
	sum[Null] = 0
	return known > 0 && float64(slices.Max(sum[:])) >= 0.95*float64(known)
}

// dataLike asks that nine in ten keys are of a form that no programmer gives
// to a field: ids, dates, codes, addresses, versions.
func dataLike(kids []*node) bool {
	data, codes := 0, 0
	for _, k := range kids {
		switch f := classify([]byte(k.name)); f {
		case currency, country, locale:
			codes++
		case uuid, uuid1, uuid4, uuid7, ulid, date, dateTime, dateTimeLocal, email, uri, ipv4, ipv6, hexadecimal, prefixedID, semver, integerText, decimalText, hostname:
			data++
		default:
			if len(k.name) > 0 && isDigit(k.name[0]) {
				data++
			}
		}
	}
	total := float64(len(kids))
	return float64(data) >= 0.9*total || len(kids) >= 3 && float64(data+codes) >= 0.9*total
}

// keysChange asks for evidence that the next object will bring new keys.
func keysChange(n *node, kids []*node) bool {
	if len(kids) < wordKeys {
		return false
	}
	objects, once, pairs, most := n.kinds[Object], 0, uint64(0), uint64(0)
	for _, k := range kids {
		pairs += k.count
		most = max(most, k.count)
		if k.count == 1 {
			once++
		}
	}
	if objects < 3 { // too few to see a change: only many equal records tell
		return len(kids) >= 2*wordKeys && alike(kids)
	}
	perObject := float64(pairs) / float64(objects)
	return float64(once) > newKeys*float64(pairs) && float64(len(kids)) > 2*perObject && float64(most) < 0.9*float64(objects)
}

// alike reports whether the values are objects with the same keys.
func alike(kids []*node) bool {
	first := kids[0]
	if first.object == nil || first.object.rest != nil || first.object.live < 2 {
		return false
	}
	for _, k := range kids[1:] {
		if k.object == nil || k.object.rest != nil || k.object.live != first.object.live {
			return false
		}
		for _, key := range first.object.kids {
			if mine := k.object.kid(key.hash); key.count > 0 && (mine == nil || mine.count == 0) {
				return false
			}
		}
	}
	return true
}

func (n *node) recordBits(kids []*node) (bits float64) {
	objects := float64(n.kinds[Object])
	for _, k := range kids {
		bits += bitsOfName*float64(len(k.name)+1) + objects*entropy(float64(k.count)/objects)
	}
	return bits
}

func (n *node) mapBits(kids []*node) (bits float64) {
	for _, k := range kids {
		bits += float64(k.count) * min(bitsOfKey*float64(len(k.name)+1), math.Log2(float64(len(kids)))+1)
	}
	for _, k := range kids {
		if k.count == 1 { // a rare key is spelled out whatever the model
			bits += bitsOfKey * float64(len(k.name))
		}
	}
	return bits
}

func entropy(p float64) float64 {
	if p <= 0 || p >= 1 {
		return 0
	}
	return -p*math.Log2(p) - (1-p)*math.Log2(1-p)
}

// mapValues is one node for the values of all keys.
func (n *node) mapValues() *node {
	if n.object.rest != nil {
		return n.object.rest
	}
	whole := &Shape{limits: Limits{Nodes: math.MaxInt32}}
	rest := newRest(n)
	for _, k := range n.object.kids {
		whole.merge(rest, k)
	}
	return rest
}
