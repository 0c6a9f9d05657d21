package shape

import "bytes"

// Classes of bytes. One pass over a string gathers the classes it has; most
// strings are told apart by that set and their length alone.
const (
	digit      uint32 = 1 << iota
	lowerHex          // a to f
	lower             // g to z
	upperHex          // A to F
	upper             // G to Z
	minus             // -
	underscore        // _
	dot               // .
	colon             // :
	slash             // /
	at                // @
	plus              // +
	equals            // =
	space             // blank
	hash              // #
	angle             // < >
	bracket           // { } [ ]
	paren             // ( )
	percent           // % ? & ~ ; , ! ' * $: the rest of a URI
	other             // any other ASCII
	wide              // not ASCII

	letter  = lowerHex | lower | upperHex | upper
	hexSet  = digit | lowerHex | upperHex
	wordSet = digit | letter | minus | underscore
)

var classes = classTable()

func classTable() (t [256]uint32) {
	for b := range t {
		t[b] = classOf(byte(b))
	}
	return t
}

func classOf(b byte) uint32 {
	switch {
	case b >= 0x80:
		return wide
	case '0' <= b && b <= '9':
		return digit
	case 'a' <= b && b <= 'f':
		return lowerHex
	case 'g' <= b && b <= 'z':
		return lower
	case 'A' <= b && b <= 'F':
		return upperHex
	case 'G' <= b && b <= 'Z':
		return upper
	}
	for i, set := range [...]string{"-", "_", ".", ":", "/", "@", "+", "=", " ", "#", "<>", "{}[]", "()", "%?&~;,!'*$"} {
		if bytes.IndexByte([]byte(set), b) >= 0 {
			return minus << i
		}
	}
	return other
}

// looked is how much of a string the classes are gathered from.
const looked = 128

func classesOf(b []byte) (set uint32) {
	for len(b) >= 4 {
		set |= classes[b[0]] | classes[b[1]] | classes[b[2]] | classes[b[3]]
		b = b[4:]
	}
	for _, c := range b {
		set |= classes[c]
	}
	return set
}

func isDigit(c byte) bool { return c-'0' <= 9 }

func twoDigits(b []byte, low, high int) bool {
	if !isDigit(b[0]) || !isDigit(b[1]) {
		return false
	}
	v := int(b[0]-'0')*10 + int(b[1]-'0')
	return low <= v && v <= high
}

func countDigits(b []byte) (n int) {
	for _, c := range b {
		if isDigit(c) {
			n++
		}
	}
	return n
}
