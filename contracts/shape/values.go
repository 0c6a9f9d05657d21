package shape

import "github.com/zeebo/xxh3"

func (w *walker) bool(n *node, v bool) {
	n.kinds[Bool]++
	n.kind = Bool
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
	n.kind, n.said = String, hash
	if n.kinds[String] == 1 {
		n.enroll()
	}
	if n.tag != nil {
		n.tag.meet(hash, b, f)
	}
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
	n.kind = kind
	if unit := n.numbers().add(v, w.when, n.private); unit != plain {
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
