package webhooks_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"shapewatch/webhooks"
)

// A life is a kind of source: how many events an hour it sends at a moment.
type life struct {
	name string
	zone string
	rate func(local time.Time, r *rand.Rand) float64 // asked once a minute
	told bool                                        // its zone is configured
}

func office(from, to int, rate float64, closed func(time.Time) bool) func(time.Time, *rand.Rand) float64 {
	return func(t time.Time, _ *rand.Rand) float64 {
		if d := t.Weekday(); d == time.Saturday || d == time.Sunday || t.Hour() < from || t.Hour() >= to || closed(t) {
			return 0
		}
		return rate
	}
}

func never(time.Time) bool { return false }

func onDays(days ...string) func(time.Time) bool {
	return func(t time.Time) bool { return slices.Contains(days, t.Format("01-02")) }
}

var (
	german   = onDays("01-01", "04-18", "04-21", "05-01", "05-29", "06-09", "10-03", "12-25", "12-26")
	american = onDays("01-01", "01-20", "02-17", "05-26", "06-19", "07-04", "09-01", "11-27", "12-25")
)

func shutDown(t time.Time) bool {
	day := t.Format("01-02")
	return german(t) || day >= "08-04" && day <= "08-15" || day >= "12-24" || day <= "01-02"
}

// day is busier at noon than at night.
func day(rate float64) func(time.Time, *rand.Rand) float64 {
	return func(t time.Time, _ *rand.Rand) float64 {
		return rate * (1.05 - math.Cos(2*math.Pi*(float64(t.Hour())-2)/24))
	}
}

// lives are the rhythms of a year, 2025.
var lives = []life{
	{"office, 20 an hour", "Europe/Berlin", office(8, 18, 20, never), false},
	{"office, 20 an hour, zone known", "Europe/Berlin", office(8, 18, 20, never), true},
	{"office, 6 an hour, bank holidays", "Europe/Berlin", office(8, 18, 6, german), false},
	{"office, 100 an hour, bank holidays, zone known", "Europe/Berlin", office(8, 18, 100, german), true},
	{"office on the Pacific, 40 an hour, bank holidays", "America/Los_Angeles", office(9, 17, 40, american), false},
	{"office, 12 an hour, holidays and shut for weeks", "Europe/Berlin", office(7, 17, 12, shutDown), false},
	{"office, 5 a day", "Europe/Berlin", office(8, 18, 0.5, never), false},
	{"market, 300 an hour", "America/New_York", office(9, 16, 300, american), false},
	{"shop by day and night, 10 an hour", "Europe/Berlin", day(10), false},
	{"shop, 1 an hour", "Europe/Berlin", day(1), false},
	{"steady, 30 an hour", "UTC", func(time.Time, *rand.Rand) float64 { return 30 }, false},
	{"5 a day, at any time", "UTC", func(time.Time, *rand.Rand) float64 { return 0.2 }, false},
	{"every 5 minutes", "UTC", func(t time.Time, _ *rand.Rand) float64 { return sure(t.Minute()%5 == 0) }, false},
	{"every hour", "UTC", func(t time.Time, _ *rand.Rand) float64 { return sure(t.Minute() == 0) }, false},
	{"nightly batch", "Europe/Berlin", func(t time.Time, _ *rand.Rand) float64 { return 1500 * sure(t.Hour() == 2 && t.Minute() < 20) / 60 }, false},
	{"once a week", "Europe/Berlin", func(t time.Time, _ *rand.Rand) float64 {
		return sure(t.Weekday() == time.Monday && t.Hour() == 9 && t.Minute() == 0)
	}, false},
	{"bursts", "UTC", func(_ time.Time, r *rand.Rand) float64 {
		if r.Float64() < 0.1 {
			return 200
		}
		return 0.5
	}, false},
	{"rare bursts, 2 a day", "UTC", func(t time.Time, r *rand.Rand) float64 {
		if (t.YearDay()*1440+t.Hour()*60+t.Minute())*7919%100003 < 140 {
			return 2000
		}
		return 0
	}, false},
	{"campaigns, two days in fourteen", "UTC", func(t time.Time, _ *rand.Rand) float64 {
		if t.YearDay()%14 < 2 {
			return 100
		}
		return 2
	}, false},
	{"a campaign of three weeks, once", "UTC", func(t time.Time, _ *rand.Rand) float64 {
		if t.YearDay() > 100 && t.YearDay() <= 121 {
			return 100
		}
		return 2
	}, false},
	{"fading, from 30 an hour to 1", "UTC", func(t time.Time, _ *rand.Rand) float64 { return 30 * math.Exp(-days(t)/107) }, false},
	{"growing, from 1 an hour to 30", "Europe/Berlin", func(t time.Time, r *rand.Rand) float64 {
		return office(8, 18, 30*math.Exp((days(t)-365)/107), never)(t, r)
	}, false},
}

// days are how many the source has lived.
func days(t time.Time) float64 { return t.Sub(beginning).Hours() / 24 }

var beginning = time.Date(2025, 1, 6, 0, 0, 0, 0, time.UTC)

