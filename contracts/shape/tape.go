package shape

// A tape holds the tokens of a valid text, in order, so that what is learned
// from it need not read the text again. Where the key of a value is known, the
// value's token says which node it belongs to; where it is not, the key has a
// token of its own.

// A token is a scalar, a key, or where an object or an array begins or ends.
type token struct {
	node *node  // of a value under a key that is known; nil otherwise
	at   uint32 // where it begins
	end  uint32 // where a number ends; of a string see textMark
}

// The bounds of a tape: 4 MiB of memory, and an index of 31 bits. A text that
// has more is read in several stretches.
const (
	longestTape  = 1 << 18
	longestReach = 1 << 30
	perToken     = 8 // bytes of a text for each token, or more
)

// textMark says where a string ends and whether there are escapes in it; it is
// 0 when that is beyond the reach of a tape.
func textMark(end int, escaped uint32) uint32 {
	if end >= 2*longestReach {
		return 0
	}
	return uint32(end)<<1 | escaped
}

// text is what lies between the quotes of a token, and whether there are
// escapes in it.
func (t token) text(b []byte) (raw []byte, escaped bool) {
	if t.end == 0 {
		end, escaped, _ := scanText(b, int(t.at)+1)
		return b[t.at+1 : end], escaped
	}
	return b[t.at+1 : t.end>>1], t.end&1 == 1
}
