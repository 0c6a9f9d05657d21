package shape

// Most strings of an answer are short and came before: states, types, codes,
// names. Their hash and format are remembered by their bytes, for all paths
// together, in a table that costs two loads and a comparison to ask, where
// hashing and classifying cost ten times that.

const (
	knownText  = 16 // bytes; longer texts are not remembered
	knownSlots = 512
)

// A knownWord is one text: its first and last eight bytes, which overlap or
// meet, and its length.
type knownWord struct {
	head, tail uint64
	size       uint8 // length + 1; 0 is free
	format     uint8
	hash       uint32
}

type knownWords [knownSlots]knownWord

// find returns the place of a text of 1 to knownText bytes, and whether it is
// the one remembered there.
func (k *knownWords) find(b []byte) (place *knownWord, found bool) {
	head, tail := ends(b)
	size := uint8(len(b) + 1)
	mixed := (head ^ tail<<1 ^ uint64(size)) * 0x9E3779B97F4A7C15
	place = &k[mixed>>(64-9)]
	if place.head == head && place.tail == tail && place.size == size {
		return place, true
	}
	*place = knownWord{head: head, tail: tail, size: size}
	return place, false
}

// ends are the first and the last eight bytes of up to sixteen.
func ends(b []byte) (head, tail uint64) {
	n := len(b)
	if n >= 8 {
		return load64(b), load64(b[n-8:])
	}
	if n >= 4 {
		return uint64(load32(b)), uint64(load32(b[n-4:]))
	}
	return uint64(b[0]) | uint64(b[n/2])<<8 | uint64(b[n-1])<<16, 0
}
