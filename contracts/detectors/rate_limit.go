package detectors

import (
	"fmt"
	"slices"
	"time"

	"shapewatch/contracts"
)

func rateLimit() contracts.Detector {
	return contracts.Detector{
		Name:     "rate-limit",
		Severity: contracts.Warning,
		Rule:     contracts.Rule{Prior: 50, Returns: contracts.Always},
		Detect:   findLimits,
		Doc: `The rate limit shrank, or its header is gone

**What it means for you.** You will be refused earlier than you planned for, or your client no longer sees the wall coming.

**A real one.** YNAB stopped sending ` + "`X-Rate-Limit`" + ` (ynab.go, pull request 36); libraries.io sends its headers only with the refusal itself (issue 3283).

**How it decides.** Limits are read by meaning from any of the spellings in use: ` + "`X-RateLimit-*`" + `, ` + "`X-Rate-Limit-*`" + `, ` + "`RateLimit`" + ` and ` + "`RateLimit-Policy`" + `, ` + "`RateLimit-Limit`" + `, vendors' own. The usual value (nine of ten answers) is compared with this one; a limit over a window is compared as a rate. Half or less is breaking. What remains at the moment is no evidence.

**Tuning.** ` + "`severity: {rate-limit: info}`" + ` where you never come near it.`,
	}
}

func rateLimitRaised() contracts.Detector {
	return contracts.Detector{
		Name:     "rate-limit-raised",
		Severity: contracts.Info,
		Rule:     contracts.Rule{Prior: 20, Additive: true},
		Detect:   findRaised,
		Doc: `The rate limit grew

**What it means for you.** You may ask more often. If you throttle yourself to the old limit, you can stop.

**A real one.** GitHub raised the limit of installations from 5,000 to 15,000 an hour for its enterprise customers.

**How it decides.** As rate-limit does, in the other direction. Told once and learned.`,
	}
}

// A standing is one limit as it used to be and as it is.
type standing struct {
	habit contracts.LimitHabit
	now   contracts.RateLimit
	here  bool
}

// standings pairs the settled limits with what this answer says of them.
func standings(c *contracts.Comparison) (all []standing) {
	h := c.Baseline.Habits
	for _, l := range h.Limits {
		if l.Seen < c.Least() || float64(l.Seen) < usuallyThere*float64(h.Answers) {
			continue
		}
		s := standing{habit: l}
		if i := slices.IndexFunc(c.Observation.Signals.RateLimit, func(r contracts.RateLimit) bool { return r.Name == l.Name }); i >= 0 {
			s.now, s.here = c.Observation.Signals.RateLimit[i], true
		}
		all = append(all, s)
	}
	return all
}

func findLimits(c *contracts.Comparison) (found []contracts.Finding) {
	for _, s := range standings(c) {
		if f, ok := s.worse(c.Baseline.Habits.Answers); ok {
			found = append(found, f)
		}
	}
	return found
}

func findRaised(c *contracts.Comparison) (found []contracts.Finding) {
	for _, s := range standings(c) {
		if was, now, ok := s.rates(); ok && now > was {
			found = append(found, s.moved())
		}
	}
	return found
}

func (s standing) header() string {
	header, _, _ := contracts.Usual(s.habit.Headers)
	return "header:" + header
}

// worse tells what got worse about a limit, the worst first.
func (s standing) worse(answers uint64) (contracts.Finding, bool) {
	f := contracts.Finding{Path: s.header(), Evidence: came(s.habit.Seen, 1, 1)}
	header, spelled, of := contracts.Usual(s.habit.Headers)
	if header == "" {
		return f, false
	}
	was, now, ok := s.rates()
	switch {
	case !s.here || s.now.Limit < 0:
		f.Was, f.Now = "stated "+inAnswers(s.habit.Seen, answers), "not stated any more"
		return f, true
	case ok && now < was:
		f = s.moved()
		if now <= was/2 {
			f.Severity = contracts.Breaking
		}
		return f, true
	case s.now.Header != header && float64(spelled) >= usuallyThere*float64(of) && contracts.Count(s.habit.Headers, s.now.Header) == 0:
		f.Was, f.Now = "stated by "+header+" "+inAnswers(spelled, of), "stated by "+s.now.Header
		return f, true
	}
	return f, false
}

// rates are the usual and the present limit as requests a second (or as they
// are, when no window is known), when there is a usual one and this is another.
func (s standing) rates() (was, now float64, ok bool) {
	limit, seen, of := contracts.Usual(s.habit.Limits)
	if !s.here || s.now.Limit < 0 || of == 0 || float64(seen) < usuallyThere*float64(of) {
		return 0, 0, false
	}
	was, now = float64(limit), float64(s.now.Limit)
	window, _, _ := contracts.Usual(s.habit.Windows)
	if window > 0 && s.now.Window > 0 {
		was, now = was/window.Seconds(), now/s.now.Window.Seconds()
	}
	return was, now, was != now && contracts.Count(s.habit.Limits, s.now.Limit) < seen || was != now && window != s.now.Window
}

func (s standing) moved() contracts.Finding {
	limit, seen, of := contracts.Usual(s.habit.Limits)
	window, _, _ := contracts.Usual(s.habit.Windows)
	return contracts.Finding{
		Path: s.header(),
		Was:  budget(limit, window) + " " + inAnswers(seen, of),
		Now:  budget(s.now.Limit, s.now.Window),
		Evidence: contracts.Evidence{
			WasSeen: of - seen, WasOf: of, NowSeen: 1, NowOf: 1,
		},
	}
}

func budget(limit int64, window time.Duration) string {
	if window <= 0 {
		return count(limit) + " requests"
	}
	return fmt.Sprintf("%s requests per %s", count(limit), span(window))
}
