package detectors

import (
	"fmt"
	"math"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
	"shapewatch/probes"
)

// lateSequence reports whether what is numbered through has fallen behind its
// usual pace, or, where no time says so already, stands still for longer than
// ever.
func lateSequence(c *contracts.Comparison, s contracts.Sequence, told bool) (f contracts.Finding, ok bool) {
	if late, ok := c.Slow(s.Path); ok {
		return slowed(c, s.Path, late), true
	}
	if still, ok := c.Still("sequence:" + s.Path); ok && !told && tooLong(c, still) {
		return stopped(still, s.Path, "the highest number"), true
	}
	return f, false
}

// slowed tells of a sequence by its pace.
func slowed(c *contracts.Comparison, path string, late contracts.Slowness) contracts.Finding {
	f := contracts.Finding{Path: path, Was: "moves " + moves(late.Usual, late.Usual) + " at these hours", Evidence: whole(c)}
	since := " since " + clock(late.Since)
	if late.Stands {
		f.Now = "has stood still" + since + ", " + ago(late.Behind) + " behind"
		return f
	}
	t := probes.Trend{Rises: true, PerHour: late.Grows}
	f.Now = "moves " + moves(late.PerHour, late.Usual) + since + ", " + ago(late.Behind) + " behind" + forecast(t, late.Behind.Seconds(), c.Observation.At)
	return f
}

// moves writes a pace for people, in the unit in which the usual one is read
// well: "12 a minute"; what is numbered by the clock as a share of the usual.
func moves(perHour, usual float64) string {
	switch {
	case usual >= 1e9 && perHour == usual:
		return "steadily"
	case usual >= 1e9:
		return fmt.Sprintf("at %.0f %% of that pace", 100*perHour/usual)
	case usual >= 60:
		return rounded(perHour/60) + " a minute"
	}
	return rounded(perHour) + " an hour"
}

// rounded keeps two digits of what is small.
func rounded(n float64) string {
	if n < 10 && math.Abs(n-math.Round(n)) >= 0.05 {
		return fmt.Sprintf("%.1f", n)
	}
	return count(int64(math.Round(n)))
}

// stuckCursors reports the cursors that moved and do not any more. Nothing is
// known of how far one is from another.
func stuckCursors(c *contracts.Comparison) (found []contracts.Finding) {
	for _, f := range c.Now() {
		if f.Count != 1 || f.Kinds[shape.String] != 1 || !contracts.IsCursor(f.Name) {
			continue
		}
		if s, ok := c.Still(f.Path); ok && tooLong(c, s) {
			found = append(found, stopped(s, f.Path, "the cursor"))
		}
	}
	return found
}

// stopped tells of what moved and does not, as [still] does.
func stopped(s contracts.Stillness, path, what string) contracts.Finding {
	return still(s, path, what, "has not moved")
}

// followed reports whether freshness follows a value outside of lists, so that
// nothing else need say that it stands still.
func followed(c *contracts.Comparison, path string) bool {
	for _, s := range c.Observation.Signals.Sequences {
		if s.Path == path {
			return true
		}
	}
	f, ok := c.NowAt(path)
	return ok && f.Kinds[shape.String] > 0 && contracts.IsCursor(f.Name)
}
