package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestEndToEnd_SilenceIsToldTheSameMorning replays four weeks of office hours to
// the program: an event in eleven minutes, and a weekend as the longest pause.
func TestEndToEnd_SilenceIsToldTheSameMorning(t *testing.T) {
	t.Parallel()
	monday := time.Date(2026, 3, 16, 0, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		end   time.Time // of the recording
		quiet func(kind string, at time.Time) bool
		opens int
		told  []string
	}{
		"it stops on a Monday morning": {
			monday.Add(12 * time.Hour),
			func(_ string, at time.Time) bool { return at.After(monday.Add(9*time.Hour + 30*time.Minute)) },
			1, []string{"2026-03-16 09:52  opened    breaking everything is quiet since 2026-03-16 09:28 UTC, though 4 are usual by Monday 09:52", "never quiet for longer than 62h"},
		},
		"a bank holiday": {
			monday.Add(34 * time.Hour),
			func(_ string, at time.Time) bool { return at.After(monday) && at.Before(monday.Add(24*time.Hour)) },
			0, nil,
		},
		"one of two does not come back after the weekend": {
			monday.Add(12 * time.Hour),
			func(kind string, at time.Time) bool { return kind == "order.paid" && at.After(monday) },
			1, []string{"2026-03-16 09:", "`order.paid` is quiet since 2026-03-13 17:57 UTC, though ", " are usual by Monday 09:"},
		},
		"it does not come back after the weekend": {
			monday.Add(36 * time.Hour),
			func(_ string, at time.Time) bool { return at.After(monday) },
			1, []string{"2026-03-17 09:23  opened    breaking everything is quiet since 2026-03-13 17:57 UTC, though 125 are usual by Tuesday 09:23"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "events.jsonl")
			if err := os.WriteFile(file, []byte(officeEvents(monday, test.end, test.quiet)), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(builtBinary(t), "replay", file).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if opened := strings.Count(string(out), "  opened  "); opened != test.opens {
				t.Errorf("%d incidents were opened:\n%s", opened, out)
			}
			for _, want := range test.told {
				if !strings.Contains(string(out), want) {
					t.Errorf("nothing says %q:\n%s", want, out)
				}
			}
		})
	}
}

// officeEvents are what came in office hours of four weeks before a day and
// until an end, as lines to replay.
func officeEvents(day, end time.Time, quiet func(string, time.Time) bool) string {
	var lines strings.Builder
	for at := day.AddDate(0, 0, -28).Add(8 * time.Hour); at.Before(end); at = at.Add(5*time.Minute + 30*time.Second) {
		d, kind := at.Weekday(), "order.created"
		if at.Unix()/330%2 == 0 {
			kind = "order.paid"
		}
		if d == time.Saturday || d == time.Sunday || at.Hour() < 8 || at.Hour() >= 18 || quiet(kind, at) {
			continue
		}
		fmt.Fprintf(&lines, `{"date":%q,"kind":"delivery","type":%q,"id":"evt_%d","body":{"total":%d}}`+"\n", at.Format(time.RFC3339), kind, at.Unix(), at.Unix()%977)
	}
	fmt.Fprintf(&lines, `{"date":%q,"kind":"until"}`+"\n", end.Format(time.RFC3339))
	return lines.String()
}
