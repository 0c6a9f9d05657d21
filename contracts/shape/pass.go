package shape

import (
	"math/bits"
	"slices"
	"unicode/utf8"

	"github.com/zeebo/xxh3"
)

// This file finds the end of a valid value as fast as one loop can, and notes
// its tokens on the way. It says nothing about what is wrong with a text, only
// that something is; then the checker, which is slower, walks it again and
// explains. Nearly all texts are valid, so the text is read once, here, and
// what is learned from it is learned from the tape.
//
// Most keys are not even read to their end: each key remembers which one
// followed it last time, and the text is compared with that name in place.

// A pass walks a text. It stops where the tape is full and goes on from there.
type pass struct {
	tape   []token
	room   int // tokens that the tape takes; longestTape but in tests
	limits Limits

	at     int   // where it goes on, in what run is given
	depth  int   // of the open objects and arrays
	value  *node // of the value that comes, when it is known
	kid    *node // the same, when its key is known
	opened [maxDepth + 1]opened
}

// opened is an object or array that is not closed yet.
type opened struct {
	keys int   // so far; none for an array
	node *node // of the object, or of the items of the array; nil when not known
	last *node // the key before; nil at the start
	next *node // the key that followed it last time
}

const (
	none = -1 // in place of a number of keys
	full = -2 // in place of an index: the tape is full
)

// whole passes the value at the start of b, of which the first stretch is then
// on the tape. It returns the index after it, or stopped when the value is not
// valid or goes beyond the limits.
func (p *pass) whole(b []byte, root *node) int {
	p.tape = slices.Grow(p.tape[:0], min(len(b)/perToken, longestTape)+maxDepth)
	p.at, p.depth, p.value, p.kid = 0, 0, root, nil
	end := p.run(b)
	if end != full {
		return end
	}
	after, from := *p, p.at
	for p.tape = nil; end == full; from += p.at {
		end = p.stretch(b[from:])
	}
	if *p = after; end < 0 {
		return end
	}
	return from + end
}

// stretch puts the next tokens on the tape. It is given the text from where it
// stopped, and returns an index in it.
func (p *pass) stretch(b []byte) int {
	p.tape, p.at = p.tape[:0], 0
	return p.run(b)
}

