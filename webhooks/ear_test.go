package webhooks_test

import (
	"encoding/json"
	"testing"
	"time"

	"shapewatch/webhooks"
)

// worked is a type that came every three minutes of office hours, from a Monday
// on, for some weeks; but not on days that are free. It ends before a time.
func worked(name string, weeks int, end time.Time, free ...string) webhooks.Rhythm {
	r := webhooks.Rhythm{Type: name}
	off := onDays(free...)
	for at := monday.AddDate(0, 0, -7*weeks); at.Before(end); at = at.Add(3 * time.Minute) {
		if d := at.Weekday(); d != time.Saturday && d != time.Sunday && at.Hour() >= 8 && at.Hour() < 18 && !off(at) {
			r.Add(at, time.Time{})
		}
	}
	return r
}

// monday is no holiday, and the weeks before it have none.
var monday = time.Date(2026, 3, 16, 0, 0, 0, 0, time.UTC)

func on(day, hour, minute int) time.Time {
	return monday.AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

func hush(times webhooks.Times, rhythms ...webhooks.Rhythm) webhooks.Hush {
	return webhooks.Listen(rhythms, times).Hush(0)
}

func within(t *testing.T, what string, at, from, until time.Time) {
	t.Helper()
	if at.Before(from) || at.After(until) {
		t.Errorf("%s: told %s, want from %s to %s", what, at.Format("Mon 15:04"), from.Format("Mon 15:04"), until.Format("Mon 15:04"))
	}
}

// TestEar_TellsTheSameMorning has a source of office hours that stops on a
// Monday at 9:20: its longest pause is a weekend, which alone would tell it on
// Saturday.
func TestEar_TellsTheSameMorning(t *testing.T) {
	h := hush(webhooks.Times{}, worked("order.created", 4, on(0, 9, 20)))
	within(t, "it stopped at 9:20", h.Told, on(0, 9, 30), on(0, 10, 30))
	if h.Pause.Round(time.Hour) != 62*time.Hour || !h.ByHours || h.Missing() < 5 || h.Missing() > 20 {
		t.Errorf("%+v, %d are missing", h, h.Missing())
	}
	few := hush(webhooks.Times{}, worked("order.created", 2, on(0, 9, 20)))
	if few.ByHours || !few.Told.Equal(on(0, 9, 18).Add(2*few.Pause)) {
		t.Errorf("after two weeks: %+v", few)
	}
}

// TestEar_LetsAHolidayPass: a day that never begins may be one; the next that
// does not is told, a day earlier than by the longest pause.
func TestEar_LetsAHolidayPass(t *testing.T) {
	h := hush(webhooks.Times{}, worked("order.created", 4, on(-2, 0, 0)))
	within(t, "quiet since Friday", h.Told, on(1, 8, 15), on(1, 10, 30))
	if usual := h.Missing(); usual < 200 || usual > 260 {
		t.Errorf("%d are usual by then", usual)
	}
	within(t, "of Berlin", hush(webhooks.Times{Zone: berlin(t)}, worked("order.created", 4, on(-2, 0, 0))).Told, on(1, 8, 15), on(1, 9, 30))
}

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// TestEar_KnowsWhoKeepsNoHolidays: in half a year no day was missed, so a Monday
// without any event is told on its morning. One was missed each month: no more.
func TestEar_KnowsWhoKeepsNoHolidays(t *testing.T) {
	within(t, "it keeps none", hush(webhooks.Times{}, worked("order.created", 26, on(-2, 0, 0))).Told, on(0, 8, 15), on(0, 10, 30))
	free := []string{"10-05", "11-09", "12-07", "01-04", "02-10", "03-03"}
	within(t, "it keeps them", hush(webhooks.Times{}, worked("order.created", 26, on(-2, 0, 0), free...)).Told, on(1, 8, 15), on(1, 10, 30))
}

// TestEar_HearsAnotherTypeOnThatDay: what rests with it came on Monday, so that
// was no holiday. What comes at any time, or came on holidays, says nothing.
func TestEar_HearsAnotherTypeOnThatDay(t *testing.T) {
	silent := worked("order.created", 8, on(-2, 0, 0), "02-16")
	within(t, "alone", hush(webhooks.Times{}, silent).Told, on(1, 8, 15), on(1, 11, 0))
	within(t, "beside one that came", hush(webhooks.Times{}, silent, worked("order.paid", 8, on(0, 12, 0), "02-16")).Told, on(0, 8, 15), on(0, 11, 0))
	within(t, "beside one that knows no holidays", hush(webhooks.Times{}, silent, worked("report", 8, on(0, 12, 0))).Told, on(1, 8, 15), on(1, 11, 0))
	always := webhooks.Rhythm{Type: "ping"}
	for at := on(-56, 0, 0); at.Before(on(0, 12, 0)); at = at.Add(10 * time.Minute) {
		always.Add(at, time.Time{})
	}
	within(t, "beside one that comes at any time", hush(webhooks.Times{}, silent, always).Told, on(1, 8, 15), on(1, 11, 0))
}

// TestEar_HoldsToWhatIsAgreed: on days and in hours that are agreed to be quiet
// nothing is missed.
func TestEar_HoldsToWhatIsAgreed(t *testing.T) {
	silent := worked("order.created", 26, on(-2, 0, 0))
	within(t, "Monday is free", hush(webhooks.Times{Quiet: quiet(t, "2026-03-16")}, silent).Told, on(1, 8, 15), on(1, 10, 30))
	within(t, "the week is free", hush(webhooks.Times{Quiet: quiet(t, "03-16..03-20")}, silent).Told, on(7, 8, 15), on(7, 10, 30))
	within(t, "until ten", hush(webhooks.Times{Quiet: quiet(t, "22:00-10:00")}, silent).Told, on(0, 10, 15), on(0, 12, 30))
	short := worked("order.created", 2, on(-2, 0, 0)) // judged by its pause alone: 124 h
	within(t, "its pause alone", hush(webhooks.Times{Quiet: quiet(t, "03-16..03-20")}, short).Told, on(7, 0, 0), on(7, 23, 59))
}

func quiet(t *testing.T, texts ...string) (list []webhooks.Quiet) {
	t.Helper()
	for _, text := range texts {
		q, err := webhooks.ReadQuiet(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, q)
	}
	return list
}

func TestReadQuiet_RefusesWhatIsNoTime(t *testing.T) {
	quiet(t, "22:00-06:00", "sat", "Sunday", "12-24", "12-24..01-02", "2026-12-24", "2026-12-24..2027-01-01", "02-29")
	for _, text := range []string{"", "never", "25:00-06:00", "22:00-22:00", "22:00-", "2026-13-01", "2026-02-29", "2027-01-01..2026-12-24", "12-24..2027-01-01", "..", "sa"} {
		if q, err := webhooks.ReadQuiet(text); err == nil {
			t.Errorf("%q is read as %+v", text, q)
		}
	}
}

// TestEar_HearsNothingNewInSummerTime has an office in Berlin whose hours move
// by one on the clocks of the world, forth and back.
func TestEar_HearsNothingNewInSummerTime(t *testing.T) {
	for name, times := range map[string]webhooks.Times{"not known": {}, "known": {Zone: berlin(t)}} {
		r, zone := webhooks.Rhythm{Type: "order.created"}, berlin(t)
		for at := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC); at.Year() == 2026; at = at.Add(3 * time.Minute) {
			local := at.In(zone)
			if d := local.Weekday(); d == time.Saturday || d == time.Sunday || local.Hour() < 8 || local.Hour() >= 18 {
				continue
			}
			if gap := at.Sub(r.Last); gap > time.Hour && r.Count > 0 {
				if h := hush(times, r); !h.Told.IsZero() && !h.Told.After(at) {
					t.Errorf("zone %s: quiet since %s, told %s, came %s", name, r.Last, h.Told, at)
				}
			}
			r.Add(at, time.Time{})
		}
	}
}

