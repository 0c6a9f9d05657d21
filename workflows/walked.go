package workflows

import (
	"encoding/json"
	"time"

	"shapewatch/probes"
)

// A Walked is the last run of a workflow, as it is remembered for people: which
// steps there are, and how far the run came.
type Walked struct {
	At      time.Time  `json:"at"`
	Steps   []string   `json:"steps"`
	Cleanup []string   `json:"cleanup,omitempty"`
	Run     probes.Run `json:"run"`
}

// remembered is a Walked as a store keeps it; nothing else has its key.
type remembered struct {
	Walked *Walked `json:"walked,omitempty"`
}

// Remember encodes what became of a run; nil when there was none.
func (w *Workflow) Remember(run *probes.Run, at time.Time) []byte {
	if w == nil || run == nil {
		return nil
	}
	last := Walked{At: at.UTC(), Run: *run}
	last.Run.Recovered = nil
	for _, s := range w.Steps {
		last.Steps = append(last.Steps, s.Name)
	}
	for _, s := range w.Cleanup {
		last.Cleanup = append(last.Cleanup, s.Name)
	}
	raw, _ := json.Marshal(remembered{&last}) // it holds nothing that cannot be
	return raw
}

// Recall decodes what Remember wrote; nil for what is something else.
func Recall(raw []byte) *Walked {
	var r remembered
	if json.Unmarshal(raw, &r) != nil {
		return nil
	}
	return r.Walked
}
