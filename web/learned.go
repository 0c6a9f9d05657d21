package web

import (
	"fmt"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// learned decodes a baseline; an empty one when nothing has been learned yet.
func learned(memory alerting.Memory) (*contracts.Baseline, error) {
	baseline, err := contracts.Restore(memory.Baseline, memory.Lessons)
	if err != nil {
		return contracts.NewBaseline(), fmt.Errorf("baseline: %w", err)
	}
	return baseline, nil
}

// A mismatch is where the contract was wrong from the first day on: known, and
// no news.
type mismatch struct {
	Path, Was, Now string
	Since          string
}

func mismatches(b *contracts.Baseline) (rows []mismatch) {
	for _, f := range b.Known {
		rows = append(rows, mismatch{
			Path: clip(300, f.Path), Was: clip(300, f.Was), Now: clip(300, f.Now),
			Since: f.Evidence.Since.UTC().Format("2006-01-02"),
		})
	}
	return rows
}
