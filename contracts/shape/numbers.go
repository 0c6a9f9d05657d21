package shape

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strconv"
)

// numbers is what is known of the numbers at a path. Literals are compared as
// the decimals they are; a float64 only places them in the histogram and
// filters those that cannot be a new extreme.
type numbers struct {
	places   tally // decimal places
	hist     tally // magnitude, see histogram
	coarse   uint8 // bits by which the histogram was coarsened
	gcd      uint64
	beyond53 uint64
	ints     extremes[int64] // integers that fit in 64 bits
	wide     literals        // all other numbers
}

type extremes[T cmp.Ordered] struct {
	seen     bool
	min, max T
}

func (e *extremes[T]) add(v T) {
	if !e.seen {
		e.seen, e.min, e.max = true, v, v
		return
	}
	e.min, e.max = min(e.min, v), max(e.max, v)
}

// literals keeps the extremes of numbers as they were sent.
type literals struct {
	min, max  []byte  // empty when none was seen
	low, high float64 // about the same, to save comparisons
}

// longest is the length up to which a number's literal is kept as it is;
// longer ones are cut toward zero and written with an exponent.
const longest = 64

// number is a scanned literal.
type number struct {
	literal  []byte
	mantissa uint64 // its digits without sign, point and exponent, when exact
	exponent int    // value = ±mantissa × 10^exponent
	exact    bool   // mantissa and exponent hold the value
	negative bool
	frac     bool // has a point or an exponent
}

// int64 returns the value of an integer literal that fits.
func (v *number) int64() (int64, bool) {
	if v.frac || !v.exact || v.exponent != 0 || v.mantissa > math.MaxInt64 {
		return 0, false
	}
	if v.negative {
		return -int64(v.mantissa), true
	}
	return int64(v.mantissa), true
}

var powers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// near is the value to within float64 precision; never used for identity.
func (v *number) near() float64 {
	if !v.exact || v.exponent < -22 || v.exponent > 22 {
		f, _ := strconv.ParseFloat(string(v.literal), 64) // ±Inf and 0 are fine here
		return f
	}
	f := float64(v.mantissa)
	if v.exponent < 0 {
		f /= powers[-v.exponent]
	} else {
		f *= powers[v.exponent]
	}
	if v.negative {
		return -f
	}
	return f
}

// decimals is the number of decimal places the literal asks for, up to 255.
func (v *number) decimals() uint32 {
	if v.exact {
		return uint32(min(max(-v.exponent, 0), 255))
	}
	mantissa, exponent, _ := bytes.Cut(bytes.ToLower(v.literal), []byte("e"))
	_, fraction, _ := bytes.Cut(mantissa, []byte("."))
	shift, err := strconv.Atoi(string(exponent))
	if len(exponent) > 0 && err != nil {
		return 255
	}
	return uint32(min(max(len(fraction)-shift, 0), 255))
}

// add counts a number and returns what narrows it: the unit of an epoch time
// or plain.
func (n *numbers) add(v *number, at int64) format {
	if i, ok := v.int64(); ok {
		n.ints.add(i)
		n.divide(v.mantissa)
		if v.mantissa > 1<<53 {
			n.beyond53++
		}
		n.magnitude(float64(i))
		return epochUnit(i, at)
	}
	if !v.frac {
		n.beyond53++
	} else {
		n.places.add(v.decimals(), 1)
	}
	near := v.near()
	n.magnitude(near)
	n.wide.add(v.literal, near)
	return plain
}

func (n *numbers) divide(by uint64) {
	if n.gcd == 1 || by == 0 || n.gcd != 0 && by%n.gcd == 0 {
		return
	}
	a, b := n.gcd, by
	for b != 0 {
		a, b = b, a%b
	}
	n.gcd = a
}

// The histogram counts float64 values by sign, exponent and the first bits of
// the mantissa: 32 buckets for each doubling, fewer once there are too many.
const (
	finest     = 5
	maxBuckets = 32
)

