package driftbench

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

var (
	parts    = flag.String("parts", "", "folder for what each vendor came to: a run that was cut off goes on where it was")
	finished = flag.Bool("finished", false, "run nothing: report on the vendors whose part is in the folder")
)

// A portion is what one vendor of the whole bench came to.
type portion struct {
	Seeded []played
	Quiet  watched
}

// played is an instance as a file keeps it.
type played struct {
	Vendor, Drift, Kind, Path string
	Mode                      mode
	Found                     bool
	Checks                    int
	Delay                     time.Duration
	Right                     [3]bool // kind, path, severity
}

// watched is a vigil as a file keeps it.
type watched struct {
	Months          float64
	Checks, Asked   int
	Pages, Warnings []string
	Digest, Outages int
}

func keptInstance(in instance) played {
	return played{in.vendor, in.drift.name, in.kind, in.path, in.mode, in.found, in.checks, in.delay, [3]bool{in.right.kind, in.right.path, in.right.severity}}
}

func (p played) instance() instance {
	i := slices.IndexFunc(drifts, func(d drift) bool { return d.name == p.Drift })
	in := instance{vendor: p.Vendor, drift: drifts[i], mode: p.Mode, found: p.Found, checks: p.Checks, delay: p.Delay, kind: p.Kind, path: p.Path}
	in.right.kind, in.right.path, in.right.severity = p.Right[0], p.Right[1], p.Right[2]
	return in
}

// entirety runs the bench on some vendors, side by side, or takes what an earlier
// run has left in the folder of parts.
func entirety(t *testing.T, vendors, workers int, shifts []shift) (seeded []instance, quiet vigil) {
	t.Helper()
	results := make([]portion, vendors)
	seeds := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for seed := range seeds {
				results[seed] = one(t, seed, shifts)
			}
		})
	}
	for seed := range vendors {
		seeds <- seed
	}
	close(seeds)
	wg.Wait()
	for _, r := range results {
		for _, p := range r.Seeded {
			seeded = append(seeded, p.instance())
		}
		q := r.Quiet
		quiet.add(vigil{q.Months, q.Checks, q.Asked, q.Pages, q.Warnings, q.Digest, q.Outages})
	}
	return seeded, quiet
}

// one is what a vendor comes to, now or in an earlier run.
func one(t *testing.T, seed int, shifts []shift) (r portion) {
	file := filepath.Join(*parts, fmt.Sprintf("vendor-%02d.json", seed))
	if text, err := os.ReadFile(file); *parts != "" && err == nil && json.Unmarshal(text, &r) == nil || *finished {
		return r
	}
	for _, in := range siege(seed, always) {
		r.Seeded = append(r.Seeded, keptInstance(in))
	}
	var q vigil
	for i, s := range shifts {
		q.add(keepVigil(seed+i*len(forms), s.every, s.months))
	}
	r.Quiet = watched{q.months, q.checks, q.asked, q.pages, q.warnings, q.digest, q.outages}
	if *parts != "" {
		text, _ := json.Marshal(r) // plain data always marshals
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Error(err)
		}
	}
	return r
}
