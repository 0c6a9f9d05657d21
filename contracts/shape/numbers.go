package shape

import (
	"cmp"
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
	top      int64           // of private numbers, one that is no new maximum when made rough
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

// add counts a number and returns what narrows it: the unit of an epoch time
// or plain. Of private numbers, as of ids and telephone numbers, no digit is
// kept beyond the second.
func (n *numbers) add(v *number, at int64, private bool) format {
	if i, ok := v.int64(); ok {
		n.bound(i, private)
		if !private {
			n.divide(v.mantissa)
		}
		if v.mantissa > 1<<53 {
			n.beyond53++
		}
		n.magnitude(float64(i))
		return epochUnit(i, at)
	}
	if !v.frac {
		n.beyond53++
	} else {
		n.places.tick(v.decimals())
	}
	near := v.near()
	n.magnitude(near)
	if private {
		n.wide.addRough(v.literal, near)
	} else {
		n.wide.add(v.literal, near)
	}
	return plain
}

func (n *numbers) bound(i int64, private bool) {
	if !private {
		n.ints.add(i)
		return
	}
	if n.ints.seen && n.ints.min <= i && i <= n.top { // made rough, it is no new extreme
		return
	}
	r := rough(i)
	if n.ints.add(r); r == n.ints.max {
		n.top = i
	}
}

// rough keeps two digits, toward zero, so that order is kept and an extreme
// made rough is the extreme of the rough values.
func rough(i int64) int64 {
	scale := int64(1)
	for i/scale > 99 || i/scale < -99 {
		scale *= 10
	}
	return i / scale * scale
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

func (n *numbers) merge(o *numbers, private bool) {
	n.places.merge(&o.places)
	if private {
		n.gcd = 0
	} else {
		n.divide(o.gcd)
	}
	n.beyond53 += o.beyond53
	if o.ints.seen {
		n.bound(o.ints.min, private)
		n.bound(o.ints.max, private)
	}
	switch {
	case len(o.wide.min) == 0:
	case private:
		n.wide.addRough(o.wide.min, o.wide.low)
		n.wide.addRough(o.wide.max, o.wide.high)
	default:
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
	n.ints, n.top = extremes[int64]{}, 0
	n.wide.min, n.wide.max = n.wide.min[:0], n.wide.max[:0]
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
