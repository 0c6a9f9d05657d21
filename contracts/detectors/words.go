package detectors

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

// inAnswers says how often: "in 412 of 412 answers".
func inAnswers(n, of uint64) string { return fmt.Sprintf("in %d of %d answers", n, of) }

// kinds names the kinds of a field, most frequent first: "integer or null".
func kinds(f *shape.Field) string {
	var seen []shape.Kind
	for k := range shape.NumKinds {
		if f.Has(k) {
			seen = append(seen, k)
		}
	}
	slices.SortStableFunc(seen, func(a, b shape.Kind) int { return cmp.Compare(f.Kinds[b], f.Kinds[a]) })
	names := make([]string, len(seen))
	for i, k := range seen {
		names[i] = k.String()
	}
	return strings.Join(names, " or ")
}

// had is the number of probes in which a field was there at all.
func had(f *shape.Field) uint64 { return f.Probes.All + f.Probes.Some }

// count writes a number with thin separators: "4,000".
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// size writes bytes for people.
func size(n int64) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return count(n) + " bytes"
}

// span writes a window for people: "hour", "15 minutes".
func span(d time.Duration) string {
	for _, u := range []struct {
		d    time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if d >= u.d && d%u.d == 0 {
			if n := d / u.d; n > 1 {
				return fmt.Sprintf("%d %ss", n, u.name)
			}
			return u.name
		}
	}
	return d.String()
}

// quiet reports whether a place is no ground for judgement: inside a map,
// where keys are data.
func quiet(f *shape.Field) bool { return f.InMap }

// came is the evidence of something that was never there and is now, in seen
// of of values of one answer.
func came(probes, seen, of uint64) contracts.Evidence {
	return contracts.Evidence{WasSeen: 0, WasOf: probes, NowSeen: seen, NowOf: of}
}

// whole is the evidence of something about the answer as a whole that no
// answer before had.
func whole(c *contracts.Comparison) contracts.Evidence { return came(c.Baseline.Answers(), 1, 1) }

// plural picks the word for a number: "1 answer", "2 answers".
func plural(n uint64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(int64(n)) + " " + one + "s"
}

// percent writes a share: "2 %", or "0.4 %" below one.
func percent(share float64) string {
	if share < 0.01 {
		return fmt.Sprintf("%.1f %%", share*100)
	}
	return fmt.Sprintf("%.0f %%", share*100)
}
