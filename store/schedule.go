package store

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"time"

	"shapewatch/probes"
)

// A probeRow is what is kept of a probe beside its checks and baseline.
type probeRow struct {
	Due     time.Time       `json:"due,omitzero"` // meaningless once Retired
	Every   time.Duration   `json:"every"`
	Retired time.Time       `json:"retired,omitzero"` // when it was registered no more
	Checks  uint64          `json:"checks"`           // so far; numbers its check rows
	Last    json.RawMessage `json:"last,omitempty"`   // the last contracts.Check without its probe; a Memory has it elsewhere
}

func (r probeRow) retired() bool { return !r.Retired.IsZero() }

// place says when a probe is due once it is registered. A new one is due as
// planned, a known one when it was. What was missed during a pause is spread
// over as long as the pause took, at most one interval and five minutes, by a
// hash that stays the same over restarts; a reload therefore moves nothing.
func place(row probeRow, known bool, plan probes.Plan, now time.Time) time.Time {
	if !known || row.retired() {
		return plan.Due
	}
	if row.Every != plan.Every && plan.Due.Before(row.Due) {
		return plan.Due // it is to be asked more often now: do not wait out the old interval
	}
	late := now.Sub(row.Due)
	if late <= 0 {
		return row.Due
	}
	window := min(late, maxSpread)
	if plan.Every > 0 {
		window = min(window, plan.Every)
	}
	return now.Add(time.Duration(stableHash(plan.Probe) % uint64(window)))
}

func stableHash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	// FNV alone leaves similar names close to each other in the low bits.
	n := h.Sum64()
	n = (n ^ n>>33) * 0xff51afd7ed558ccd
	return n ^ n>>33
}

// byProbe refuses names that no key can hold and probes planned twice.
func byProbe(plans []probes.Plan) (map[string]probes.Plan, error) {
	out := make(map[string]probes.Plan, len(plans))
	for _, plan := range plans {
		if err := checkName("probe", plan.Probe); err != nil {
			return nil, err
		}
		if _, twice := out[plan.Probe]; twice {
			return nil, fmt.Errorf("probe %s: registered twice", plan.Probe)
		}
		out[plan.Probe] = plan
	}
	return out, nil
}

// earlier returns the earlier of two times, where zero means never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
