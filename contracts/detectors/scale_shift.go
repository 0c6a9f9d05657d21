package detectors

import (
	"fmt"
	"math"
	"strconv"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

func scaleShift() contracts.Detector {
	return contracts.Detector{
		Name:     "scale-shift",
		Severity: contracts.Breaking,
		Rule:     contracts.Rule{Trial: contracts.EveryValue, Prior: 50, Beyond: true},
		Detect:   findShifts,
		Doc: `Numbers moved to another unit

**What it means for you.** Cents became euros, seconds became milliseconds: nothing fails, everything is wrong by a factor.

**A real one.** On 1 January 2025 Binance's history files went from milliseconds to microseconds; a year later people still report what it broke (binance-public-data, issue 386).

**How it decides.** Times: the unit of an epoch is told by its size, so that another unit is certain. Amounts: all values of an answer lie beyond everything seen before, by a factor that units have (10, 60, 100, 1,000, 3,600, a million and their inverses, within 10 %), and the number of decimals changed with them. Where what is usual spans so much that the two overlap, eight values of an answer or more must have turned from whole numbers into fractions, or back, and their middle must have moved by such a factor.

**Tuning.** ` + "`ignore`" + ` the path of a counter that grows by leaps.`,
	}
}

// factors are what separates units of one quantity.
var factors = []float64{10, 60, 100, 1000, 3600, 1e6}

func findShifts(c *contracts.Comparison) (found []contracts.Finding) {
	for _, p := range c.Both() {
		if !number(p.Now) || !number(p.Before) || had(p.Before) < often {
			continue
		}
		if f, ok := shifted(p.Before, p.Now); ok {
			found = append(found, f)
		}
	}
	return found
}

func number(f *shape.Field) bool { return f.Has(shape.Int) || f.Has(shape.Frac) }

func shifted(old, now *shape.Field) (contracts.Finding, bool) {
	n := now.Kinds[shape.Int] + now.Kinds[shape.Frac]
	f := contracts.Finding{Path: now.Path, Evidence: came(had(old), n, n)}
	if was, is, ok := epochs(old, now); ok {
		f.Was, f.Now = was+" "+inAnswers(had(old), had(old)), is
		return f, true
	}
	if ratio, ok := factor(old, now); ok {
		f.Was = fmt.Sprintf("%s to %s with %s", old.Numbers.Min, old.Numbers.Max, plural(uint64(old.Numbers.Decimals), "decimal"))
		f.Now = fmt.Sprintf("about %s, with %s", times(ratio), plural(uint64(now.Numbers.Decimals), "decimal"))
		return f, true
	}
	return f, false
}

// epochs reports whether all times changed their unit.
func epochs(old, now *shape.Field) (was, is string, ok bool) {
	was, is = epochUnit(old), epochUnit(now)
	return was, is, was != "" && is != "" && was != is
}

// The years that an API's times are likely to lie in, as Unix seconds: a
// number of that size is a time in seconds, and so on by thousands.
const (
	earliest = 1.2e9 // 2008
	latest   = 2.2e9 // 2039
)

// epochUnit is the unit in which all values of a field are times of our days,
// or "".
func epochUnit(f *shape.Field) string {
	lo, hi, ok := bounds(f)
	if !ok || f.Has(shape.Frac) {
		return ""
	}
	for i, unit := range []string{"Unix seconds", "Unix milliseconds", "Unix microseconds", "Unix nanoseconds"} {
		scale := math.Pow(1000, float64(i))
		if lo >= earliest*scale && hi <= latest*scale {
			return unit
		}
	}
	return ""
}

// factor is by how much all values moved, when that is what units do.
func factor(old, now *shape.Field) (float64, bool) {
	before, after := middle(old), middle(now)
	if before <= 0 || after <= 0 || old.Numbers.Decimals == now.Numbers.Decimals {
		return 0, false
	}
	ratio, tolerance := after/before, 0.1
	if !beyond(old, now) {
		if !otherDecimals(old, now) {
			return 0, false
		}
		tolerance = 0.35 // the middle of a handful of values is not that of all
	}
	for _, f := range factors {
		for _, r := range []float64{f, 1 / f} {
			if math.Abs(math.Log(ratio/r)) < tolerance {
				return r, true
			}
		}
	}
	return 0, false
}

// manyValues is how many values of one answer tell their middle well enough.
const manyValues = 8

// otherDecimals reports whether whole numbers became fractions in most places,
// or the other way round, in so many values that their middle can be compared.
func otherDecimals(old, now *shape.Field) bool {
	n := now.Kinds[shape.Int] + now.Kinds[shape.Frac]
	whole := old.Kinds[shape.Frac] == 0 && 2*now.Kinds[shape.Frac] > n
	fractions := 2*old.Kinds[shape.Frac] > old.Kinds[shape.Int]+old.Kinds[shape.Frac] && now.Kinds[shape.Frac] == 0
	return n >= manyValues && (whole || fractions)
}

func middle(f *shape.Field) float64 {
	if f.Numbers.Median != 0 {
		return f.Numbers.Median
	}
	lo, hi, _ := bounds(f)
	return (lo + hi) / 2
}

// beyond reports whether the ranges do not touch.
func beyond(old, now *shape.Field) bool {
	oldMin, oldMax, ok1 := bounds(old)
	nowMin, nowMax, ok2 := bounds(now)
	return ok1 && ok2 && (nowMin > oldMax || nowMax < oldMin)
}

func bounds(f *shape.Field) (lo, hi float64, ok bool) {
	lo, err1 := strconv.ParseFloat(f.Numbers.Min, 64)
	hi, err2 := strconv.ParseFloat(f.Numbers.Max, 64)
	return lo, hi, err1 == nil && err2 == nil
}

func times(ratio float64) string {
	if ratio < 1 {
		return count(int64(1/ratio+0.5)) + " times less"
	}
	return count(int64(ratio+0.5)) + " times more"
}
