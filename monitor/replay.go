package monitor

import (
	"slices"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
	"shapewatch/reconcile"
)

// A Recording judges recorded samples of one probe by exactly the code that
// judges live ones, at the times they were recorded. It asks nobody, waits for
// nothing and keeps its memory to itself.
type Recording struct {
	monitor *Monitor
	post    *post
	learned *contracts.Baseline
	known   []alerting.Incident
	ledger  reconcile.Ledger
	clock   time.Time // how far the looks at a job or a source have come
	due     time.Time // of the look that something that came asks for; zero for none
}

// A Replayed is what one recorded sample meant.
type Replayed struct {
	Check     contracts.Check
	Verdict   contracts.Verdict
	Incidents []alerting.Incident   // that changed
	Steps     []alerting.Transition // what would have been told
	Again     time.Duration         // the server would ask again so soon, to confirm a suspicion; 0 means on schedule
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
func (r *Recording) Next(s probes.Sample) (Replayed, error) { return r.judge(s, false) }

// Reprobe judges a sample that was brought back to confirm a suspicion, beside
// the schedule.
func (r *Recording) Reprobe(s probes.Sample) (Replayed, error) { return r.judge(s, true) }

func (r *Recording) judge(s probes.Sample, again bool) (Replayed, error) {
	observation := contracts.Observe(s, r.post.Probe.Expect)
	observation.Reprobe = again
	return r.mean(answer{Observation: &observation, retryAt: s.RetryAt}), nil
}

// mean says what an answer means and remembers it.
func (r *Recording) mean(a answer) Replayed {
	d := r.monitor.mean(r.post, r.learned, r.known, alerting.Policy{}, a)
	r.remember(d.changed, a.At)
	pause, _ := r.monitor.Confirm.pause(d.verdict)
	return Replayed{
		Check: record(r.post.Probe.ID, a.Observation, d.verdict), Verdict: d.verdict,
		Incidents: d.changed, Steps: d.steps, Again: pause,
	}
}

// Fork returns a recording with the same past and a future of its own.
func (r *Recording) Fork() (*Recording, error) {
	encoded, err := r.learned.MarshalBinary()
	if err != nil {
		return nil, err
	}
	fork := &Recording{monitor: r.monitor, post: r.post, learned: contracts.NewBaseline(), known: slices.Clone(r.known)}
	return fork, fork.learned.UnmarshalBinary(encoded)
}

// remember replaces incidents by what became of them, and forgets those that
// a store would no longer recall.
func (r *Recording) remember(changed []alerting.Incident, now time.Time) {
	for _, inc := range changed {
		if i := slices.IndexFunc(r.known, func(k alerting.Incident) bool { return k.ID == inc.ID }); i >= 0 {
			r.known[i] = inc
		} else {
			r.known = append(r.known, inc)
		}
	}
	r.known = slices.DeleteFunc(r.known, func(k alerting.Incident) bool {
		return k.Condition == alerting.Resolved && k.Resolved.Before(now.Add(-alerting.ReopenWithin))
	})
}
