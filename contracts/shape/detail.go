package shape

import (
	"cmp"
	"math"
	"slices"
)

// Here is what few readers ask for, so that [Shape.Fields] need not carry it.

// A Bucket of a histogram counts the numbers from Low to High.
type Bucket struct {
	Low, High float64 // in order: the lowest bucket first
	Count     uint64
}

// Histogram is how the numbers at a path spread: at most 32 buckets, 32 to
// a doubling or, where that would be too many, 16, 8 and so on. Nil when there are none.
func (s *Shape) Histogram(path string) []Bucket {
	n := s.at(path)
	if n == nil || n.nums == nil {
		return nil
	}
	return n.nums.buckets()
}

func (n *numbers) buckets() (out []Bucket) {
	for _, c := range n.hist.sorted(nil) {
		low := uint64(c.key) << n.coarse << (52 - finest)
		high := low + uint64(1)<<n.coarse<<(52-finest) - 1
		b := Bucket{Low: finite(low), High: finite(high), Count: c.count}
		if b.Low > b.High { // negative: the bits grow away from zero
			b.Low, b.High = b.High, b.Low
		}
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b Bucket) int { return cmp.Or(cmp.Compare(a.Low, b.Low), cmp.Compare(a.High, b.High)) })
	return out
}

// finite is the number of some bits, the largest where there is none.
func finite(bits uint64) float64 {
	f := math.Float64frombits(bits)
	if math.IsNaN(f) {
		f = math.Copysign(math.Inf(1), f)
	}
	return min(max(f, -math.MaxFloat64), math.MaxFloat64)
}

// DecimalPlaces counts the fractions at a path by the decimal places with which
// they were sent, trailing zeros included; 255 stands for more. Integers are
// not among them.
func (s *Shape) DecimalPlaces(path string) map[int]uint64 {
	n := s.at(path)
	if n == nil || n.nums == nil {
		return nil
	}
	counts := make(map[int]uint64, n.nums.places.used)
	for _, c := range n.nums.places.sorted(nil) {
		counts[int(c.key)] = c.count
	}
	return counts
}

// KeySets are the different sets of keys that the objects at a path had.
type KeySets struct {
	Distinct uint64   // exact when Exact, else an estimate (relative error about 27 %)
	Exact    bool     // all of them are in List
	List     []KeySet // by signature: all while Exact (64 at most), else a sample of 16
}

// A KeySet is one of them.
type KeySet struct {
	Signature uint64 // 32 bits, of the names in any order; stable over machines
	Count     uint64
}

// KeySets returns the key sets of the objects at a path; none where there were
// no objects, or where they were folded into a map.
func (s *Shape) KeySets(path string) KeySets {
	n := s.at(path)
	if n == nil || !n.isRecord() {
		return KeySets{Exact: true}
	}
	sets := &n.object.sets
	out := KeySets{Distinct: sets.distinct(), Exact: !sets.over}
	for i, h := range sets.hashes {
		out.List = append(out.List, KeySet{uint64(h), sets.counts[i]})
	}
	slices.SortFunc(out.List, func(a, b KeySet) int { return cmp.Compare(a.Signature, b.Signature) })
	return out
}
