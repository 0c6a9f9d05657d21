package webhooks

import (
	"math/rand/v2"
	"testing"
	"time"
)

// heard is a rhythm of ten days, an event every two minutes that is some
// seconds late, and after that an hour and a half of events as late as they say.
func heard(days int, late func(i int) []time.Duration) (r Rhythm, now time.Time) {
	random := rand.New(rand.NewPCG(1, 2))
	now = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	for range days * 24 * 30 {
		now = now.Add(2 * time.Minute)
		r.Add(now, now.Add(-time.Second-time.Duration(random.ExpFloat64()*5*float64(time.Second))))
	}
	for i := range 45 {
		now = now.Add(2 * time.Minute)
		for _, d := range late(i) {
			r.Add(now, now.Add(-d))
		}
	}
	return r, now
}

func TestRhythm_SaysThatEventsComeLaterAndLater(t *testing.T) {
	minutes := func(n float64) time.Duration { return time.Duration(n * float64(time.Minute)) }
	losing := func(i int) []time.Duration { return []time.Duration{minutes(float64(i) * 4 / 3)} } // forty seconds a minute
	for name, test := range map[string]struct {
		days  int
		rises bool
		late  func(i int) []time.Duration
	}{
		"later and later":       {10, true, losing},
		"in the first week":     {6, false, losing},
		"as usual":              {10, false, func(int) []time.Duration { return []time.Duration{3 * time.Second} }},
		"retries beside others": {10, false, func(i int) []time.Duration { return append(losing(i), 2*time.Second) }},
		"a clock that was set":  {10, false, func(i int) []time.Duration { return []time.Duration{minutes(float64(i / 20 * 60))} }},
		"it catches up":         {10, false, func(i int) []time.Duration { return losing(45 - i) }},
		"from the future":       {10, false, func(i int) []time.Duration { return []time.Duration{-minutes(float64(i))} }},
	} {
		r, now := heard(test.days, test.late)
		got := r.Behind(now)
		if got.Rises != test.rises {
			t.Errorf("%s: %+v", name, got)
		}
		if test.rises && (got.PerHour < 2200 || got.PerHour > 2600) {
			t.Errorf("%s: loses %.0f seconds an hour, want about 2400", name, got.PerHour)
		}
		if r.Behind(now.Add(time.Hour)).Rises {
			t.Errorf("%s: said of events that no longer come", name)
		}
		if len(r.Delays) > lateKept {
			t.Errorf("%s: %d stretches are kept", name, len(r.Delays))
		}
	}
}

// TestRhythm_IsCalmAboutDelays lives through a quarter of office hours, with a
// queue that is slower each afternoon.
func TestRhythm_IsCalmAboutDelays(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var r Rhythm
	var alarms int
	for now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC); now.Before(time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC)); now = now.Add(time.Minute) {
		if hour := now.Hour(); now.Weekday()%6 != 0 && hour >= 8 && hour < 18 {
			slow := 5 + 60*float64(max(0, hour*60+now.Minute()-15*60))/180
			r.Add(now, now.Add(-time.Duration((slow+random.ExpFloat64()*slow)*float64(time.Second))))
		}
		if now.Minute()%20 == 0 && r.Behind(now).Rises {
			alarms++
		}
	}
	if alarms > 0 {
		t.Errorf("%d looks said that events come later and later", alarms)
	}
}
