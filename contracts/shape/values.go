package shape

import "github.com/zeebo/xxh3"

func (w *walker) bool(n *node, v bool) {
	n.kinds[Bool]++
	n.kind, n.form = Bool, formless
	if v {
		n.trues++
	}
}

func (w *walker) text(n *node, b []byte) {
	n.kinds[String]++
	t := n.texts()
	t.lengths.add(uint64(len(b)))
	hash, f := w.read(b)
	form := formless
	if len(b) == 0 {
		n.emptyText++
	} else {
		t.formats.tick(uint32(f))
		form = formOf(f)
	}
	n.kind, n.form, n.said = String, form, hash
	if n.kinds[String] == 1 {
		n.enroll()
	}
	if n.tag != nil {
		n.tag.meet(hash, b, f)
	}
	if v := &n.values; !v.over {
		if at := v.seek(hash); at >= 0 {
			v.counts[at]++
		} else {
			v.remember(hash, b, !n.private && isSafeText(b, f))
		}
	} else if hash <= v.worst {
		v.remember(hash, b, false)
	}
}

// read returns the hash and the format of a text.
func (w *walker) read(b []byte) (hash uint32, f format) {
	if len(b) == 0 || len(b) > knownText {
		return uint32(xxh3.Hash(b) >> 32), classify(b)
	}
	k, found := w.known.find(b)
	if !found {
		k.hash, k.format = uint32(xxh3.Hash(b)>>32), uint8(classify(b))
	}
	return k.hash, format(k.format)
}

func (w *walker) count(n *node, v *number) {
	kind := Int
	if v.frac {
		kind = Frac
	}
	n.kinds[kind]++
	n.kind, n.form = kind, formless
	if kind == Int {
		n.form = untimed
	}
	if unit := n.numbers().add(v, w.when, n.private); unit != plain {
		n.texts().formats.tick(uint32(unit))
		n.form = formOf(unit)
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