// run passes what is left of a value, up to what the tape takes.
func (p *pass) run(b []byte) int {
	i, depth, value, kid := p.at, p.depth, p.value, p.kid
	for {
		switch {
		case len(p.tape) >= p.room || i >= longestReach:
			p.at, p.depth, p.value, p.kid = i, depth, value, kid
			return full
		case i >= len(b):
			return stopped
		}
		at := i
		switch c := b[i]; {
		case c == '"':
			var end uint32
			if i, end = passText(b, i+1); i < 0 {
				return stopped
			}
			p.note(kid, at, end)
		case c == '{' || c == '[':
			if depth++; depth > p.limits.Depth {
				return stopped
			}
			p.note(kid, at, 0)
			i = passSpace(b, i+1)
			if i < len(b) && b[i] == c+2 { // an empty one; the closing byte is two after the opening one
				p.note(nil, i, 0)
				i, depth = i+1, depth-1
				break
			}
			o := &p.opened[depth]
			if c == '{' {
				o.object(value)
				i, value, kid = p.key(b, i, o)
			} else {
				o.array(value)
				value, kid = o.node, nil
			}
			if i < 0 {
				return stopped
			}
			continue
		case c == '-' || c-'0' <= 9:
			if i = passNumber(b, i); i < 0 {
				return stopped
			}
			p.note(kid, at, uint32(i))
		default:
			if i = passWord(b, i); i < 0 {
				return stopped
			}
			p.note(kid, at, 0)
		}
		for more := false; !more; {
			if depth == 0 {
				return i
			}
			if i = passSpace(b, i); i >= len(b) {
				return stopped
			}
			o := &p.opened[depth]
			switch object := o.keys != none; {
			case b[i] == ',' && object:
				if o.keys++; o.keys > p.limits.Keys {
					return stopped
				}
				i, value, kid = p.key(b, passSpace(b, i+1), o)
				more = true
			case b[i] == ',':
				i, more = passSpace(b, i+1), true
				value, kid = o.node, nil
			case b[i] == '}' && object, b[i] == ']' && !object:
				p.note(nil, i, 0)
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

func (p *pass) note(n *node, at int, end uint32) {
	p.tape = append(p.tape, token{n, uint32(at), end})
}

func (o *opened) object(n *node) {
	o.keys, o.node, o.last, o.next = 1, nil, nil, nil
	if n != nil && n.object != nil {
		o.node, o.next = n, n.object.first
	}
}

func (o *opened) array(n *node) {
	o.keys, o.node = none, nil
	if n != nil && n.list != nil {
		o.node = n.list.items
	}
}

// key returns the index of the value of the key at i, and what is known of its
// node.
func (p *pass) key(b []byte, i int, o *opened) (next int, value, kid *node) {
	if i >= len(b) || b[i] != '"' {
		return stopped, nil, nil
	}
	i++
	if kid = o.next; kid != nil {
		if n := kid.leads(b, i); n > 0 {
			o.last, o.next = kid, kid.next
			return passSpace(b, i+n), kid, kid
		}
		if kid = o.predicted(b, i); kid != nil {
			return passColon(b, i+1+len(kid.name)), kid, kid
		}
	}
	end, mark := passText(b, i)
	if end < 0 {
		return stopped, nil, nil
	}
	value, kid = o.named(b[i:end-1], mark, p.limits.KeyBytes)
	if kid == nil {
		p.note(nil, i-1, mark)
	}
	return passColon(b, end), value, kid
}

// predicted is the node of the key at i when it is the one that followed last
// time, or the one after that: a key that comes and goes changes nothing.
func (o *opened) predicted(b []byte, i int) *node {
	kid := o.next
	if !kid.begins(b, i) {
		if kid = kid.next; kid == nil || !kid.begins(b, i) {
			return nil
		}
	}
	o.last, o.next = kid, kid.next
	return kid
}

// begins reports whether a text goes on at i with the node's name and a quote.
func (n *node) begins(b []byte, i int) bool {
	end := i + len(n.name)
	return end < len(b) && b[end] == '"' && n.is(b[i:end])
}

// named looks for the node of a key that was not predicted. Of a folded object
// only the node of the value is known.
func (o *opened) named(name []byte, mark uint32, longest int) (value, kid *node) {
	switch {
	case o.node == nil:
		return nil, nil
	case o.node.object.rest != nil:
		return o.node.object.rest, nil
	case mark&1 == 1 || mark == 0 || len(name) > longest:
		return nil, nil
	}
	if kid = o.node.object.kid(xxh3.Hash(name)); kid == nil {
		return nil, nil
	}
	if o.last != nil {
		o.last.next = kid
	} else {
		o.node.object.first = kid
	}
	o.last, o.next = kid, kid.next
	return kid, kid
}

// passColon passes the colon after a key and the space around it.
func passColon(b []byte, i int) int {
	if i = passSpace(b, i); i >= len(b) || b[i] != ':' {
		return stopped
	}
	return passSpace(b, i+1)
}

func passSpace(b []byte, i int) int {
	if i < len(b) && b[i] > ' ' {
		return i
	}
	return skipSpace(b, i)
}

// passText returns the index after the quote that closes a string, and the mark
// of its end.
func passText(b []byte, i int) (next int, mark uint32) {
	escaped := uint32(0)
	for i+8 <= len(b) {
		m := oddities(load64(b[i:]))
		if m == 0 {
			i += 8
			continue
		}
		if i += bits.TrailingZeros64(m) / 8; b[i] == '"' {
			return i + 1, textMark(i, escaped)
		}
		if b[i] == '\\' {
			escaped = 1
		}
		if i = passOdd(b, i); i < 0 {
			return stopped, 0
		}
	}
	end, more, problem := scanText(b, i)
	if problem != "" {
		return stopped, 0
	}
	if more {
		escaped = 1
	}
	return end + 1, textMark(end, escaped)
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