// TestEar_ReadsOlderRhythms: what an older release kept has no calendar, and is
// judged by its pauses until it has.
func TestEar_ReadsOlderRhythms(t *testing.T) {
	raw, err := json.Marshal(worked("order.created", 4, on(0, 9, 20)))
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	var old webhooks.Rhythm
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	delete(fields, "slots")
	raw, _ = json.Marshal(fields)
	if err := json.Unmarshal(raw, &old); err != nil {
		t.Fatal(err)
	}
	if h := hush(webhooks.Times{}, old); h.ByHours || !h.Told.Equal(old.Last.Add(2*h.Pause)) {
		t.Errorf("%+v", h)
	}
	old.Add(on(0, 9, 40), time.Time{})
	old.Add(on(0, 10, 40), time.Time{})
	if h := hush(webhooks.Times{}, old); h.ByHours || h.Told.IsZero() {
		t.Errorf("with two hours of a calendar: %+v", h)
	}
}

// TestEar_HearsTheWholeSource: two types that alternate make a source that is
// never quiet for as long as either; its silence covers theirs.
func TestEar_HearsTheWholeSource(t *testing.T) {
	var rhythms [2]webhooks.Rhythm
	for n, at := 0, monday.AddDate(0, 0, -28); at.Before(on(0, 9, 30)); n, at = n+1, at.Add(10*time.Minute) {
		if d := at.Weekday(); d != time.Saturday && d != time.Sunday && at.Hour() >= 8 && at.Hour() < 18 {
			rhythms[n%2].Add(at, time.Time{})
		}
	}
	ear := webhooks.Listen(rhythms[:], webhooks.Times{})
	h, last := ear.Whole()
	within(t, "the whole source", h.Told, on(0, 9, 35), on(0, 10, 10))
	if !last.Equal(on(0, 9, 20)) || h.Pause.Round(time.Hour) != 62*time.Hour || ear.WholeSilent(h.Told.Add(-time.Second)) != 0 {
		t.Errorf("%+v since %s", h, last)
	}
	for i := range rhythms {
		if told := ear.Hush(i).Told; !told.After(h.Told) || ear.Silent(i, told) == 0 || !ear.Covered(i, told) || ear.Covered(i, h.Told.Add(-time.Minute)) {
			t.Errorf("type %d is told at %s, the source at %s", i, told, h.Told)
		}
	}
	if alone, _ := webhooks.Listen(rhythms[:1], webhooks.Times{}).Whole(); !alone.Told.IsZero() {
		t.Errorf("one type makes a whole: %+v", alone)
	}
	rhythms[1].Add(on(0, 10, 30), time.Time{})
	ear = webhooks.Listen(rhythms[:], webhooks.Times{})
	if now := on(0, 10, 40); ear.WholeSilent(now) != 0 || ear.Silent(0, now) == 0 || ear.Covered(0, now) {
		t.Error("one is back, and the other is not told for itself")
	}
}
