package shape

import (
	"bytes"
	"cmp"
	"math"
	"slices"
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
	if len(literal) > longest {
		literal = shorten(literal, kept)
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
	v := number{literal: shorten(literal, 2)}
	l.add(v.literal, v.near())
	if short {
		l.low, l.high = min(l.low, near), max(l.high, near)
	}
}

// kept is the number of digits of a long literal that are kept.
const kept = 40

// shorten cuts a literal toward zero to some digits and an exponent. It keeps
// order: a greater literal never becomes a smaller one.
func shorten(literal []byte, most int) []byte {
	v := decimalOf(literal)
	digits := leading(v.digits, most)
	sign := ""
	if v.negative {
		sign = "-"
	}
	return []byte(sign + digits + "e" + strconv.Itoa(v.exponent+len(v.digits)-len(digits)))
}

func leading(digits []byte, most int) string {
	if len(digits) > most {
		digits = bytes.TrimRight(digits[:most], "0") // so that shortening again changes nothing
	}
	if len(digits) == 0 {
		return "0"
	}
	return string(digits)
}

// decimal is ±digits × 10^exponent, digits without leading or trailing zeros.
type decimal struct {
	negative bool
	digits   []byte
	exponent int
}

func decimalOf(literal []byte) decimal {
	var d decimal
	d.negative = literal[0] == '-'
	mantissa, exponent, _ := bytes.Cut(bytes.ToLower(bytes.TrimPrefix(literal, []byte("-"))), []byte("e"))
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	shift, err := strconv.Atoi(string(exponent))
	if len(exponent) > 0 && err != nil { // beyond int: clamp, keeping the sign
		shift = math.MaxInt32
		if exponent[0] == '-' {
			shift = -shift
		}
	}
	shift = min(max(shift, -math.MaxInt32), math.MaxInt32)
	all := slices.Concat(whole, fraction)
	d.exponent = shift - len(fraction)
	trimmed := bytes.TrimRight(all, "0")
	d.exponent += len(all) - len(trimmed)
	d.digits = bytes.TrimLeft(trimmed, "0")
	if len(d.digits) == 0 {
		d.exponent, d.negative = 0, false
	}
	return d
}

// compareLiterals orders number literals by value, then by text, so that 1.0
// and 1.00 have an order too.
func compareLiterals(a, b []byte) int {
	return cmp.Or(decimalOf(a).compare(decimalOf(b)), cmp.Compare(len(a), len(b)), bytes.Compare(a, b))
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
