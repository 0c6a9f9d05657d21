package detectors

import (
	"math"
	"time"

	"shapewatch/contracts"
)

func volume() contracts.Detector { return Volume(dayRatio, dayRecord) }

// Volume is the volume detector with numbers of one's own for an hour of the
// day: how many times less or more than usual is news there, and how far beyond
// all that it had. The bench tries others, to hold ours against what they were
// not chosen on.
func Volume(ratio, record float64) contracts.Detector {
	return contracts.Detector{
		Name:     "volume",
		Severity: contracts.Warning,
		Rule:     contracts.Rule{Prior: 50, Beyond: true, Returns: contracts.Sizes},
		Detect:   ofDay{ratio, record}.findVolume,
		Doc: `Much more, or much less, than usual came back

**What it means for you.** A page of ten became four thousand: slow, costly, perhaps out of memory. Or the list is suddenly empty, and you process nothing without noticing.

**A real one.** A request with ` + "`limit=2`" + ` got 1,715 items from the IATI registry (ckanext-iati, issue 371).

**How it decides.** The length of the main list, or where there is none the size of the body, against all that was learned, on a logarithmic scale: at least three times more or less (bodies: five times), at least six robust deviations from the median, and half as much again beyond everything seen; on the first day, before the busy hours are known, only ten times more or less counts. A list that was never empty and held five items or more is reported when it is empty. Ten times more is breaking. Once three days were seen, each hour of the day is judged by itself and its neighbours: twice less or more than usual there, and a fifth beyond the least or the most that it ever had, is told. Once three weeks were seen, each hour of the week is judged by itself and its neighbours: three times less than the least, or more than the most, that they ever had is told too. Of pages: more items than the request asked for (` + "`limit`" + `, ` + "`per_page`" + ` and the like) is breaking; a list that had the length of a page (10, 25, 100 …) in nine of ten answers and has that of another is told when it stays. The number of all things that the answer states (` + "`total`" + `, ` + "`count`" + `) was never zero and is.

**Tuning.** ` + "`ignore: [{kind: volume}]`" + ` for feeds that swell by nature.`,
	}
}

const (
	deviations  = 6.0
	itemsRatio  = 3.0
	bytesRatio  = 5.0
	breakRatio  = 10.0
	fewItems    = 10   // a difference smaller than this is none
	fewBytes    = 8192 // the same for bodies
	record      = 1.5  // how far beyond everything seen: records are broken now and then
	neverEmpty  = 5    // the usual length from which an empty list is news
	usualAnswer = 15   // answers that make a habit
	evenLengths = 2.0  // times: the longest against the shortest where lists are about as long
)

func (d ofDay) findVolume(c *contracts.Comparison) []contracts.Finding {
	h, s := c.Baseline.Habits, c.Observation.Signals
	path, _, _ := contracts.Usual(h.Lists)
	if f, ok := beyondAsked(c, s); ok {
		return []contracts.Finding{f}
	}
	found := follow(h.Items, totalGone(h, s))
	if s.Items >= 0 && path == s.ItemsPath && h.Items.Count >= usualAnswer {
		if f, ok := jumped(h.Items, s.Items, early(c, itemsRatio), fewItems); ok {
			f.Path = path
			f.Was, f.Now = "about "+plural(uint64(h.Items.Median()+0.5), "item"), plural(uint64(s.Items), "item")
			return append(found, follow(h.Items, []contracts.Finding{withRange(f, h.Items, false)})...)
		}
		if f, ok := d.offHours(c, s.Items); ok {
			f.Path, f.Evidence.Passes = path, true
			return append(found, f)
		}
		if f, ok := otherPage(h, s); ok {
			return append(found, f)
		}
		return found
	}
	if h.Items.Count > 0 || h.Bytes.Count < usualAnswer {
		return found
	}
	if f, ok := jumped(h.Bytes, s.Bytes, bytesRatio, fewBytes); ok {
		f.Evidence.Passes = true
		f.Was, f.Now = "about "+size(int64(h.Bytes.Median())), size(s.Bytes)
		return append(found, withRange(f, h.Bytes, true))
	}
	return found
}

// follow says of findings whether their coming back is counted: where lists
// are of all lengths anyway, it is not.
func follow(lengths contracts.Scale, found []contracts.Finding) []contracts.Finding {
	low, high := lengths.Range(0.05)
	for i := range found {
		found[i].Evidence.Passes = low < neverEmpty || float64(high) > evenLengths*float64(low)
	}
	return found
}

// early is the ratio that counts: before a whole day was seen, the ordinary
// hours of a busy day may still be unknown.
func early(c *contracts.Comparison, ratio float64) float64 {
	if c.Policy.Sensitivity != contracts.Snapshot && c.Observation.At.Sub(c.Baseline.Since) < 24*time.Hour {
		return breakRatio
	}
	return ratio
}

// withRange puts what was seen at most and at least behind the usual size.
func withRange(f contracts.Finding, s contracts.Scale, bytes bool) contracts.Finding {
	if s.Min != s.Max {
		lo, hi := count(s.Min), count(s.Max)
		if bytes {
			lo, hi = size(s.Min), size(s.Max)
		}
		f.Was += " (" + lo + " to " + hi + ")"
	}
	f.Was += " " + inAnswers(s.Count, s.Count)
	return f
}

func jumped(s contracts.Scale, n int64, ratio, least float64) (contracts.Finding, bool) {
	f := contracts.Finding{Evidence: came(s.Count, 1, 1)}
	median := s.Median()
	if n == 0 && s.Min > 0 && median >= neverEmpty {
		return f, true
	}
	moved := float64(n+1) / (median + 1)
	if float64(n) >= float64(s.Min)/record && float64(n) <= float64(s.Max)*record || math.Abs(float64(n)-median) < least ||
		moved < ratio && moved > 1/ratio || math.Abs(s.Distance(n)) < deviations {
		return f, false
	}
	if moved >= breakRatio {
		f.Severity = contracts.Breaking
	}
	return f, true
}
