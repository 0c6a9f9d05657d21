package monitor_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"shapewatch/monitor"
	"shapewatch/probes"
)

func TestCheckSchedule_SaysWhatToWrite(t *testing.T) {
	for name, tc := range map[string]struct {
		schedule probes.Schedule
		want     string // part of the error; empty for none
	}{
		"every":               {probes.Schedule{Every: time.Second}, ""},
		"cron":                {probes.Schedule{Cron: "*/5 * * * *", Timezone: "Europe/Paris"}, ""},
		"cron by name":        {probes.Schedule{Cron: "@daily"}, ""},
		"leap day":            {probes.Schedule{Cron: "0 0 29 2 *"}, ""},
		"nothing":             {probes.Schedule{}, "at least 1s"},
		"too often":           {probes.Schedule{Every: 999 * time.Millisecond}, "at least 1s"},
		"both":                {probes.Schedule{Every: time.Hour, Cron: "@daily"}, "keep one"},
		"bad zone":            {probes.Schedule{Cron: "@daily", Timezone: "Mars/Olympus"}, "IANA name"},
		"zone of the machine": {probes.Schedule{Cron: "@daily", Timezone: "Local"}, "IANA name"},
		"zone in expression":  {probes.Schedule{Cron: "TZ=UTC @daily"}, "belongs in timezone"},
		"every in cron":       {probes.Schedule{Cron: "@every 5m"}, "write it as every"},
		"seconds":             {probes.Schedule{Cron: "0 0 0 * * *"}, "five fields"},
		"never":               {probes.Schedule{Cron: "0 0 30 2 *"}, "never comes due"},
	} {
		t.Run(name, func(t *testing.T) {
			err := monitor.CheckSchedule(tc.schedule)
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestNext_StaysOnItsGridHoweverLateTheCheck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		schedule := probes.Schedule{Every: time.Duration(rapid.IntRange(1, 86_400).Draw(t, "every")) * time.Second}
		start := time.Unix(rapid.Int64Range(1e9, 4e9).Draw(t, "start"), 0)
		due := mustNext(t, schedule, "api/probe", start)
		late := time.Duration(rapid.Float64Range(0, 0.999).Draw(t, "late") * float64(schedule.Every))
		if got, want := mustNext(t, schedule, "api/probe", due.Add(late)), due.Add(schedule.Every); !got.Equal(want) {
			t.Fatalf("a check %v late moved the next to %v, want %v", late, got, want)
		}
	})
}

func TestNext_SpreadsProbesOfOneSchedule(t *testing.T) {
	start := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	var tenths [10]int
	for i := range 1000 {
		due := mustNext(t, probes.Schedule{Every: 100 * time.Second}, fmt.Sprintf("api/probe-%d", i), start)
		tenths[due.Sub(start)/(10*time.Second)%10]++
	}
	for i, n := range tenths {
		if n < 60 || n > 140 {
			t.Errorf("tenth %d of the interval has %d of 1000 probes: %v", i, n, tenths)
		}
	}
}

func TestNext_ShiftsCronByAtMostHalfAMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		schedule := probes.Schedule{Cron: "*/5 * * * *"}
		after := time.Unix(rapid.Int64Range(1e9, 4e9).Draw(t, "after"), 0).UTC()
		probe := rapid.StringMatching(`[a-z]{3,9}/[a-z]{3,9}`).Draw(t, "probe")
		first := mustNext(t, schedule, probe, after)
		if !first.After(after) || first.Sub(after) > 5*time.Minute || first.Sub(first.Truncate(5*time.Minute)) > 30*time.Second {
			t.Fatalf("after %v comes %v", after, first)
		}
		if second := mustNext(t, schedule, probe, first); second.Sub(first) != 5*time.Minute {
			t.Fatalf("after %v comes %v", first, second)
		}
	})
}

// Each case is a stretch in which clocks change; want is what a wall clock
// with its offset shows at each run.
func TestNextRuns_FollowTheClocks(t *testing.T) {
	for name, tc := range map[string]struct {
		cron, zone, after string
		want              []string
	}{
		"a daily job in the gap runs at the jump": {"30 2 * * *", "America/New_York", "2026-03-07T12:00:00-05:00",
			[]string{"2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"}},
		"quarters in the gap run once": {"*/30 * * * *", "America/New_York", "2026-03-08T01:15:00-05:00",
			[]string{"2026-03-08T01:30:00-05:00", "2026-03-08T03:00:00-04:00", "2026-03-08T03:30:00-04:00"}},
		"a gap at midnight": {"30 0 * * *", "Africa/Cairo", "2026-04-23T12:00:00+02:00",
			[]string{"2026-04-24T01:00:00+03:00", "2026-04-25T00:30:00+03:00"}},
		"a day whose midnight is missing": {"0 9 * * FRI", "Africa/Cairo", "2026-04-20T12:00:00+02:00",
			[]string{"2026-04-24T09:00:00+03:00", "2026-05-01T09:00:00+03:00"}},
		"half an hour of gap": {"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00+10:30",
			[]string{"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}},
		"the hour that comes twice has no hole": {"*/30 * * * *", "America/New_York", "2026-11-01T01:15:00-04:00",
			[]string{"2026-11-01T01:30:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T01:30:00-05:00", "2026-11-01T02:00:00-05:00"}},
		"years between": {"0 0 29 2 *", "Europe/Paris", "2025-01-01T00:00:00+01:00",
			[]string{"2028-02-29T00:00:00+01:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			after, err := time.Parse(time.RFC3339, tc.after)
			if err != nil {
				t.Fatal(err)
			}
			runs, err := monitor.NextRuns(probes.Schedule{Cron: tc.cron, Timezone: tc.zone}, after, len(tc.want))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, run := range runs {
				got = append(got, run.Format(time.RFC3339))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func mustNext(t rapid.TB, s probes.Schedule, probe string, after time.Time) time.Time {
	t.Helper()
	next, err := monitor.Next(s, probe, after)
	if err != nil {
		t.Fatal(err)
	}
	return next
}