func sure(yes bool) float64 {
	if yes {
		return 60
	}
	return 0
}

// A lived is what became of one source.
type lived struct {
	months     float64
	old, now   int       // false alarms
	oldT, nowT []float64 // hours from a full stop until it was told
	worst      float64   // the longest of these after the last event, in longest usual pauses
}

// live sends a source through 2025 and stops it, on paper, at random moments of
// its second half.
func (l life) live(seed uint64) (out lived) {
	r := rand.New(rand.NewPCG(seed, 7))
	zone, err := time.LoadLocation(l.zone)
	if err != nil {
		panic(err)
	}
	var times webhooks.Times
	if l.told {
		times.Zone = zone
	}
	at := beginning
	end, half := at.AddDate(1, 0, 0), at.AddDate(0, 6, 0)
	var stops []time.Time
	for range 40 {
		stops = append(stops, half.Add(time.Duration(r.Int64N(int64(end.Sub(half))))))
	}
	slices.SortFunc(stops, time.Time.Compare)
	var rhythm webhooks.Rhythm
	last := at
	for ; at.Before(end); at = at.Add(time.Minute) {
		if r.Float64() >= l.rate(at.In(zone), r)/60 {
			continue
		}
		came := at.Add(time.Duration(r.IntN(60)) * time.Second)
		for len(stops) > 0 && stops[0].Before(came) {
			out.stop(&rhythm, times, stops[0])
			stops = stops[1:]
		}
		out.judge(&rhythm, times, came)
		rhythm.Add(came, time.Time{})
	}
	out.months = end.Sub(last).Hours() / 730
	return out
}

func (o *lived) judge(r *webhooks.Rhythm, times webhooks.Times, came time.Time) {
	gap := came.Sub(r.Last)
	if pause := r.LongestPause(); pause == 0 || gap < 15*time.Minute && gap < 2*pause {
		return
	}
	if gap >= 2*r.LongestPause() {
		o.old++
	}
	if h := webhooks.Listen([]webhooks.Rhythm{*r}, times).Hush(0); !h.Told.After(came) {
		o.now++
	}
}

func (o *lived) stop(r *webhooks.Rhythm, times webhooks.Times, at time.Time) {
	pause := r.LongestPause()
	if pause == 0 {
		return
	}
	h := webhooks.Listen([]webhooks.Rhythm{*r}, times).Hush(0)
	o.oldT = append(o.oldT, max(r.Last.Add(2*pause).Sub(at).Hours(), 0))
	o.nowT = append(o.nowT, max(h.Told.Sub(at).Hours(), 0))
	o.worst = max(o.worst, float64(h.Told.Sub(r.Last))/float64(pause))
}

// TestEar_HearsAFullStopSoonerAndNoFalseOne lives through a year of each
// rhythm, twice: at most one false alarm a month of any source and one
// in twenty months of all, and a full stop told no later than by the longest
// pause alone, within three of them. With -v it prints the table of
// docs/webhooks.md.
func TestEar_HearsAFullStopSoonerAndNoFalseOne(t *testing.T) {
	sums := make([]lived, len(lives))
	for i, l := range lives {
		for seed := range uint64(2) {
			sums[i].add(l.live(seed))
		}
		if sums[i].worst > 3 || float64(sums[i].now) > sums[i].months {
			t.Errorf("%s: %d false alarms in %.0f months, a full stop told after %.1f longest pauses", l.name, sums[i].now, sums[i].months, sums[i].worst)
		}
	}
	var all lived
	var table strings.Builder
	for i, l := range lives {
		table.WriteString(sums[i].row(l.name))
		all.add(sums[i])
	}
	t.Logf("\n%s%s", &table, all.row(fmt.Sprintf("all %d", 2*len(lives))))
	if float64(all.now) > all.months/20 {
		t.Errorf("%d false alarms in %.0f months", all.now, all.months)
	}
	if median(all.nowT) > median(all.oldT)/2 {
		t.Errorf("a full stop is told after %.1f hours, by the longest pause after %.1f", median(all.nowT), median(all.oldT))
	}
}

func (o *lived) add(one lived) {
	o.months += one.months
	o.old, o.now = o.old+one.old, o.now+one.now
	o.oldT, o.nowT = append(o.oldT, one.oldT...), append(o.nowT, one.nowT...)
	o.worst = max(o.worst, one.worst)
}

func (o *lived) row(name string) string {
	return fmt.Sprintf("| %s | %.2f | %.2f | %s | %s |\n", name, float64(o.old)/o.months, float64(o.now)/o.months, spread(o.oldT), spread(o.nowT))
}

// spread is the median and the ninth decile of hours.
func spread(hours []float64) string {
	return fmt.Sprintf("%.1f / %.1f", median(hours), quantile(hours, 0.9))
}

func median(hours []float64) float64 { return quantile(hours, 0.5) }

func quantile(hours []float64, q float64) float64 {
	if len(hours) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(hours))
	return sorted[int(q*float64(len(sorted)-1))]
}
