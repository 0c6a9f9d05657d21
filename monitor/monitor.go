// Package monitor repeats. It claims the probes that are due, checks each
// (ask, observe, judge, decide, commit: one function, check.go) and lets the
// store say when the next is due. It holds no truth of its own: kill it at any
// instant and the store knows what was committed and what was not.
package monitor

import (
	"context"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// A Watch is a probe with what its answers are judged by.
type Watch struct {
	Probe    probes.Probe
	Contract *contracts.Contract // nil when the API names none
	Policy   contracts.Policy
}

// An Asker asks a probe once; [probes.Client] is the one that does it for real.
type Asker interface {
	Do(ctx context.Context, p probes.Probe) probes.Sample
}
