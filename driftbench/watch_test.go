package driftbench

import (
	"slices"
	"strings"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
	"shapewatch/monitor"
	"shapewatch/probes"
)

// A watch watches a vendor as the server does: on schedule, and again quickly
// while something is suspected.
type watch struct {
	vendor    *vendor
	recording *monitor.Recording
	checks    int // scheduled ones
	asked     int // re-probes included
}

func newWatch(v *vendor) *watch {
	m := monitor.New(monitor.Options{Detectors: detectors.All()})
	r, err := m.Replay(monitor.Watch{
		Probe:  probes.Probe{ID: v.name, API: v.name, Name: "orders", Operation: "GET /orders", Schedule: probes.Schedule{Every: v.every}},
		Policy: contracts.Policy{API: v.name, Operation: "GET /orders"},
	})
	if err != nil {
		panic(err) // every schedule of a vendor is a good one
	}
	return &watch{vendor: v, recording: r}
}

// check asks once on schedule, and again for as long as the server would,
// then lets time pass until the next check. See is given what each answer
// meant, and whether the drift showed in it.
func (w *watch) check(d *applied, see func(r monitor.Replayed, shown bool)) {
	if d != nil {
		d.check++
	}
	w.checks++
	next := w.vendor.now.Add(w.vendor.every)
	judge := w.recording.Next
	for {
		s, shown := w.vendor.sample(d)
		r, err := judge(s)
		if err != nil {
			panic(err) // our own fault, by contract
		}
		w.asked++
		see(r, shown)
		if r.Again == 0 || !w.vendor.now.Add(r.Again).Before(next) {
			break
		}
		w.vendor.step(r.Again)
		judge = w.recording.Reprobe
	}
	w.vendor.step(next.Sub(w.vendor.now))
}

// quietly checks a vendor that does not drift.
func (w *watch) quietly(checks int) {
	for range checks {
		w.check(nil, func(monitor.Replayed, bool) {})
	}
}

// fork returns the same watch with a future of its own.
func (w *watch) fork(seed uint64) *watch {
	v := *w.vendor
	v.rng = newRand(seed)
	v.entities = make([]*entity, len(w.vendor.entities))
	for i, e := range w.vendor.entities {
		one := *e
		one.values = copied(e.values)
		one.marked = v.rng.Float64() < 0.05
		v.entities[i] = &one
	}
	v.entities[v.rng.IntN(min(v.size, len(v.entities)))].marked = true // one of those that are listed, at least
	r, err := w.recording.Fork()
	if err != nil {
		panic(err) // a baseline that cannot be read back
	}
	return &watch{vendor: &v, recording: r, checks: w.checks, asked: w.asked}
}

// An alarm is an incident as it is told first.
type alarm struct {
	at       time.Time
	severity contracts.Severity
	lead     contracts.Finding
	entries  []alerting.Entry
}

// alarms are the incidents that an answer opened, or made worse.
func alarms(r monitor.Replayed) (all []alarm) {
	for _, s := range r.Steps {
		if s.Kind != alerting.Opened && s.Kind != alerting.Worsened && s.Kind != alerting.Noted && s.Kind != alerting.Reopened && s.Kind != alerting.Updated {
			continue
		}
		i := slices.IndexFunc(r.Incidents, func(inc alerting.Incident) bool { return inc.ID == s.Incident })
		if i < 0 {
			continue
		}
		inc := r.Incidents[i]
		holding := slices.DeleteFunc(slices.Clone(inc.Entries), func(e alerting.Entry) bool { return !e.Ended.IsZero() })
		if len(holding) == 0 {
			continue
		}
		slices.SortStableFunc(holding, func(a, b alerting.Entry) int { return int(b.Finding.Severity) - int(a.Finding.Severity) })
		all = append(all, alarm{s.At, inc.Severity, holding[0].Finding, holding})
	}
	return all
}

// near reports whether two paths speak of one place.
func near(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+"/") || strings.HasPrefix(b, a+"/")
}
