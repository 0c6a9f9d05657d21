package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"shapewatch/contracts"
	"shapewatch/monitor"
	"shapewatch/probes"
)

// A checkReport is what `check` found, as `-o json` prints it. Its fields are
// stable: they are added to, never renamed.
type checkReport struct {
	Version    int         `json:"version"`        // of this format: 1
	Note       string      `json:"note,omitempty"` // what the answers could not be judged by
	FailOn     string      `json:"fail_on"`
	Exit       int         `json:"exit"` // the exit code
	Agreed     int         `json:"agreed"`
	Drifted    int         `json:"drifted"`
	Unobserved int         `json:"unobserved"`
	Checks     []checkLine `json:"checks"` // in the order of the configuration

	failOn contracts.Severity
	held   bool // a running server has what was learned
	rows   bool // the rows of reconciliations that differ are printed
}

// A checkLine is one probe of the report.
type checkLine struct {
	Probe     string           `json:"probe"`
	API       string           `json:"api"`
	Operation string           `json:"operation"`
	Outcome   outcome          `json:"outcome"`
	Class     probes.Class     `json:"class"`
	Problem   string           `json:"problem,omitempty"`
	Status    int              `json:"status"` // 0 without a response
	Latency   int64            `json:"latency_ms"`
	Bytes     int64            `json:"bytes"`
	Items     int64            `json:"items"`   // of the main list; -1 without one
	Asked     int              `json:"asked"`   // times: more than 1 when something was suspected
	Learned   uint64           `json:"learned"` // answers remembered from before
	Findings  []checkedFinding `json:"findings"`
	At        time.Time        `json:"at"`

	Heard string `json:"heard,omitempty"` // what is known of a job or a webhook, in words

	Reconciled *comparedLine `json:"reconciled,omitempty"` // of a reconciliation: counts, and no value of a row
}

// A checkedFinding is a finding, and whether it holds or is only suspected.
type checkedFinding struct {
	contracts.Finding
	Confirmed bool `json:"confirmed"`
}

// An outcome is what one probe's answer amounts to.
type outcome string

const (
	agreed     outcome = "agreed"
	drifted    outcome = "drift"
	unobserved outcome = "unobserved"
)

func newCheckReport(failOn contracts.Severity, note string) *checkReport {
	return &checkReport{Version: 1, Note: note, FailOn: failOn.String(), failOn: failOn}
}

func (r *checkReport) line(w monitor.Watch, report monitor.Report) checkLine {
	c := report.Check
	l := checkLine{
		Probe: w.Probe.ID, API: w.Probe.API, Operation: w.Probe.Operation,
		Outcome: r.outcome(report), Class: c.Class, Problem: c.Problem, Status: c.Status, At: c.At.UTC(),
		Latency: c.Latency.Milliseconds(), Bytes: c.Bytes, Items: c.Items,
		Asked: report.Asked, Learned: report.Learned, Findings: []checkedFinding{}, Reconciled: comparedOf(report.Compared),
	}
	if r.held && w.Contract == nil && w.Reconciliation == nil && l.Outcome == agreed {
		l.Outcome, l.Problem = unobserved, "not judged: a running server holds what was learned, and no contract is named"
	}
	facts, unheard := heard(report.Answer)
	if l.Heard = facts; unheard != "" && l.Outcome == agreed {
		l.Outcome, l.Problem = unobserved, unheard
	}
	for _, f := range report.Confirmed {
		l.Findings = append(l.Findings, checkedFinding{f, true})
	}
	for _, f := range report.Suspected {
		l.Findings = append(l.Findings, checkedFinding{f, false})
	}
	return l
}

// outcome tells drift from silence. Who does not answer has shown no drift;
// who answers in a way that cannot be judged has, if it used to be otherwise.
func (r *checkReport) outcome(report monitor.Report) outcome {
	valid := report.Check.Class == probes.Valid
	if report.Check.Class.Answered() && (valid || report.Learned > 0) {
		for _, f := range report.Confirmed {
			if f.Severity >= r.failOn {
				return drifted
			}
		}
	}
	if !valid {
		return unobserved
	}
	return agreed
}

