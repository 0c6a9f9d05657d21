package store

import (
	"context"

	"shapewatch/alerting"
	"shapewatch/probes"
)

// Publication returns what is remembered of a published document; the zero one
// when nothing is.
func (m *Memory) Publication(ctx context.Context, probe string) (p probes.Publication, err error) {
	err = m.locked(ctx, func() error {
		p, err = clone(m.published[probe])
		return err
	})
	return p, err
}

func (m *Memory) keepPublication(o alerting.Outcome) {
	if o.Published != nil {
		m.published[o.Claim.Probe] = *o.Published
	}
}
