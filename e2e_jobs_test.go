package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const nightlyConfig = `
apis:
  - name: jobs
    probes:
      - { heartbeat: nightly, every: 24h, grace: 30h }
`

// beatsOf writes the beats of a job's runs, one a day.
func beatsOf(days int, of func(day int) []string) (lines []string) {
	for day := range days {
		for i, beat := range of(day) {
			at := recordedFrom.Add(time.Duration(day)*24*time.Hour + time.Duration(i)*10*time.Minute)
			lines = append(lines, fmt.Sprintf(`{"date":%q,"kind":"beat",%s}`, at.Format(time.RFC3339), beat))
		}
	}
	return lines
}

func TestEndToEnd_ReplayTellsOfAJobThatRunsTooLong(t *testing.T) {
	t.Parallel()
	beats := beatsOf(6, func(day int) []string {
		if day == 5 {
			return []string{`"beat":"start"`}
		}
		return []string{`"beat":"start"`, `"beat":"success"`}
	})
	beats = append(beats, `{"date":"2026-03-07T02:00:00Z","kind":"until"}`)
	text := replayed(t, nightlyConfig, beats, "--config", "shapewatch.yaml", "--as", "jobs")
	mustTell(t, text, "2026-03-07 00:30  opened    warning", "job-slow : was over within 30m0s, now running for ")
}

// TestEndToEnd_ReplayTellsAJobThatTriesAgainInOneIncident has a job fail four
// nights in a row, miss its time with that, and succeed.
func TestEndToEnd_ReplayTellsAJobThatTriesAgainInOneIncident(t *testing.T) {
	t.Parallel()
	beats := beatsOf(10, func(day int) []string {
		if day >= 4 && day < 9 {
			return []string{`"beat":"fail","error":"disk full"`}
		}
		return []string{`"beat":"success"`}
	})
	beats = append(beats, `{"date":"2026-03-11T01:00:00Z","kind":"until"}`)
	text := replayed(t, nightlyConfig, beats, "--config", "shapewatch.yaml", "--as", "jobs")
	mustTell(t, text, "job-failed", "job-retrying", "job-late", "resolved", "1 incidents")
	if strings.Count(text, "  opened  ") != 1 {
		t.Errorf("want one incident:\n%s", text)
	}
}

// TestEndToEnd_SaysThatNothingWasSent runs a workflow whose host is not there.
func TestEndToEnd_SaysThatNothingWasSent(t *testing.T) {
	t.Parallel()
	bin, dir := builtBinary(t), t.TempDir()
	writeFile(t, dir, "shapewatch.yaml", fmt.Sprintf(workflowConfig, "http://"+freeAddress(t)))
	s := startServer(t, bin, dir)
	within(t, 60*time.Second, "that it cannot be reached", func() bool {
		return strings.Contains(incidentsOf(t, s), "nothing was sent, so nothing was made")
	})
	if text := incidentsOf(t, s); strings.Contains(text, "perhaps") || strings.Contains(text, "half-done") {
		t.Errorf("something may have been made: %s", text)
	}
	s.stop()
}
