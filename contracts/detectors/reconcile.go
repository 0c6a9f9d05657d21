package detectors

import (
	"fmt"
	"math"
	"time"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// ofReconciliation completes a detector that reads how far two sides agree.
// What counts was there for longer than the lag that is allowed: one look is
// enough.
func ofReconciliation(d contracts.Detector, look func(*probes.Reconciled) []contracts.Finding) contracts.Detector {
	d.Rule.Trial, d.Rule.Sure, d.Always = contracts.EveryReply, true, true
	d.Detect = func(c *contracts.Comparison) []contracts.Finding {
		if c.Observation.Reconciled == nil {
			return nil
		}
		return look(c.Observation.Reconciled)
	}
	return d
}

func outOfStep() contracts.Detector {
	return ofReconciliation(contracts.Detector{
		Name: "out-of-step", Severity: contracts.Breaking,
		Doc: `Two systems do not hold the same

**What it means for you.** Orders are in one system and not in the other, or with another amount. Every call between them may have answered 200; whoever reads the wrong side decides wrongly.

**A real one.** A shop retries an export after a timeout, the warehouse refuses the second try as a duplicate, and forty orders are never packed.

**How it decides.** A ` + "`reconcile`" + ` compares the rows of both sides by their key. A row that is missing on one side, or a field that differs, counts when it was seen first longer than ` + "`lag`" + ` ago, or the row was last changed before that: what is on its way is no difference. One finding for each side and each field.

**Tuning.** ` + "`lag`" + ` for how long things are on their way; ` + "`tolerate`" + ` for differences that you know of; the rule of a field (` + "`as`, `ignore_case`, `precision`" + ` and so on) where two texts mean the same.`,
	}, func(r *probes.Reconciled) (found []contracts.Finding) {
		if r.Counted.All() <= r.Tolerate {
			return nil
		}
		missing := func(here, there string, n, of int64) {
			if n > 0 {
				found = append(found, contracts.Finding{
					Path: "side:" + here, Was: inStep(r),
					Now:      fmt.Sprintf("%s of %s missing in %s, for longer than %s", atLeast(r, n, "row"), there, here, span(r.Lag)),
					Evidence: rows(r, n, of),
				})
			}
		}
		missing(r.Right, r.Left, r.Counted.MissingRight, r.LeftRows)
		missing(r.Left, r.Right, r.Counted.MissingLeft, r.RightRows)
		for _, f := range r.Fields {
			if f.Counted > 0 && f.Stopped.IsZero() {
				found = append(found, contracts.Finding{
					Path: "/" + f.Name, Was: inStep(r),
					Now:      fmt.Sprintf("differs in %s of %s and %s, for longer than %s", atLeast(r, f.Counted, "row"), r.Left, r.Right, span(r.Lag)),
					Evidence: rows(r, f.Counted, min(r.LeftRows, r.RightRows)),
				})
			}
		}
		if r.Repair != "" && len(found) > 0 {
			found[0].Cause = "repair: " + r.Repair
		}
		return found
	})
}

func fieldStopped() contracts.Detector {
	return ofReconciliation(contracts.Detector{
		Name: "field-stopped-agreeing", Severity: contracts.Breaking,
		Doc: `A field stopped agreeing on a day

**What it means for you.** Everything that was changed since that day is wrong in one of the two systems, and what is older is right: something was released, or a mapping was changed, on that day.

**A real one.** A vendor begins to send amounts with tax; all invoices since the second of the month are off by a fifth.

**How it decides.** Rows say when they were last changed (` + "`updated`" + `). Of all days, the one is taken that parts rows that agree from rows that do not most clearly; nine in ten of the rows that differ, and half of all since then, must be on this side of it, and of twenty rows before hardly any. Where rows do not say it, out-of-step tells when both sides agreed last.

**Tuning.** Name ` + "`updated`" + ` of the reconciliation.`,
	}, func(r *probes.Reconciled) (found []contracts.Finding) {
		for _, f := range r.Fields {
			if !f.Stopped.IsZero() && f.Counted > r.Tolerate {
				found = append(found, contracts.Finding{
					Path: "/" + f.Name, Was: fmt.Sprintf("differed in %s of %s last changed before %s", count(f.Before.Differ), plural(uint64(f.Before.Of), "row"), f.Stopped.Format(time.DateOnly)),
					Now: fmt.Sprintf("differs in %s of %s changed since %s", count(f.Then.Differ), plural(uint64(f.Then.Of), "row"), f.Stopped.Format(time.DateOnly)),
					Evidence: contracts.Evidence{
						WasSeen: uint64(f.Before.Differ), WasOf: uint64(f.Before.Of), NowSeen: uint64(f.Then.Differ), NowOf: uint64(f.Then.Of),
					},
				})
			}
		}
		return found
	})
}

func driftingApart() contracts.Detector {
	return ofReconciliation(contracts.Detector{
		Name: "drifting-apart", Severity: contracts.Warning,
		Doc: `Two systems drift apart

**What it means for you.** Each run finds more rows that differ than the one before: it does not heal, and it has a pace.

**A real one.** One in a thousand webhooks is lost; after a month, three thousand customers have an old address.

**How it decides.** Over the last eight to thirty runs, the number of rows that count as differing rises beyond chance (the test of Mann and Kendall, three standard deviations), and by five rows at least. Differences that are tolerated count here.

**Tuning.** ` + "`severity: {drifting-apart: off}`" + ` where both sides only ever grow apart by design.`,
	}, func(r *probes.Reconciled) []contracts.Finding {
		t := r.Apart
		if !t.Rises || t.To-t.From < 5 {
			return nil
		}
		return []contracts.Finding{{
			Was:      fmt.Sprintf("%s differed %s ago", plural(uint64(t.From), "row"), plural(uint64(t.Runs-1), "run")),
			Now:      plural(uint64(t.To), "row") + pace(t.PerHour),
			Evidence: rows(r, int64(t.To), max(r.LeftRows, r.RightRows)),
		}}
	})
}

// pace is how many rows more there are in what time; empty for hardly any.
func pace(perHour float64) string {
	for _, unit := range []struct {
		name  string
		hours float64
	}{{"hour", 1}, {"day", 24}, {"week", 7 * 24}} {
		switch more := perHour * unit.hours; {
		case more >= 10:
			return fmt.Sprintf(", and %s more each %s", count(int64(math.Round(more))), unit.name)
		case more >= 1:
			return fmt.Sprintf(", and %.2g more each %s", more, unit.name)
		}
	}
	return ""
}

func fallsBehind() contracts.Detector {
	return ofReconciliation(contracts.Detector{
		Name: "falls-behind", Severity: contracts.Warning,
		Doc: `One system falls behind the other

**What it means for you.** What it holds is right and old. It may catch up by itself, or never: the finding says how fast it loses, and how late it will be when.

**A real one.** A warehouse imports sixty orders a minute, and since the sale began there are a hundred.

**How it decides.** The newest row of one side is older than that of the other by more than ` + "`lag`" + `, and either by three times more than usual over the last runs, eight at least, or by more from run to run (the test of Mann and Kendall, three standard deviations).

**Tuning.** ` + "`lag`" + ` of the reconciliation; name ` + "`updated`" + `, without which nobody knows how old a row is.`,
	}, func(r *probes.Reconciled) []contracts.Finding {
		t := r.Behind
		if r.Late == "" || t.Runs == 0 || t.To <= r.Lag.Seconds() || !t.Rises && t.To <= 3*math.Max(t.Usual, 1) {
			return nil
		}
		now := ago(seconds(t.To)) + " behind" + forecast(t, t.To, newest(r))
		return []contracts.Finding{{
			Path: "side:" + r.Late, Was: "usually " + ago(seconds(t.Usual)) + " behind", Now: now,
			Evidence: contracts.Evidence{WasOf: uint64(t.Runs - 1), NowSeen: 1, NowOf: 1},
		}}
	})
}

// newest is about now: the newest row of both sides.
func newest(r *probes.Reconciled) time.Time {
	if r.LeftNewest.After(r.RightNewest) {
		return r.LeftNewest
	}
	return r.RightNewest
}

// inStep says when both sides agreed last.
func inStep(r *probes.Reconciled) string {
	if r.InStep.IsZero() {
		return "never in step in " + plural(uint64(r.Runs), "run")
	}
	return "in step " + clock(r.InStep)
}

func atLeast(r *probes.Reconciled, n int64, one string) string {
	if r.AtLeast {
		return "at least " + plural(uint64(n), one)
	}
	return plural(uint64(n), one)
}

func rows(r *probes.Reconciled, n, of int64) contracts.Evidence {
	return contracts.Evidence{WasOf: uint64(max(r.Runs-1, 0)), NowSeen: uint64(n), NowOf: uint64(max(of, n))}
}
