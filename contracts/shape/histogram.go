package shape

import (
	"cmp"
	"math"
	"slices"
)

// The histogram counts float64 values by sign, exponent and the first bits of
// the mantissa: 32 buckets for each doubling, fewer once there are too many.
const (
	finest     = 5
	maxBuckets = 32
)

func (n *numbers) magnitude(f float64) {
	f = min(max(f, -math.MaxFloat64), math.MaxFloat64) // 1e400 has no float64
	n.hist.tick(uint32(math.Float64bits(f)>>(52-finest)) >> n.coarse)
	if n.hist.used > maxBuckets {
		n.coarsen()
	}
}

// coarsen halves the resolution until the buckets are few enough. The result
// depends on the set of values only.
func (n *numbers) coarsen() {
	for n.hist.used > maxBuckets {
		n.halve()
	}
}

func (n *numbers) halve() {
	var room [2 * maxBuckets]cell
	cells := append(room[:0], n.hist.cells...)
	n.hist.reset()
	for _, c := range cells {
		if c.count > 0 {
			n.hist.add(c.key>>1, c.count)
		}
	}
	n.coarse++
}

// median is the middle of the bucket that holds the median.
func (n *numbers) median() float64 {
	type middle struct {
		value float64
		count uint64
	}
	var room [maxBuckets]middle
	buckets, total := room[:0], uint64(0)
	for _, c := range n.hist.cells {
		if c.count > 0 {
			buckets = append(buckets, middle{n.middle(c.key), c.count})
			total += c.count
		}
	}
	slices.SortFunc(buckets, func(a, b middle) int { return cmp.Compare(a.value, b.value) })
	var below uint64
	for _, b := range buckets {
		if below += b.count; 2*below >= total {
			return b.value
		}
	}
	return 0
}

// middle is the middle of a bucket.
func (n *numbers) middle(bucket uint32) float64 {
	low, width := uint64(bucket)<<n.coarse<<(52-finest), uint64(1)<<(52-finest)<<n.coarse
	if low != 0 && n.coarse <= finest {
		low += width / 2
	}
	f := min(max(math.Float64frombits(low), -math.MaxFloat64), math.MaxFloat64)
	if math.IsNaN(f) {
		return 0
	}
	return f
}
