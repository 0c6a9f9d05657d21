package driftbench

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// document is where the figures are published.
const document = "../docs/drift-quality.md"

// A report is all that the bench measured.
type report struct {
	seeded  []instance
	vigil   vigil
	volume  [][]string
	heldOut [][]string
	corpus  [][]string
	vendors int
}

const preface = `# How good the detection is

Written by ` + "`make driftbench`" + `; do not edit by hand. Nothing here depends on the date: the same code gives the same figures. The vendors, their drifts and the rivals are in ` + "[driftbench](../driftbench)" + `; everything is judged through ` + "`monitor.Recording`" + `, which is what the server and ` + "`shapewatch replay`" + ` run, re-probes included.

`

// write renders the report.
func (r report) write() string {
	var b strings.Builder
	b.WriteString(preface)
	b.WriteString("## Seeded drifts\n\n")
	fmt.Fprintf(&b, "%d instances: %d drifts, each in up to %d modes, on %d generated APIs after %d quiet checks. The content of the APIs is autocorrelated (things stay listed, change slowly and turn over), with optional, nullable and rare fields, maps, a tagged union, daily and weekly cycles, hiccups and degraded spells.\n\n", len(r.seeded), len(drifts), int(numModes), r.vendors, warmup)
	b.WriteString(table([]string{"measured", "bar", "reached", "of", "verdict"}, bars(r.seeded)))
	b.WriteString("\nA delay counts the scheduled checks whose answer showed the drift. An instance is watched for at most ")
	for m := range numModes {
		fmt.Fprintf(&b, "%d checks (%s), ", horizon[m], modeNames[m])
	}
	b.WriteString("then it is missed.\n\n### Drift by drift\n\nFound of all, and the median delay in checks.\n\n")
	b.WriteString(table(append([]string{"drift"}, modeNames[:]...), byDrift(r.seeded)))
	b.WriteString("\n## Quiet vendors\n\n" + r.quiet())
	b.WriteString("\n## Volume\n\nThe fourteen series of the Numenta Anomaly Benchmark; each rival is given the threshold that is the strictest of a grid with which it finds at least as many windows. The first 15 % of a series only teach. Our own two constants for an hour of the day were chosen among eighteen settings on these same series, so that this table shows what the rule can do, not how it fares on series it has not seen; rivals are tried on a grid of 22 thresholds.\n\n")
	b.WriteString(table([]string{"rule", "windows found", "false alarms per 1,000 points"}, r.volume))
	b.WriteString("\nHeld out: each series is judged by what is best for the thirteen others, where a false alarm costs what a missed window does; the rivals have the strictest threshold that finds as many windows in these thirteen as we do. This is how the rules fare on what they have not seen.\n\n")
	b.WriteString(table([]string{"held out", "windows found", "false alarms per 1,000 points"}, r.heldOut))
	b.WriteString("\n## Recorded reality\n\n")
	b.WriteString(table([]string{"measured", "result"}, r.corpus))
	b.WriteString("\n" + misses)
	return b.String()
}

// quiet tells what was told of vendors that did not drift.
func (r report) quiet() string {
	g := r.vigil
	rate := func(n int) string { return fmt.Sprintf("%.3f", float64(n)/max(g.months, 1e-9)) }
	verdict := func(n int, bar float64) string {
		switch {
		case float64(n)/max(g.months, 1e-9) > bar:
			return "**missed**"
		case g.months < enoughMonths:
			return unproven
		}
		return "reached"
	}
	rows := [][]string{
		{"false incidents that page", "0.05", rate(len(g.pages)), verdict(len(g.pages), 0.05)},
		{"false warnings", "0.5", rate(len(g.warnings)), verdict(len(g.warnings), 0.5)},
		{"digest lines (no bar)", "–", rate(g.digest), "–"},
		{"outages told (true)", "–", rate(g.outages), "–"},
	}
	return fmt.Sprintf("%.2f API-months, %d checks and %d re-probes, from the first answer on.\n\n", g.months, g.checks, g.asked-g.checks) +
		table([]string{"per API-month", "bar", "reached", "verdict"}, rows)
}

// misses is what the figures do not say by themselves.
const misses = `## What is missed, and why

- **Runs on fewer than 2,000 instances or 200 API-months** prove what is missed and nothing else; their bars are called unproven.
- **5 % of entities.** One thing in twenty that lacks a field is what new content looks like too. Such a drift is told once enough new things were born so, which takes as many new things as a threshold of one false alarm a month demands; on a vendor with little turnover that is longer than an instance is watched. Known things that change under our eyes are told at once, but three must change, and one in eight of those listed: an edit changes one or two.
- **Databricks' new termination reason** (2021). The field had shown one value only, which is no set that could grow; and it is called ` + "`code`" + `, as vouchers and second factors are, so that its values are kept as hashes and are no words to compare.
- **5 % canaries** are told when they have come back several times, seven of checks or so after three hundred quiet ones; a drift that shows in six of three hundred is told later than the bench waits. Where one answer shows one thing, a thing that changes its mind looks the same, unless that very thing is back as it was within seconds.
- **Quiet vendors** are asked every five minutes for a 20th of the time, every hour for two thirds. A bad quarter of an hour is seen only where checks are frequent, and told as a warning: the rate of warnings is higher there.
- **Vendors that show one thing at a time.** When the first answer that deviates is also the first to show a new thing, it takes several new things to tell a change of the contract from a thing that was born so. All that is found later than three checks is on the one vendor that shows one order, asked every ten minutes, and is told in the very check that shows the third order without the field, with null in it or in another unit; that vendor had a third one after four to nine checks. One new order in two hundred can lack a field: against a budget of one warning a month, over some two thousand orders and seventy facts in that month, the first is worth 5 of the 12.6 that it takes, the second 10, the third 14. Types, forms and ids, which content does not make, are told there within two checks. Those seven are a field or an object gone, renamed or null, and two changes of unit; asking again on fresh connections shows the same order, so that no number of re-probes within three checks brings a second one, and a rule that took the first order for enough would page for each order born without an optional field.
- **The first days.** Where few things were seen, few answers are evidence, however often they were repeated: the count of things, not of answers, is what a finding rests on.
`

// figures are what differs between two runs of different code.
var figures = regexp.MustCompile(`[0-9][0-9,.]*|unproven: too few|reached|\*\*missed\*\*|–`)

// skeleton is a report without its figures.
func skeleton(text string) (lines []string) {
	for line := range strings.Lines(text) {
		lines = append(lines, figures.ReplaceAllString(strings.TrimSpace(line), "#"))
	}
	return lines
}

// TestReport_HasTheShapeOfTheCommittedDocument fails when drifts, modes, bars
// or words have changed and nobody ran `make driftbench`.
func TestReport_HasTheShapeOfTheCommittedDocument(t *testing.T) {
	committed, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	want := skeleton(report{
		volume: volumeRows(mark{}, nil), heldOut: volumeRows(mark{}, nil), corpus: corpusRows(nil),
	}.write())
	got := strings.Join(skeleton(string(committed)), "\n")
	for _, line := range want {
		if first, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " | "); ok && strings.HasPrefix(line, "|") {
			line = "| " + first + " |"
		}
		if !strings.Contains(got, line) {
			t.Errorf("docs/drift-quality.md has no line %q: run `make driftbench`", line)
		}
	}
}
