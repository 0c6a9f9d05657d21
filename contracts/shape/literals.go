package shape

import (
	"bytes"
	"cmp"
	"math"
	"strconv"
)

// literals keeps the extremes of numbers as they were sent.
type literals struct {
	min, max  []byte  // empty when none was seen
	low, high float64 // about the same, to save comparisons
}

// longest is the length up to which a number's literal is kept as it is;
// longer ones are cut toward zero and written with an exponent.
const longest = 64

// margin is more than the error of a number's float64.
const margin = 1e-9

func (l *literals) add(literal []byte, near float64) {
	var room [digits + longest]byte
	if len(literal) > longest {
		literal = shorten(room[:0], literal, kept)
	}
	if len(l.min) == 0 {
		l.min, l.low = append(l.min[:0], literal...), near
		l.max, l.high = append(l.max[:0], literal...), near
		return
	}
	slack := math.Abs(near) * margin
	if math.IsInf(near, 0) {
		slack = 0
	}
	if near-slack <= l.low && compareLiterals(literal, l.min) < 0 {
		l.min, l.low = append(l.min[:0], literal...), near
	}
	if near+slack >= l.high && compareLiterals(literal, l.max) > 0 {
		l.max, l.high = append(l.max[:0], literal...), near
	}
}

// addRough adds what the first two digits say. A value between two short ones
// that were added brings nothing new: a float64 tells short literals apart.
func (l *literals) addRough(literal []byte, near float64) {
	short := len(literal) <= 16
	if short && len(l.min) > 0 && l.low <= near && near <= l.high {
		return
	}
	var room [longest]byte
	v := number{literal: shorten(room[:0], literal, 2)}
	l.add(v.literal, v.near())
	if short {
		l.low, l.high = min(l.low, near), max(l.high, near)
	}
}

// kept is the number of digits of a long literal that are kept.
const kept = 40

// digits is how many digits of a number fit where no memory is asked for.
const digits = 2 * longest

// shorten appends a literal, cut toward zero to some digits and an exponent. It
// keeps order: a greater literal never becomes a smaller one.
func shorten(to, literal []byte, most int) []byte {
	var room [digits]byte
	v := decimalOf(room[:0], literal)
	short := leading(v.digits, most)
	if v.negative {
		to = append(to, '-')
	}
	to = append(append(to, short...), 'e')
	return strconv.AppendInt(to, int64(v.exponent+len(v.digits)-len(short)), 10)
}

func leading(digits []byte, most int) []byte {
	if len(digits) > most {
		digits = bytes.TrimRight(digits[:most], "0") // so that shortening again changes nothing
	}
	if len(digits) == 0 {
		return []byte("0")
	}
	return digits
}

// decimal is ±digits × 10^exponent, digits without leading or trailing zeros.
type decimal struct {
	negative bool
	digits   []byte
	exponent int
}

// decimalOf reads a literal; its digits are written to room if they fit.
func decimalOf(room, literal []byte) decimal {
	var d decimal
	d.negative = literal[0] == '-'
	mantissa, exponent := bytes.TrimPrefix(literal, []byte("-")), []byte(nil)
	if i := bytes.IndexAny(mantissa, "eE"); i >= 0 {
		mantissa, exponent = mantissa[:i], mantissa[i+1:]
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	all := append(append(room, whole...), fraction...)
	d.exponent = shiftOf(exponent) - len(fraction)
	trimmed := bytes.TrimRight(all, "0")
	d.exponent += len(all) - len(trimmed)
	d.digits = bytes.TrimLeft(trimmed, "0")
	if len(d.digits) == 0 {
		d.exponent, d.negative = 0, false
	}
	return d
}

// shiftOf is the value of an exponent, 0 when there is none; one beyond int is
// clamped and keeps its sign.
func shiftOf(exponent []byte) int {
	if len(exponent) == 0 {
		return 0
	}
	shift, err := strconv.Atoi(string(exponent))
	if err != nil {
		shift = math.MaxInt32
		if exponent[0] == '-' {
			shift = -shift
		}
	}
	return min(max(shift, -math.MaxInt32), math.MaxInt32)
}

// compareLiterals orders number literals by value, then by text, so that 1.0
// and 1.00 have an order too.
func compareLiterals(a, b []byte) int {
	var left, right [digits]byte
	c := decimalOf(left[:0], a).compare(decimalOf(right[:0], b))
	return cmp.Or(c, cmp.Compare(len(a), len(b)), bytes.Compare(a, b))
}

func (d decimal) compare(e decimal) int {
	if c := cmp.Compare(d.sign(), e.sign()); c != 0 || d.sign() == 0 {
		return c
	}
	magnitude := cmp.Compare(d.exponent+len(d.digits), e.exponent+len(e.digits))
	return d.sign() * cmp.Or(magnitude, bytes.Compare(d.digits, e.digits))
}

func (d decimal) sign() int {
	switch {
	case len(d.digits) == 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}
