package shape

import (
	"math/bits"
	"slices"
	"unicode/utf8"
)

// This file finds the end of a valid value as fast as one loop can. It says
// nothing about what is wrong with a text, only that something is; then the
// checker, which is slower, walks it again and explains. Nearly all texts are
// valid, and each is walked twice: here, and to learn from it. Where strings
// end is noted on the way, because finding that out is most of the work.

// A tape holds where the strings of a text end, in order: the index of the
// closing quote and whether there are escapes before it.
type tape []uint32

// The bounds of a tape: 4 MiB of memory, and an index of 31 bits. What a longer
// text has beyond is looked for again.
const (
	longestTape = 1 << 20
	lastOnTape  = 1 << 31
	perString   = 16 // bytes of a text for each string, or more
)

// mark notes where a string ends. Once one is not noted, none after it is.
func (t *tape) mark(end int, escaped uint32) {
	if len(*t) < longestTape && end < lastOnTape {
		*t = append(*t, uint32(end)<<1|escaped)
	}
}

// pass returns the index after the value at i, or stopped when it is not valid
// or goes beyond the limits.
func (t *tape) pass(b []byte, i int, l Limits) int {
	*t = slices.Grow((*t)[:0], min(len(b)/perString, longestTape))
	const list = -1
	var keys [maxDepth + 1]int // of the open objects, outermost first; list for arrays
	for depth := 0; ; {
		if i >= len(b) {
			return stopped
		}
		switch c := b[i]; {
		case c == '"':
			i = t.text(b, i+1)
		case c == '{' || c == '[':
			if depth++; depth > l.Depth {
				return stopped
			}
			i = passSpace(b, i+1)
			if i < len(b) && b[i] == c+2 { // an empty one; the closing byte is two after the opening one
				i, depth = i+1, depth-1
				break
			}
			if keys[depth] = list; c == '{' {
				keys[depth] = 1
				i = t.key(b, i)
			}
			if i < 0 {
				return stopped
			}
			continue
		case c == '-' || c-'0' <= 9:
			i = passNumber(b, i)
		default:
			i = passWord(b, i)
		}
		for more := false; !more; {
			if depth == 0 || i < 0 {
				return i
			}
			if i = passSpace(b, i); i >= len(b) {
				return stopped
			}
			switch object := keys[depth] != list; {
			case b[i] == ',' && object:
				if keys[depth]++; keys[depth] > l.Keys {
					return stopped
				}
				i, more = t.key(b, passSpace(b, i+1)), true
			case b[i] == ',':
				i, more = passSpace(b, i+1), true
			case b[i] == '}' && object, b[i] == ']' && !object:
				i, depth = i+1, depth-1
			default:
				return stopped
			}
		}
		if i < 0 {
			return stopped
		}
	}
}

func passSpace(b []byte, i int) int {
	if i < len(b) && b[i] > ' ' {
		return i
	}
	return skipSpace(b, i)
}

// key returns the index of the value of the key at i.
func (t *tape) key(b []byte, i int) int {
	if i >= len(b) || b[i] != '"' {
		return stopped
	}
	if i = t.text(b, i+1); i < 0 {
		return stopped
	}
	if i = passSpace(b, i); i >= len(b) || b[i] != ':' {
		return stopped
	}
	return passSpace(b, i+1)
}

// text returns the index after the quote that closes the string.
func (t *tape) text(b []byte, i int) int {
	escaped := uint32(0)
	for i+8 <= len(b) {
		m := oddities(load64(b[i:]))
		if m == 0 {
			i += 8
			continue
		}
		if i += bits.TrailingZeros64(m) / 8; b[i] == '"' {
			t.mark(i, escaped)
			return i + 1
		}
		if b[i] == '\\' {
			escaped = 1
		}
		if i = passOdd(b, i); i < 0 {
			return stopped
		}
	}
	end, more, problem := scanText(b, i)
	if problem != "" {
		return stopped
	}
	if more {
		escaped = 1
	}
	t.mark(end, escaped)
	return end + 1
}

// oddities marks the bytes that are a quote, a backslash, a control or not
// ASCII. A borrow can mark a byte too many, only above a right mark.
func oddities(w uint64) uint64 {
	quote, backslash := w^(ones*'"'), w^(ones*'\\')
	return ((quote - ones) | (backslash - ones) | (w - ones*0x20) | w) & highs
}

// passOdd passes an escape, or a run of characters that are not ASCII.
func passOdd(b []byte, i int) int {
	if b[i] == '\\' {
		n := scanEscape(b[i:])
		if n == 0 {
			return stopped
		}
		return i + n
	}
	start := i
	for i < len(b) && b[i] >= 0x80 {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return stopped
		}
		i += n
	}
	if i == start { // a control character
		return stopped
	}
	return i
}

func passNumber(b []byte, i int) int {
	if b[i] == '-' {
		i++
	}
	start := i
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	if i == start || b[start] == '0' && i > start+1 {
		return stopped
	}
	if i >= len(b) || b[i] != '.' && b[i]|0x20 != 'e' {
		return i
	}
	if b[i] == '.' {
		point := i + 1
		for i++; i < len(b) && b[i]-'0' <= 9; i++ {
		}
		if i == point {
			return stopped
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		start = i
		for i < len(b) && b[i]-'0' <= 9 {
			i++
		}
		if i == start {
			return stopped
		}
	}
	return i
}

func passWord(b []byte, i int) int {
	if i+4 > len(b) {
		return stopped
	}
	switch load32(b[i:]) {
	case 't' | 'r'<<8 | 'u'<<16 | 'e'<<24, 'n' | 'u'<<8 | 'l'<<16 | 'l'<<24:
		return i + 4
	case 'f' | 'a'<<8 | 'l'<<16 | 's'<<24:
		if i+4 < len(b) && b[i+4] == 'e' {
			return i + 5
		}
	}
	return stopped
}
