package monitor

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"shapewatch/probes"
)

// readFile reads the file of a probe within its timeout.
func (m *Monitor) readFile(ctx context.Context, p *post, probe probes.Probe) probes.Sample {
	return p.inTime(ctx, probe, func() probes.Sample { return m.reads(probe, p.File) })
}

// inTime waits for a read as long as the probe may take. A mount that hangs
// cannot be interrupted: the read is left behind, and no second one begins
// before it has ended.
func (p *post) inTime(ctx context.Context, probe probes.Probe, read func() probes.Sample) probes.Sample {
	if !p.reading.CompareAndSwap(false, true) {
		return late(probe)
	}
	ctx, cancel := context.WithTimeout(ctx, timeoutOf(probe))
	defer cancel()
	done := make(chan probes.Sample, 1)
	go func() {
		sample := read()
		p.reading.Store(false) // first: who gets the sample may read again
		done <- sample
	}()
	select {
	case sample := <-done:
		return sample
	case <-ctx.Done():
		return late(probe)
	}
}

// reads is probes.ReadFile with a panic made a sample: outside of its worker it
// would end us.
func (m *Monitor) reads(probe probes.Probe, file string) (s probes.Sample) {
	defer func() {
		if r := recover(); r != nil {
			m.panics.Add(1)
			m.Log.Error("reading a file broke", "probe", probe.ID, "err", fmt.Sprint(r))
			s = unread(probe, probes.Protocol, "our own fault: reading the file broke")
		}
	}()
	return probes.ReadFile(probe, file)
}

func timeoutOf(p probes.Probe) time.Duration {
	if p.Timeout <= 0 {
		return probes.DefaultTimeout
	}
	return p.Timeout
}

func late(p probes.Probe) probes.Sample {
	return unread(p, probes.Unreachable, "the file could not be read in time")
}

func unread(p probes.Probe, class probes.Class, problem string) probes.Sample {
	return probes.Sample{Probe: p.ID, At: time.Now(), Class: class, Problem: problem, Method: http.MethodGet}
}
