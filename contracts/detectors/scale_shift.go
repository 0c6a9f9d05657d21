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
		Rule:     contracts.Rule{Trial: contracts.EveryValue, Prior: 50, Beyond: true, Varies: true, Returns: contracts.Things},
		Detect:   findShifts,
		Doc: `Numbers moved to another unit

**What it means for you.** Cents became euros, seconds became milliseconds: nothing fails, everything is wrong by a factor.

**A real one.** On 1 January 2025 Binance's history files went from milliseconds to microseconds; a year later people still report what it broke (binance-public-data, issue 386).

**How it decides.** Times: the unit of an epoch is told by its size, so that another unit is certain. Amounts: all values of an answer lie beyond everything seen before, by a factor that units have (10, 60, 100, 1,000, 3,600, a million and their inverses, within 10 %), and the number of decimals changed with them. Where whole numbers became hundredths, or hundredths whole numbers, the decimals themselves speak of the factor: it is enough that the middle moved by about as much, in eight values of an answer or in fewer that all lie beyond what was seen. Of fewer it is also enough that each, counted in hundredths, lies among the whole numbers that were, and nearer to their middle than as it is; the first one that was learned hides none of the others.

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
		if f, ok := shifted(p.Before, p.Now, ranged(c, p.Before)); ok {
			found = append(found, f)
		}
	}
	return found
}

func number(f *shape.Field) bool { return f.Has(shape.Int) || f.Has(shape.Frac) }

// ranged reports whether so many different numbers were seen that it is known
// between what they lie.
func ranged(c *contracts.Comparison, old *shape.Field) bool {
	return c.Policy.Sensitivity == contracts.Snapshot || old.Values.Distinct >= often
}

func shifted(old, now *shape.Field, ranged bool) (contracts.Finding, bool) {
	n := values(now)
	f := contracts.Finding{Path: now.Path, Evidence: came(had(old), n, n)}
	if was, is, ok := epochs(old, now); ok {
		f.Was, f.Now = was+" "+inAnswers(had(old), had(old)), is
		return f, true
	}
	if ratio, ok := factor(old, now); ok && ranged {
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
	if before <= 0 || after <= 0 || decimals(old) == decimals(now) {
		return 0, false
	}
	ratio := after / before
	if by, ok := byDecimals(old, now); ok && math.Abs(math.Log(ratio/by)) < leeway {
		return by, true
	}
	if by, ok := byPlace(old, now); ok {
		return by, true
	}
	const tolerance = 0.1
	if !beyond(old, now) || max(old.Numbers.Decimals, now.Numbers.Decimals) > inexact {
		return 0, false
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

// inexact is from how many decimals on they are the noise of a reckoning, and
// speak of nothing.
const inexact = 9

// manyValues is how many values of one answer tell their middle well enough.
const manyValues = 8

// byDecimals is the factor that the decimals speak of: whole numbers that have
// become hundredths are a hundred times less, and the other way round. Few
// values say so only when they lie beyond all that were.
func byDecimals(old, now *shape.Field) (by float64, ok bool) {
	n := values(now)
	if n < manyValues && !beyond(old, now) {
		return 0, false
	}
	switch {
	case integral(old) && 2*now.Kinds[shape.Frac] > n:
		by = math.Pow10(-now.Numbers.Decimals)
	case 2*old.Kinds[shape.Frac] > values(old) && !now.Has(shape.Frac):
		by = math.Pow10(old.Numbers.Decimals)
	}
	return by, by != 0 && by >= 1e-3 && by <= 1e3
}

// rare is the share of fractions, one in so many, up to which a field still
// holds whole numbers: an answer that was learned with the first of the new
// ones must not hide the rest.
const rare = 20

// integral reports whether a field holds whole numbers.
func integral(f *shape.Field) bool { return rare*f.Kinds[shape.Frac] <= values(f) }

// decimals are those that a field has as a rule.
func decimals(f *shape.Field) int {
	if integral(f) {
		return 0
	}
	return f.Numbers.Decimals
}

// byPlace is the factor for a few values, which tell no middle: fractions where
// whole numbers were, each of which lies among them when it is counted in the
// smaller unit, and nearer to their middle than as it is. A number is often
// sent without the zeros at its end: 12.5 may be hundredths as well.
func byPlace(old, now *shape.Field) (by float64, ok bool) {
	oldMin, oldMax, ok1 := bounds(old)
	lo, hi, ok2 := bounds(now)
	if !ok1 || !ok2 || lo <= 0 || !integral(old) || now.Kinds[shape.Frac] != values(now) || values(now) >= manyValues {
		return 0, false
	}
	apart := math.Inf(1)
	for d := now.Numbers.Decimals; d <= max(now.Numbers.Decimals, 2) && d <= 3; d++ {
		r := math.Pow10(-d)
		if lo/r < oldMin || hi/r > oldMax || hi >= middle(old)*math.Sqrt(r) {
			continue
		}
		if far := math.Abs(math.Log(middle(now) / r / middle(old))); far < apart {
			by, ok, apart = r, true, far
		}
	}
	return by, ok
}

// leeway is how far, as a logarithm, the middle of a few values may be from
// that of all: no farther than another power of ten is near.
var leeway = math.Log(math.Sqrt(10))

func values(f *shape.Field) uint64 { return f.Kinds[shape.Int] + f.Kinds[shape.Frac] }

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
