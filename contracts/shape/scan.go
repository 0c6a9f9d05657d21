package shape

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// This file reads the tokens of JSON (RFC 8259). It replaces the tokenizer of
// jsontext on the fast path only, because a shape needs neither a decoder
// state nor a copy of anything: strings are looked at eight bytes at a time,
// and digits are gathered into an integer while they are checked. jsontext is
// its oracle: what one accepts, the other accepts, on the conformance cases
// and under fuzzing.

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// scanText scans a string from the byte after its opening quote. It returns
// the index of the closing quote and whether there are escapes before it.
func scanText(b []byte, i int) (end int, escaped bool, problem string) {
	for {
		for i+8 <= len(b) {
			m := oddities(load64(b[i:]))
			if m != 0 {
				i += bits.TrailingZeros64(m) / 8
				break
			}
			i += 8
		}
		if i >= len(b) {
			return i, escaped, "the text ends inside a string"
		}
		switch c := b[i]; {
		case c == '"':
			return i, escaped, ""
		case c == '\\':
			escaped = true
			n := scanEscape(b[i:])
			if n == 0 {
				return i, escaped, "invalid escape in a string"
			}
			i += n
		case c < 0x20:
			return i, escaped, "control character in a string"
		case c < utf8.RuneSelf:
			i++
		default:
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n == 1 {
				return i, escaped, "invalid UTF-8 in a string"
			}
			i += n
		}
	}
}

// scanEscape returns the length of the escape at the start of b, 0 when it is
// none. A surrogate must come with its other half.
func scanEscape(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		switch r := hexRune(b); {
		case r < 0 || r >= 0xDC00 && r < 0xE000:
			return 0
		case r < 0xD800 || r >= 0xE000:
			return 6
		}
		if low := hexRune(b[6:]); low >= 0xDC00 && low < 0xE000 {
			return 12
		}
	}
	return 0
}

// hexRune reads \uXXXX; -1 when it is none.
func hexRune(b []byte) (r rune) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	for _, c := range b[2:6] {
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return -1
		}
	}
	return r
}

// unescape appends the text of a scanned string to dst.
func unescape(dst, b []byte) []byte {
	for i := 0; i < len(b); {
		if b[i] != '\\' {
			dst = append(dst, b[i])
			i++
			continue
		}
		switch c := b[i+1]; c {
		case 'u':
			r := hexRune(b[i:])
			if r >= 0xD800 && r < 0xDC00 {
				r = (r-0xD800)<<10 + hexRune(b[i+6:]) - 0xDC00 + 0x10000
				i += 6
			}
			dst = utf8.AppendRune(dst, r)
			i += 6
		default:
			dst = append(dst, escapes[c])
			i += 2
		}
	}
	return dst
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// scanNumber scans a number at b[i] into v; the literal is b[i:end].
func scanNumber(b []byte, i int, v *number) (end int, problem string) {
	start := i
	v.negative, v.frac, v.exact, v.exponent = false, false, true, 0
	if b[i] == '-' {
		v.negative = true
		i++
	}
	digits := i
	var mantissa uint64
	for i < len(b) && b[i]-'0' <= 9 {
		mantissa = mantissa*10 + uint64(b[i]-'0')
		i++
	}
	switch {
	case i == digits:
		return i, "invalid number"
	case b[digits] == '0' && i > digits+1:
		return digits + 1, "number with a leading zero"
	}
	count := i - digits
	if i < len(b) && b[i] == '.' {
		v.frac = true
		i++
		point := i
		for i < len(b) && b[i]-'0' <= 9 {
			mantissa = mantissa*10 + uint64(b[i]-'0')
			i++
		}
		if i == point {
			return i, "number that ends in a point"
		}
		v.exponent = point - i
		count += i - point
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i, problem = scanExponent(b, i+1, v); problem != "" {
			return i, problem
		}
	}
	v.literal, v.mantissa = b[start:i], mantissa
	if count > 19 { // may not fit 64 bits; the literal holds it
		v.exact = false
	}
	return i, ""
}

func scanExponent(b []byte, i int, v *number) (end int, problem string) {
	v.frac = true
	negative := i < len(b) && b[i] == '-'
	if negative || i < len(b) && b[i] == '+' {
		i++
	}
	start, exponent := i, 0
	for i < len(b) && b[i]-'0' <= 9 {
		exponent = min(exponent*10+int(b[i]-'0'), 1<<20)
		i++
	}
	if i == start {
		return i, "number with an empty exponent"
	}
	if negative {
		exponent = -exponent
	}
	v.exponent += exponent
	if exponent == 1<<20 || exponent == -1<<20 {
		v.exact = false
	}
	return i, ""
}

// skipSpace returns the index of the first byte at or after i that is no space.
func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// scanWord scans true, false or null at b[i].
func scanWord(b []byte, i int, word string) (end int, problem string) {
	if len(b)-i >= len(word) && string(b[i:i+len(word)]) == word {
		return i + len(word), ""
	}
	return i, "invalid value"
}

func load64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
func load32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