// errNotClean is the silent error of a run that said everything already.
var errNotClean = errors.New("")

// verdict ends the program with the exit code of the report.
func (r *checkReport) verdict() error {
	if r.Exit == 0 {
		return nil
	}
	return &exitError{r.Exit, errNotClean}
}

// sum counts the outcomes and gives the exit code. Drift outweighs silence: it
// is known, and neither reads as clean.
func (r *checkReport) sum() {
	for _, l := range r.Checks {
		switch l.Outcome {
		case agreed:
			r.Agreed++
		case drifted:
			r.Drifted++
		case unobserved:
			r.Unobserved++
		}
	}
	switch {
	case r.Drifted > 0:
		r.Exit = 1
	case r.Unobserved > 0:
		r.Exit = 3
	}
}

func (r *checkReport) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}

func (r *checkReport) writeText(w io.Writer, color bool) error {
	var b strings.Builder
	width := 0
	for _, l := range r.Checks {
		width = max(width, len([]rune(l.API)))
	}
	for _, l := range r.Checks {
		l.write(&b, width, color, r.rows)
	}
	if r.Note != "" {
		fmt.Fprintf(&b, "note: %s\n", r.Note)
	}
	fmt.Fprintf(&b, "%s: %d as agreed, %d drifted, %d could not be observed\n",
		count(len(r.Checks), "probe"), r.Agreed, r.Drifted, r.Unobserved)
	_, err := io.WriteString(w, b.String())
	return err
}

// marks are the words at the start of a line, and their colours.
var marks = map[outcome][2]string{agreed: {"ok", "32"}, drifted: {"drift", "31"}, unobserved: {"unseen", "33"}}

func (l checkLine) write(b *strings.Builder, width int, color, rows bool) {
	mark := fmt.Sprintf("%-6s", marks[l.Outcome][0])
	if color {
		mark = "\x1b[" + marks[l.Outcome][1] + "m" + mark + "\x1b[0m"
	}
	fmt.Fprintf(b, "%s  %-*s  %s  %s\n", mark, width, l.API, l.Operation, l.facts())
	for _, f := range l.Findings {
		f.write(b)
	}
	if l.Reconciled != nil && rows {
		for _, row := range l.Reconciled.rows {
			fmt.Fprintf(b, "        row       %s\n", printable(row))
		}
	}
}

// facts are what can be said of an answer in a few words.
func (l checkLine) facts() string {
	if l.Class != probes.Valid || l.Problem != "" {
		return printable(cmp.Or(l.Problem, string(l.Class)))
	}
	if l.Reconciled != nil {
		return printable(l.Reconciled.facts())
	}
	if l.Heard != "" {
		return l.Heard
	}
	facts := fmt.Sprintf("%d, %d ms", l.Status, l.Latency)
	if l.Items >= 0 {
		facts += ", " + count(int(l.Items), "item")
	}
	if l.Asked > 1 {
		facts += ", " + fmt.Sprintf("asked %d times", l.Asked)
	}
	return facts
}

func (f checkedFinding) write(b *strings.Builder) {
	doubt := ""
	if !f.Confirmed {
		doubt = " (suspected, not each time)"
	}
	fmt.Fprintf(b, "        %-8s  %s  %s%s\n", f.Severity, printable(cmp.Or(f.Path, "the whole answer")), f.Kind, doubt)
	for _, line := range [][2]string{{"was", f.Was}, {"now", f.Now}, {"why", f.Cause}, {"seen", f.Evidence.Sentence(clockTime)}} {
		if line[1] != "" {
			fmt.Fprintf(b, "                  %s  %s\n", line[0], printable(line[1]))
		}
	}
}