func (n *numbers) magnitude(f float64) {
	f = min(max(f, -math.MaxFloat64), math.MaxFloat64) // 1e400 has no float64
	n.hist.add(uint32(math.Float64bits(f)>>(52-finest))>>n.coarse, 1)
	n.coarsen()
}

// coarsen halves the resolution until the buckets are few enough. The result
// depends on the set of values only.
func (n *numbers) coarsen() {
	for n.hist.used > maxBuckets {
		n.halve()
	}
}

func (n *numbers) halve() {
	var half tally
	for _, c := range n.hist.cells {
		if c.count > 0 {
			half.add(c.key>>1, c.count)
		}
	}
	n.hist = half
	n.coarse++
}

func (n *numbers) merge(o *numbers) {
	n.places.merge(&o.places)
	n.divide(o.gcd)
	n.beyond53 += o.beyond53
	if o.ints.seen {
		n.ints.add(o.ints.min)
		n.ints.add(o.ints.max)
	}
	if len(o.wide.min) > 0 {
		n.wide.add(o.wide.min, o.wide.low)
		n.wide.add(o.wide.max, o.wide.high)
	}
	for n.coarse < o.coarse {
		n.halve()
	}
	for _, c := range o.hist.cells {
		if c.count > 0 {
			n.hist.add(c.key>>(n.coarse-o.coarse), c.count)
		}
	}
	n.coarsen()
}

func (n *numbers) reset() {
	n.places.reset()
	n.hist.reset()
	n.coarse, n.gcd, n.beyond53 = 0, 0, 0
	n.ints = extremes[int64]{}
	n.wide.min, n.wide.max = n.wide.min[:0], n.wide.max[:0]
}

// margin is more than the error of a number's float64.
const margin = 1e-9

func (l *literals) add(literal []byte, near float64) {
	if len(literal) > longest {
		literal = shorten(literal)
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

// shorten cuts a long literal toward zero to 40 digits and an exponent. It
// keeps order: a greater literal never becomes a smaller one.
func shorten(literal []byte) []byte {
	v := decimalOf(literal)
	digits := leading(v.digits)
	sign := ""
	if v.negative {
		sign = "-"
	}
	return []byte(sign + digits + "e" + strconv.Itoa(v.exponent+len(v.digits)-len(digits)))
}

func leading(digits []byte) string {
	if len(digits) > 40 {
		digits = digits[:40]
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

// view gives the numbers as a reader wants them.
func (n *numbers) view() Numbers {
	v := Numbers{GCD: n.gcd, Beyond53: n.beyond53, Median: n.median()}
	low, high := n.wide.min, n.wide.max
	if n.ints.seen {
		least, most := strconv.AppendInt(nil, n.ints.min, 10), strconv.AppendInt(nil, n.ints.max, 10)
		if len(low) == 0 || compareLiterals(least, low) < 0 {
			low = least
		}
		if len(high) == 0 || compareLiterals(most, high) > 0 {
			high = most
		}
	}
	v.Min, v.Max = string(low), string(high)
	for _, c := range n.places.cells {
		if c.count > 0 {
			v.Decimals = max(v.Decimals, int(c.key))
		}
	}
	return v
}

// median is the middle of the bucket that holds the median.
func (n *numbers) median() float64 {
	cells := n.hist.sorted()
	var total uint64
	values := make([]float64, len(cells))
	for i, c := range cells {
		total += c.count
		low := uint64(c.key) << n.coarse << (52 - finest)
		values[i] = math.Float64frombits(low)
		if width := uint64(1) << (52 - finest) << n.coarse; low != 0 && n.coarse <= finest {
			values[i] = math.Float64frombits(low + width/2)
		}
		values[i] = min(max(values[i], -math.MaxFloat64), math.MaxFloat64)
		if math.IsNaN(values[i]) {
			values[i] = 0
		}
	}
	order := make([]int, len(cells))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	var below uint64
	for _, i := range order {
		if below += cells[i].count; 2*below >= total {
			return values[i]
		}
	}
	return 0
}
