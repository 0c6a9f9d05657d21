package monitor

import (
	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
)

// A Recording judges recorded samples of one probe by exactly the code that
// judges live ones, at the times they were recorded. It asks nobody, waits for
// nothing and keeps its memory to itself.
type Recording struct {
	monitor *Monitor
	post    *post
	learned *contracts.Baseline
	known   []alerting.Incident
}

// A Replayed is what one recorded sample meant.
type Replayed struct {
	Check     contracts.Check
	Verdict   contracts.Verdict
	Incidents []alerting.Incident   // that changed
	Steps     []alerting.Transition // what would have been told
}

// Replay starts a recording of a watch's probe with nothing learned.
func (m *Monitor) Replay(w Watch) (*Recording, error) {
	p, err := newPost(w)
	if err != nil {
		return nil, err
	}
	return &Recording{monitor: m, post: p, learned: contracts.NewBaseline()}, nil
}

// Next judges the next sample; samples come in the order of time. The error is
// our own fault: what a sample says is never one.
func (r *Recording) Next(s probes.Sample) (Replayed, error) {
	observation := contracts.Observe(s, r.post.Probe.Expect)
	d := r.monitor.mean(r.post, r.learned, r.known, alerting.Policy{}, answer{&observation, s.RetryAt})
	r.remember(d.changed)
	return Replayed{Check: record(s.Probe, &observation, d.verdict), Verdict: d.verdict, Incidents: d.changed, Steps: d.steps}, nil
}

// remember replaces incidents by what became of them.
func (r *Recording) remember(changed []alerting.Incident) {
	for _, inc := range changed {
		known := false
		for i := range r.known {
			if r.known[i].ID == inc.ID {
				r.known[i], known = inc, true
			}
		}
		if !known {
			r.known = append(r.known, inc)
		}
	}
}
