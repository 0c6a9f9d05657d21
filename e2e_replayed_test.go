package main

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// recordedFrom is when the recordings of these tests begin, a Monday.
var recordedFrom = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// replayed runs the binary over a recording and returns what it tells.
func replayed(t *testing.T, config string, lines []string, args ...string) string {
	t.Helper()
	bin, dir := builtBinary(t), t.TempDir()
	writeFile(t, dir, "recording.jsonl", strings.Join(lines, "\n")+"\n")
	writeFile(t, dir, "shapewatch.yaml", config)
	run := exec.CommandContext(t.Context(), bin, append([]string{"replay", "recording.jsonl"}, args...)...)
	run.Dir = dir
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// answersOf has a vendor answer each hour for so many days, and then some hours.
func answersOf(days, hours int, body func(at time.Time, late int) string) (lines []string) {
	for i := range days*24 + hours {
		at := recordedFrom.Add(time.Duration(i) * time.Hour)
		lines = append(lines, fmt.Sprintf(`{"date":%q,"status":200,"body":%s}`, at.Format(time.RFC3339), body(at, max(0, i-days*24+1))))
	}
	return lines
}

// mustTell fails unless a text says all of these.
func mustTell(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not told:\n%s", want, text)
		}
	}
}

func TestEndToEnd_ReplayTellsOfAListThatSlowsDown(t *testing.T) {
	t.Parallel()
	n := 48120
	slow := answersOf(25, 6, func(at time.Time, late int) string {
		if n += 700 + at.Hour(); late > 0 {
			n -= 600
		}
		return fmt.Sprintf(`{"orders":[{"id":%d},{"id":%d}]}`, n, n-1)
	})
	text := replayed(t, "", slow)
	mustTell(t, text, "freshness /orders/[]/id", "was moves 12 a minute at these hours", "; falls behind by 5", "behind by 2026-03-27")
	if strings.Contains(text, "4812") || strings.Count(text, "opened") != 1 {
		t.Errorf("want one incident, and no number of an order:\n%s", text)
	}
}

func TestEndToEnd_ReplayTellsOfAnOfficeThatStops(t *testing.T) {
	t.Parallel()
	n := 48120
	stops := answersOf(28, 16, func(at time.Time, late int) string { // four weeks, and a Monday
		if weekend := at.Weekday() == time.Saturday || at.Weekday() == time.Sunday; !weekend && at.Hour() >= 8 && at.Hour() < 18 && late < 12 {
			n += 300
		}
		return fmt.Sprintf(`{"took":%d,"orders":[{"number":%d}]}`, at.Hour(), n)
	})
	text := replayed(t, "", stops)
	mustTell(t, text, "freshness /orders/[]/number", "now has stood still since 2026-03-30 10:00 UTC, 4 hours behind")
	if strings.Count(text, "opened") != 1 {
		t.Errorf("nights and weekends are told:\n%s", text)
	}
}

func TestEndToEnd_ReplayForetellsHowLateAListWillBe(t *testing.T) {
	t.Parallel()
	lines := answersOf(9, 14, func(at time.Time, late int) string {
		newest := at.Add(-time.Duration(1+at.Hour()%5)*time.Minute - time.Duration(40*late)*time.Minute)
		return fmt.Sprintf(`{"data":[{"ref":"r%d","created_at":%q}]}`, at.Unix()%7919, newest.Format(time.RFC3339))
	})
	mustTell(t, replayed(t, "", lines), "freshness /data/[]/created_at", "; falls behind by 40 s a minute, ", " behind by 2026-03-1")
}

func TestEndToEnd_ReplayReadsWhenAFileWasWritten(t *testing.T) {
	t.Parallel()
	var lines []string
	written := recordedFrom
	for i := range 40 * 4 { // six hours apart
		at := recordedFrom.Add(time.Duration(i) * 6 * time.Hour)
		if i < 30*4 {
			written = at.Add(-time.Hour)
		}
		lines = append(lines, fmt.Sprintf(`{"date":%q,"status":200,"modified":%q,"body":[{"sku":"a%d","left":%d}]}`,
			at.Format(time.RFC3339), written.Format(time.RFC3339), i%7, i%5))
	}
	text := replayed(t, "", lines)
	mustTell(t, text, "freshness file:modified", "was the newest was about 60 minutes old", "now has not moved for ")
}

func TestEndToEnd_ReplayReadsWhenAnEventHappened(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 10*24 + 18 {
		at, late := recordedFrom.Add(time.Duration(i)*time.Hour), time.Second
		if i >= 10*24 {
			at = recordedFrom.Add(10*24*time.Hour + time.Duration(i-10*24)*5*time.Minute)
			late += time.Duration(i-10*24) * 200 * time.Second
		}
		lines = append(lines, fmt.Sprintf(`{"date":%q,"kind":"delivery","type":"order.created","id":"e%d","event":%q,"body":{"id":%d}}`,
			at.Format(time.RFC3339), i, at.Add(-late).Format(time.RFC3339), i%900))
	}
	text := replayed(t, webhookConfig, lines, "--config", "shapewatch.yaml", "--as", "payments/webhook payments")
	mustTell(t, text, "webhook-delayed", "falls behind by 40 s a minute")
}
