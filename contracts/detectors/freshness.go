package detectors

import (
	"fmt"
	"time"

	"shapewatch/contracts"
)

func freshness() contracts.Detector {
	return contracts.Detector{
		Name:     "freshness",
		Severity: contracts.Warning,
		Rule:     contracts.Rule{Prior: 200, Beyond: true, Aside: true},
		Detect:   findStale,
		Doc: `The data stopped moving, or falls behind

**What it means for you.** The vendor answers 200 with what it knew yesterday. Nothing fails; everything you do with it is wrong.

**A real one.** PeeringDB answered for days with data that was about six days old (issue 1917, March 2026); the feed of Wiener Linien stood still for sixty hours in August 2026.

**How it decides.** Six ways to go stale. *Frozen*: the body as a whole, which changed twenty times or more, has been the same for three times longer than ever before. *Stale*: the newest time in the answers (` + "`created_at`" + `, ` + "`updated`" + ` and the like; times to come do not count) has not moved for three times longer than ever before. *Falling behind*: it moves, but is six robust deviations and three times older than usual, and older than ever. *Losing*: over the last eight to thirty times that it moved, five minutes apart at least, it was older each time (the test of Mann and Kendall, three standard deviations, along a line), and in the end half as old again as ever before, by ten minutes at least; then the finding says the pace and the time at which it will be how late. Only how old the newest is when it comes counts, so what comes once a day does not fall behind for a day; eight days must have been seen, and a clock that was set is a step and no line. *Slow*: what is numbered through (the highest ` + "`id`, `number`, `seq`" + ` of the main list, whole numbers or texts of digits that hardly ever go down, or a single ` + "`height`, `offset`, `last_id`" + ` outside of lists) moved, in three hours in a row, less than half as far as ever in these hours of the week and their neighbours, where thirty at the least would have come; it is as far behind as what is missing usually takes. That needs three weeks, and a look every three hours or more often; hours in which little comes say nothing, and what is told is learned only by halves. Where nights or weekends rest (four hours in a row or more that bring next to nothing), the first stretch of work in which nothing at all moves is let pass, because it may be a holiday: told is the second, or at once what stops three hours or more before such a stretch is over. *Stuck*: such a number, or a cursor outside of lists (` + "`next_cursor`, `sync_token`" + `), has not moved for three times longer than ever, and no time in the answer says so already. Nights and weekends count: before three weeks were seen, nothing shorter than three days is called frozen or stale.

**Tuning.** ` + "`ignore: [{kind: freshness}]`" + ` for data that changes when somebody feels like it.`,
	}
}

const (
	stillTimes = 3                // times longer than ever
	leastStill = 30 * time.Minute // less is a slow day
	stillRun   = 10               // answers in a row, at least
	seasoned   = 21 * 24 * time.Hour
	unseasoned = 72 * time.Hour // what a long weekend may take
)

func findStale(c *contracts.Comparison) (found []contracts.Finding) {
	if c.Policy.Sensitivity == contracts.Snapshot {
		return nil
	}
	if s, ok := c.Still("body"); ok && tooLong(c, s) {
		found = append(found, still(s, "", "the answer", "the same to the byte"))
	}
	for _, stamp := range c.Observation.Signals.Stamps {
		if s, ok := c.Still("newest:" + stamp.Path); ok && tooLong(c, s) {
			found = append(found, still(s, stamp.Path, "the newest time", "has not moved"))
		} else if f, ok := behind(c, stamp); ok {
			found = append(found, f)
		} else if f, ok := fallingBehind(c, stamp); ok {
			found = append(found, f)
		}
	}
	told := len(found) > 0
	for _, sequence := range c.Observation.Signals.Sequences {
		if f, ok := lateSequence(c, sequence, told); ok {
			found = append(found, f)
		}
	}
	if !told {
		found = append(found, stuckCursors(c)...)
	}
	return found
}

// tooLong reports whether something that moves has stood still for longer than
// nights, weekends and chance explain.
func tooLong(c *contracts.Comparison, s contracts.Stillness) bool {
	least := max(leastStill, stillTimes*s.Longest)
	if c.Observation.At.Sub(c.Baseline.Since) < seasoned {
		least = max(least, unseasoned)
	}
	return s.For > least && s.Answers >= max(stillRun, stillTimes*s.MostInRow/2)
}

func still(s contracts.Stillness, path, what, now string) contracts.Finding {
	return contracts.Finding{
		Path: path,
		Was:  fmt.Sprintf("%s changed %s, after %s at the latest", what, plural(s.Changes, "time"), ago(s.Longest)),
		Now:  fmt.Sprintf("%s for %s", now, ago(s.For)), Evidence: came(s.Changes, 1, 1),
	}
}

// behind reports whether the newest time is much older than it ever was.
func behind(c *contracts.Comparison, stamp contracts.Stamp) (f contracts.Finding, ok bool) {
	for _, lag := range c.Baseline.Habits.Lags {
		age := c.Observation.At.Unix() - stamp.At
		if lag.Path != stamp.Path || lag.Ages.Count < often || age <= stillTimes*lag.Ages.Max || lag.Ages.Distance(age) < deviations ||
			time.Duration(age)*time.Second < leastStill || c.Observation.At.Sub(c.Baseline.Since) < seasoned && age < int64(unseasoned/time.Second) {
			continue
		}
		trend, _, _ := c.Behind(stamp.Path)
		usual := time.Duration(lag.Ages.Median()) * time.Second
		return contracts.Finding{
			Path: stamp.Path, Was: fmt.Sprintf("the newest was about %s old %s", ago(usual), inAnswers(lag.Ages.Count, lag.Ages.Count)),
			Now: fmt.Sprintf("the newest is %s old", ago(time.Duration(age)*time.Second)) + forecast(trend, float64(age), c.Observation.At), Evidence: came(lag.Ages.Count, 1, 1),
		}, true
	}
	return f, false
}

// fallingBehind reports whether the newest time is older each time that it
// moves, and older than ever.
func fallingBehind(c *contracts.Comparison, stamp contracts.Stamp) (f contracts.Finding, ok bool) {
	trend, worst, ok := c.Behind(stamp.Path)
	age := float64(c.Observation.At.Unix() - stamp.At)
	if !ok || age < trend.From {
		return f, false
	}
	return contracts.Finding{
		Path: stamp.Path, Was: fmt.Sprintf("the newest was %s old at most when it came", ago(worst)),
		Now: fmt.Sprintf("the newest is %s old", ago(seconds(age))) + forecast(trend, age, c.Observation.At), Evidence: came(uint64(trend.Runs), 1, 1),
	}, true
}

// ago writes a duration for people: "40 seconds", "3 hours", "2 days".
func ago(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return days(d)
	case d >= 2*time.Hour:
		return plural(uint64(d/time.Hour), "hour")
	case d >= 2*time.Minute:
		return plural(uint64(d/time.Minute), "minute")
	}
	return plural(uint64(d/time.Second), "second")
}
