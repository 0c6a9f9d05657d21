package driftbench

import (
	"fmt"
	"sync"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/monitor"
)

// A vigil is a long watch of a vendor that never drifts, and what was told all
// the same.
type vigil struct {
	months   float64
	checks   int
	asked    int
	pages    []string // what was told as breaking
	warnings []string
	digest   int // what was told as good to know
	outages  int // told, and true: the vendor was down
}

// month is what alarms are counted by.
const month = 30 * 24 * time.Hour

// keepVigil watches a vendor for some months from its first answer on.
func keepVigil(seed int, every time.Duration, months float64) vigil {
	v := newVendor(seed)
	v.every = every
	w := newWatch(v)
	out := vigil{months: months}
	for end := v.now.Add(time.Duration(months * float64(month))); v.now.Before(end); {
		w.check(nil, func(r monitor.Replayed, _ bool) { out.count(v, r) })
	}
	out.checks, out.asked = w.checks, w.asked
	return out
}

// count takes down the incidents that an answer opened or made worse.
func (g *vigil) count(v *vendor, r monitor.Replayed) {
	for _, s := range r.Steps {
		if s.Kind != alerting.Opened && s.Kind != alerting.Worsened && s.Kind != alerting.Noted && s.Kind != alerting.Reopened {
			continue
		}
		for _, inc := range r.Incidents {
			if inc.ID == s.Incident {
				g.note(v, inc, s)
			}
		}
	}
}

func (g *vigil) note(v *vendor, inc alerting.Incident, s alerting.Transition) {
	worst := inc.Entries[0].Finding
	for _, e := range inc.Entries {
		if e.Ended.IsZero() && e.Finding.Severity >= worst.Severity {
			worst = e.Finding
		}
	}
	line := fmt.Sprintf("%s every %v, %s: %s `%s` `%s`: was %s, now %s", v.name, v.every, s.At.Sub(epoch).Round(time.Hour), s.Kind, worst.Kind, worst.Path, worst.Was, worst.Now)
	switch {
	case outage(worst.Kind):
		g.outages++
	case inc.Severity == contracts.Breaking:
		g.pages = append(g.pages, line)
	case inc.Severity == contracts.Warning:
		g.warnings = append(g.warnings, line)
	default:
		g.digest++
	}
}

func (g *vigil) add(o vigil) {
	g.months += o.months
	g.checks, g.asked = g.checks+o.checks, g.asked+o.asked
	g.pages, g.warnings = append(g.pages, o.pages...), append(g.warnings, o.warnings...)
	g.digest, g.outages = g.digest+o.digest, g.outages+o.outages
}

// A post of vigils: each vendor is watched so often for so long.
type shift struct {
	every  time.Duration
	months float64
}

// keepVigils watches vendors side by side.
func keepVigils(vendors, workers int, shifts []shift) (all vigil) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	seeds := make(chan int)
	for range workers {
		wg.Go(func() {
			for seed := range seeds {
				for i, s := range shifts {
					one := keepVigil(seed+i*len(forms), s.every, s.months)
					mu.Lock()
					all.add(one)
					mu.Unlock()
				}
			}
		})
	}
	for seed := range vendors {
		seeds <- seed
	}
	close(seeds)
	wg.Wait()
	return all
}
