package detectors_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"shapewatch/contracts"
)

// rhythms are how many rows an hour a source brings at a time, on average.
var rhythms = map[string]func(r *rand.Rand, at time.Time, day float64) float64{
	"steady": func(*rand.Rand, time.Time, float64) float64 { return 720 },
	"day and night": func(_ *rand.Rand, at time.Time, day float64) float64 {
		return 400 * day * (1 + 0.9*math.Sin(float64(at.Hour())/24*2*math.Pi))
	},
	"office hours": func(_ *rand.Rand, at time.Time, day float64) float64 {
		if at.Weekday() == time.Saturday || at.Weekday() == time.Sunday || at.Hour() < 8 || at.Hour() > 17 {
			return 0
		}
		return 300 * day
	},
	"office hours and bank holidays": func(_ *rand.Rand, at time.Time, day float64) float64 {
		if at.Weekday() == time.Saturday || at.Weekday() == time.Sunday || at.Hour() < 8 || at.Hour() > 17 || bankHoliday(at) {
			return 0
		}
		return 90 * day
	},
	"bursts": func(r *rand.Rand, _ time.Time, _ float64) float64 { return 60 * math.Exp(1.5*r.NormFloat64()) },
	"campaigns": func(_ *rand.Rand, at time.Time, day float64) float64 {
		if at.YearDay()%9 == 0 && at.Hour() >= 10 && at.Hour() < 14 {
			return 5000
		}
		return 200 * day
	},
	"nightly batch": func(_ *rand.Rand, at time.Time, _ float64) float64 {
		if at.Hour() == 2 {
			return 20000
		}
		return 0
	},
	"few a day": func(*rand.Rand, time.Time, float64) float64 { return 0.3 },
}

// bankHoliday is a Monday after four weeks, a Thursday after it, and a Friday
// with the Monday that follows.
func bankHoliday(at time.Time) bool {
	return slices.Contains([]int{28, 38, 46, 49}, int(at.Sub(start.Truncate(24*time.Hour))/(24*time.Hour)))
}

// A source numbers what it writes.
type source struct {
	*rand.Rand
	rhythm func(*rand.Rand, time.Time, float64) float64
	at     time.Time
	day    float64 // how busy this day is
	top    float64
}

const look = 30 * time.Minute

// next lets half an hour pass, at a share of the usual pace.
func (s *source) next(share float64) string {
	if s.at = s.at.Add(look); s.at.Hour() == 0 && s.at.Minute() == 0 || s.day == 0 {
		s.day = math.Exp(0.3 * s.NormFloat64())
	}
	mean := s.rhythm(s.Rand, s.at, s.day) * look.Hours() * share
	s.top += math.Max(0, math.Round(mean+math.Sqrt(mean)*s.NormFloat64()))
	n := int64(s.top) + 48120
	return fmt.Sprintf(`{"took":%d,"data":[{"id":%d,"n":%d},{"id":%d,"n":%d}]}`, s.IntN(90), n, s.IntN(5), n-1, s.IntN(5))
}

// pass has a source answer for a while, and returns how often what was told of
// it began, when the first time, and what was told last.
func (s *source) pass(w *watch, d time.Duration, share float64) (begun int, first time.Time, last contracts.Finding) {
	open := false
	for end := s.at.Add(d); s.at.Before(end); {
		body := s.next(share)
		v := w.check(sample(body, "", s.at), false)
		now := false
		for _, f := range v.Confirmed {
			if f.Kind == "freshness" {
				now, last = true, f
			}
		}
		if now && !open {
			if begun++; begun == 1 {
				first = s.at
			}
		}
		open = now
	}
	return begun, first, last
}

// watchFreshness judges by nothing else, since ten weeks are many answers.
func watchFreshness() *watch {
	w := newWatch()
	w.list = slices.DeleteFunc(w.list, func(d contracts.Detector) bool { return d.Name != "freshness" })
	return w
}

const week = 7 * 24 * time.Hour

func newSource(name string, seed uint64) *source {
	return &source{Rand: rand.New(rand.NewPCG(seed, 11)), rhythm: rhythms[name], at: start.Truncate(24 * time.Hour)}
}

// TestFreshness_CriesNoWolfOverRhythms keeps the promise of one false alarm a
// month at most for each source.
func TestFreshness_CriesNoWolfOverRhythms(t *testing.T) {
	const weeks = 6
	for name := range rhythms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alarms := 0
			for seed := range uint64(*seeds) {
				begun, first, f := newSource(name, seed).pass(watchFreshness(), weeks*week, 1)
				if alarms += begun; begun > 0 {
					t.Logf("seed %d: %d alarms, first at %s: was %s, now %s", seed, begun, first, f.Was, f.Now)
				}
			}
			if months := float64(weeks**seeds) / 4.3; float64(alarms) > months {
				t.Errorf("%d false alarms in %.1f months", alarms, months)
			}
		})
	}
}

// TestFreshness_TellsWhatStopsOrSlows has sources stop, or slow down to a
// seventh, on the Wednesday after six weeks, at ten.
func TestFreshness_TellsWhatStopsOrSlows(t *testing.T) {
	for _, c := range []struct {
		rhythm string
		share  float64
		within time.Duration
	}{
		{"steady", 0, 5 * time.Hour},
		{"steady", 1. / 7, 5 * time.Hour},
		{"day and night", 0, 8 * time.Hour},
		{"office hours", 0, 5 * time.Hour},
		{"office hours", 1. / 7, 7 * time.Hour},
		{"campaigns", 0, 5 * time.Hour},
	} {
		t.Run(fmt.Sprintf("%s at %.2f", c.rhythm, c.share), func(t *testing.T) {
			t.Parallel()
			s, w := newSource(c.rhythm, 3), watchFreshness()
			s.pass(w, 6*week+2*24*time.Hour+10*time.Hour, 1)
			since := s.at
			begun, first, f := s.pass(w, 12*time.Hour, c.share)
			if begun != 1 || first.Sub(since) > c.within {
				t.Errorf("told %d times, first after %s; want once, within %s", begun, first.Sub(since), c.within)
			}
			t.Logf("after %s: was %s, now %s", first.Sub(since), f.Was, f.Now)
		})
	}
}

// TestFreshness_LetsTheFirstFreeDayPass has an office be closed on the Monday
// after six weeks: nothing is told on that day, and if the next one is as
// silent, it is told then.
func TestFreshness_LetsTheFirstFreeDayPass(t *testing.T) {
	t.Parallel()
	s, w := newSource("office hours", 5), watchFreshness()
	s.pass(w, 6*week, 1)
	if begun, first, f := s.pass(w, 32*time.Hour, 0); begun != 0 {
		t.Fatalf("told of a free Monday at %s: was %s, now %s", first, f.Was, f.Now)
	}
	if begun, first, _ := s.pass(w, 12*time.Hour, 0); begun != 1 || first.Hour() > 13 {
		t.Errorf("a second silent day is told %d times, first at %s; want once, before two", begun, first)
	}
}
