package web

import (
	"context"
	"fmt"
	"time"

	"shapewatch/heartbeats"
)

// shiftsShown is how many runs of a job are drawn and listed.
const shiftsShown = 30

// A shifts is the last runs of a job, as bars and as a table.
type shifts struct {
	Words string
	Width int
	Bars  []shiftBar // oldest first
	Rows  []shiftRow // newest first
}

// A shiftBar is one run: a full bar went well, a twice cut one failed, a dot
// still runs.
type shiftBar struct {
	X     int
	State state
	Title string
}

type shiftRow struct {
	At                         moment
	State                      state
	Word, Run, Took, Try, Done string
	Error                      string
}

// shiftsOf reads the last runs of a job; nil for a probe that is none.
func (s *site) shiftsOf(ctx context.Context, probe string, now time.Time) (*shifts, error) {
	beats, err := s.Source.Beats(ctx, probe)
	if err != nil {
		return nil, fmt.Errorf("beats of %s: %w", probe, err)
	}
	stints := heartbeats.Stints(beats)
	if len(stints) == 0 {
		return nil, nil
	}
	return newShifts(stints[max(0, len(stints)-shiftsShown):], now), nil
}

func newShifts(stints []heartbeats.Stint, now time.Time) *shifts {
	c := &shifts{Width: len(stints)*barStep - 2}
	words := map[heartbeats.Kind]int{}
	for i, s := range stints {
		words[s.Kind]++
		row := newShiftRow(s, now)
		c.Bars = append(c.Bars, shiftBar{i * barStep, row.State, row.At.Clock() + " · " + row.Word})
		c.Rows = append([]shiftRow{row}, c.Rows...)
	}
	c.Words = fmt.Sprintf("%d good, %d failed, %d running.", words[heartbeats.Success], words[heartbeats.Failure], words[heartbeats.Start])
	return c
}

func newShiftRow(s heartbeats.Stint, now time.Time) shiftRow {
	row := shiftRow{At: moment{s.Ended, now}, State: agreed, Word: "went well", Run: clip(64, s.Run), Took: "–", Try: "–", Done: "–", Error: clip(200, s.Error)}
	switch s.Kind {
	case heartbeats.Failure:
		row.State, row.Word = breaking, "failed"
	case heartbeats.Start:
		row.State, row.Word = waiting, "running"
	}
	if s.Ended.IsZero() {
		row.At = moment{s.Began, now}
	}
	if took := s.Took(); took > 0 {
		row.Took = latency(took)
	}
	if s.Attempt > 0 {
		row.Try = fmt.Sprint(s.Attempt)
	}
	if s.Items >= 0 {
		row.Done = grouped(s.Items)
	}
	return row
}
