package driftbench

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	entire  = flag.Bool("entire", false, "run the whole bench, which takes minutes, and write docs/drift-quality.md")
	vendors = flag.Int("vendors", len(forms), "vendors of the whole bench")
	months  = flag.Float64("months", 1, "scale of the quiet watches; 1 is about 230 API-months with 20 vendors")
	listed  = flag.Bool("misses", false, "list each miss, each find that is late and each false alarm of the whole bench")
)

// workers is how many vendors are watched side by side.
const workers = 2

func always(drift, mode, *vendor) bool { return true }

// TestDriftbench is the whole bench.
func TestDriftbench(t *testing.T) {
	if !*entire {
		t.Skip("the whole bench takes minutes: make driftbench")
	}
	r := report{vendors: *vendors}
	r.seeded, r.vigil = entirety(t, *vendors, workers, []shift{{5 * time.Minute, 0.5 * *months}, {15 * time.Minute, *months}, {30 * time.Minute, 2 * *months}, {time.Hour, 8 * *months}})
	r.vendors = len(slices.Compact(names(r.seeded)))
	mine, theirs := compete(tracks(t))
	r.volume = volumeRows(mine, theirs)
	r.heldOut = volumeRows(heldOut(tracks(t)))
	results := scores(t)
	told, all := 0, incidents(t)
	for _, in := range all {
		for _, f := range in.replay() {
			if in.told(f) {
				told++
				break
			}
		}
	}
	results["incidents"] = fmt.Sprintf("%d of %d", told, len(all))
	r.corpus = corpusRows(results)
	if err := os.WriteFile(document, []byte(r.write()), 0o644); err != nil {
		t.Fatal(err)
	}
	fmt.Println(r.write())
	if *listed {
		r.list(t)
	}
}

// names are the vendors of instances, one after the other.
func names(all []instance) (vendors []string) {
	for _, in := range all {
		vendors = append(vendors, in.vendor)
	}
	return vendors
}

func (r report) list(t *testing.T) {
	for _, in := range r.seeded {
		if !in.found || in.late() || !in.right.kind || !in.right.path {
			t.Logf("%s, %s, %s: found %v after %d: %s %q", in.vendor, in.drift.name, modeNames[in.mode], in.found, in.checks, in.kind, in.path)
		}
	}
	t.Log(strings.Join(append(r.vigil.pages, r.vigil.warnings...), "\n"))
}

// TestSlice_FindsBreakingDriftsAtOnce is the part of the bench that every test
// run takes: all drifts that break, at once, on two vendors.
func TestSlice_FindsBreakingDriftsAtOnce(t *testing.T) {
	all := campaign(2, workers, func(d drift, m mode, _ *vendor) bool { return m == atOnce && d.severity == breaking })
	got := sum(all, func(instance) bool { return true })
	for _, in := range all {
		if !in.found || in.checks > prompt {
			t.Errorf("%s: %s: found %v after %d checks (%s %s)", in.vendor, in.drift.name, in.found, in.checks, in.kind, in.path)
		}
	}
	if kind, path := share(got.kind, got.found), share(got.path, got.found); kind < 0.95 || path < 0.95 {
		t.Errorf("right kind %.3f, right path %.3f: want 0.95 of each", kind, path)
	}
}

// TestSlice_DoesNotPageForContent watches two vendors that never drift.
func TestSlice_DoesNotPageForContent(t *testing.T) {
	g := keepVigils(2, workers, []shift{{time.Hour, 0.5}})
	if len(g.pages) > 0 || len(g.warnings) > 1 {
		t.Errorf("in %.1f API-months: %q, %q", g.months, g.pages, g.warnings)
	}
}
