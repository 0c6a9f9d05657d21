package detectors

import (
	"fmt"
	"math"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

func idHeadroom() contracts.Detector {
	return contracts.Detector{
		Name:     "id-headroom",
		Severity: contracts.Warning,
		Rule:     contracts.Rule{Trial: contracts.EveryValue, Prior: 1000, Beyond: true, Aside: true},
		Detect:   findHeadroom,
		Doc: `Ids are about to outgrow a number type

**What it means for you.** Beyond 2,147,483,647 an id no longer fits a 32-bit column; beyond 9,007,199,254,740,992 JavaScript and every decoder into floats reads another id than was sent.

**A real one.** Twitter's ids passed what JavaScript can hold; clients that read ` + "`id`" + ` instead of ` + "`id_str`" + ` got other tweets (twit, issue 293).

**How it decides.** A whole number under an id's name. The first one beyond a border is told (of ids two digits are kept, so that the first border is noticed at 2.2 thousand million). Before that: the largest id has grown for a week or more, and at that pace the border is less than 90 days away.

**Tuning.** ` + "`ignore`" + ` the path once your columns are wide enough.`,
	}
}

// borders are the largest numbers that common types hold.
var borders = []struct {
	at   float64
	name string
}{{math.MaxInt32, "2,147,483,647, the largest 32-bit integer"}, {1 << 53, "2^53, the largest integer that a float holds"}}

const (
	growthAge = 7 * 24 * time.Hour  // how long growth must have been seen
	horizon   = 90 * 24 * time.Hour // how near a border must be
)

func findHeadroom(c *contracts.Comparison) (found []contracts.Finding) {
	for _, p := range c.Both() {
		if !idName(p.Now.Name) || p.Now.Kinds[shape.Int] == 0 || had(p.Before) < often {
			continue
		}
		if _, isTime := p.Now.IsTimestamp(); isTime {
			continue
		}
		if f, ok := headroom(c.Observation.At, p.Before, p.Now); ok {
			found = append(found, f)
		}
	}
	return found
}

func headroom(at time.Time, old, now *shape.Field) (contracts.Finding, bool) {
	f := contracts.Finding{Path: now.Path, Evidence: came(had(old), 1, 1)}
	low, before, ok1 := bounds(old)
	_, after, ok2 := bounds(now)
	if !ok1 || !ok2 {
		return f, false
	}
	if now.Numbers.Beyond53 > 0 && old.Numbers.Beyond53 == 0 && before < 1<<53 {
		f.Was, f.Now = "within 2^53 "+inAnswers(had(old), had(old)), "beyond "+borders[1].name
		return f, true
	}
	for _, border := range borders {
		if after > border.at && before <= border.at {
			f.Was, f.Now = "about "+old.Numbers.Max+" at most "+inAnswers(had(old), had(old)), fmt.Sprintf("about %s, beyond %s", now.Numbers.Max, border.name)
			return f, true
		}
		age := at.Sub(old.First)
		if after > border.at || after < before || age < growthAge || before <= low {
			continue
		}
		perDay := (after - low) / (age.Hours() / 24)
		left := time.Duration((border.at - after) / perDay * float64(24*time.Hour))
		if after > 0.5*border.at && left < horizon && left > 0 {
			f.Was = fmt.Sprintf("grew by about %s a day for %s", count(int64(perDay)), days(age))
			f.Now = fmt.Sprintf("about %s, %s before %s", now.Numbers.Max, days(left), border.name)
			return f, true
		}
	}
	return f, false
}

// days writes a duration for people, in whole days.
func days(d time.Duration) string { return plural(uint64(d/(24*time.Hour)), "day") }
