package contracts

import (
	"cmp"
	"math"
	"slices"
)

// A Scale is the distribution of a size on a logarithmic scale, in steps of
// about 9 %, exactly additive.
type Scale struct {
	Count   uint64   `json:"n"`
	Min     int64    `json:"a"`
	Max     int64    `json:"z"`
	Buckets []bucket `json:"h"` // by index
}

type bucket [2]uint64 // index, count

// stepsPerE buckets make a factor of e, so that a step is about 9 %.
const stepsPerE = 12

// maxBuckets bounds a scale; sizes of 63 bits fit in with room.
const maxBuckets = 600

// Add counts a size.
func (s *Scale) Add(n int64) {
	n = max(n, 0)
	if s.Count == 0 {
		s.Min, s.Max = n, n
	}
	s.Count++
	s.Min, s.Max = min(s.Min, n), max(s.Max, n)
	s.count(uint64(math.Log1p(float64(n))*stepsPerE+0.5), 1)
}

func (s *Scale) count(index, n uint64) {
	i, found := slices.BinarySearchFunc(s.Buckets, index, func(b bucket, index uint64) int {
		return cmp.Compare(b[0], index)
	})
	switch {
	case found:
		s.Buckets[i][1] += n
	case len(s.Buckets) < maxBuckets:
		s.Buckets = slices.Insert(s.Buckets, i, bucket{index, n})
	}
}

func (s *Scale) merge(o Scale) {
	if o.Count == 0 {
		return
	}
	if s.Count == 0 {
		s.Min, s.Max = o.Min, o.Max
	}
	s.Count += o.Count
	s.Min, s.Max = min(s.Min, o.Min), max(s.Max, o.Max)
	for _, b := range o.Buckets {
		s.count(b[0], b[1])
	}
}

// Median is the middle size, to about 4 %; exact when all were equal.
func (s Scale) Median() float64 {
	if s.Min == s.Max {
		return float64(s.Min)
	}
	return math.Expm1(s.middle() / stepsPerE)
}

func (s Scale) middle() float64 {
	var seen uint64
	for _, b := range s.Buckets {
		if seen += b[1]; seen*2 >= s.Count {
			return float64(b[0])
		}
	}
	return 0
}

// Distance is how many robust standard deviations n lies from the median, on
// the logarithmic scale, signed. The deviation is at least 10 %: a size that
// never moved is not judged by its last byte.
func (s Scale) Distance(n int64) float64 {
	if s.Count == 0 {
		return 0
	}
	mid := s.middle()
	return (math.Log1p(float64(max(n, 0)))*stepsPerE - mid) / max(1.4826*s.spread(mid), 0.1*stepsPerE)
}

// spread is the median absolute deviation from mid, in steps.
func (s Scale) spread(mid float64) float64 {
	type far struct {
		by float64
		n  uint64
	}
	fars := make([]far, 0, len(s.Buckets))
	for _, b := range s.Buckets {
		fars = append(fars, far{math.Abs(float64(b[0]) - mid), b[1]})
	}
	slices.SortFunc(fars, func(a, b far) int { return cmp.Compare(a.by, b.by) })
	var seen uint64
	for _, f := range fars {
		if seen += f.n; seen*2 >= s.Count {
			return f.by
		}
	}
	return 0
}

// Range is the sizes between which all but the share of outliers on either
// side lie, as the middles of their steps; the extremes when outliers is 0.
func (s *Scale) Range(outliers float64) (low, high int64) {
	low, high = s.Min, s.Max
	cut, below := uint64(outliers*float64(s.Count)), uint64(0)
	for _, b := range s.Buckets {
		if below += b[1]; below > cut {
			low = max(low, sizeOf(b[0]))
			break
		}
	}
	above := uint64(0)
	for _, b := range slices.Backward(s.Buckets) {
		if above += b[1]; above > cut {
			high = min(high, sizeOf(b[0]))
			break
		}
	}
	return min(low, high), high
}

// sizeOf is the size in the middle of a bucket.
func sizeOf(index uint64) int64 { return int64(math.Expm1(float64(index)/stepsPerE) + 0.5) }
