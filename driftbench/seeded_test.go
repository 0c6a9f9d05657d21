package driftbench

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/monitor"
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x5eed)) }

// An instance is one drift on one vendor in one mode, and how it was told.
type instance struct {
	vendor string
	drift  drift
	mode   mode
	found  bool
	checks int           // scheduled ones since onset in which it showed, up to the telling
	delay  time.Duration // since onset
	kind   string        // of the finding that led
	path   string
	right  struct{ kind, path, severity bool }
}

// warmup is how many checks a vendor is watched before it drifts.
const warmup = 300

// play lets a drift happen to a watched vendor and waits until it is told.
func play(w *watch, d drift, m mode) instance {
	in := instance{vendor: w.vendor.name, drift: d, mode: m}
	fork := w.fork(seedOf(w.vendor.name, d.name, m))
	a := &applied{drift: d, mode: m}
	onset := fork.vendor.now
	for (!in.found || m == atOnce && !in.right.severity) && a.check < horizon[m] {
		showed, told := false, in.found
		fork.check(a, func(r monitor.Replayed, shown bool) {
			showed = showed || shown
			for _, alarm := range alarms(r) {
				switch {
				case in.found:
					in.worsens(fork.vendor, alarm)
				case in.tells(fork.vendor, alarm):
					in.found, in.delay = true, alarm.at.Sub(onset)
				}
			}
		})
		if showed && !told {
			in.checks++
		}
	}
	return in
}

// tells reports whether an alarm is about the drift, and takes down how right
// it is. A finding that leads is held against the drift; what is told of other
// places is a false alarm, and counted where nothing drifts.
func (in *instance) tells(v *vendor, a alarm) bool {
	where := in.drift.where(v)
	if a.severity < min(in.drift.severity, contracts.Warning) {
		return false
	}
	i := slices.IndexFunc(a.entries, func(e alerting.Entry) bool {
		return near(e.Finding.Path, where) && e.Finding.Severity == a.lead.Severity
	})
	if i < 0 || in.drift.path != "" && !in.drift.whole && a.entries[i].Finding.Path == "" && !slices.Contains(in.kinds(), a.entries[i].Finding.Kind) {
		return false
	}
	f := a.entries[i].Finding
	if in.drift.whole && f.Path != where && !slices.ContainsFunc(in.kinds(), func(k string) bool { return strings.HasPrefix(f.Kind, k) }) {
		return false // of the answer as a whole every place is near
	}
	in.kind, in.path = f.Kind, f.Path
	in.right.kind = slices.ContainsFunc(in.kinds(), func(k string) bool { return strings.HasPrefix(f.Kind, k) })
	in.right.path = f.Path == where
	in.right.severity = f.Severity == in.drift.severity
	return true
}

// worsens takes down that the drift is told to be as bad as it is: what may pass
// is told as a warning first.
func (in *instance) worsens(v *vendor, a alarm) {
	for _, e := range a.entries {
		if near(e.Finding.Path, in.drift.where(v)) && e.Finding.Severity == in.drift.severity {
			in.right.severity = true
		}
	}
}

// kinds are those that tell the drift right in its mode.
func (in *instance) kinds() []string {
	if in.mode == atOnce || in.mode == flap {
		return in.drift.kinds
	}
	return append(append(slices.Clone(in.drift.kinds), in.drift.partly...), "mixed-shapes")
}

func seedOf(parts ...any) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, parts...)
	return h.Sum64()
}

// campaign plays every drift in every mode on some vendors, side by side.
func campaign(vendors, workers int, wanted func(d drift, m mode, v *vendor) bool) []instance {
	var mu sync.Mutex
	var all []instance
	seeds := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for seed := range seeds {
				mine := siege(seed, wanted)
				mu.Lock()
				all = append(all, mine...)
				mu.Unlock()
			}
		})
	}
	for seed := range vendors {
		seeds <- seed
	}
	close(seeds)
	wg.Wait()
	slices.SortStableFunc(all, func(a, b instance) int { return strings.Compare(a.vendor, b.vendor) })
	return all
}

// siege warms one vendor up and plays every drift on it.
func siege(seed int, wanted func(d drift, m mode, v *vendor) bool) (all []instance) {
	w := newWatch(newVendor(seed))
	w.quietly(warmup)
	for _, d := range drifts {
		for m := range numModes {
			if d.applies(w.vendor, m) && wanted(d, m, w.vendor) {
				all = append(all, play(w, d, m))
			}
		}
	}
	return all
}
