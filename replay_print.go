package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/monitor"
)

// A replayLine is one finding, in the sample in which it was confirmed.
type replayLine struct {
	Series   string             `json:"series"`
	Sample   any                `json:"sample"`
	Date     time.Time          `json:"date"`
	Path     string             `json:"path"`
	Kind     string             `json:"kind"`
	Severity contracts.Severity `json:"severity"`
	Breaking bool               `json:"breaking"`
	Was      string             `json:"was"`
	Now      string             `json:"now"`
	Cause    string             `json:"cause,omitempty"`
}

// print tells what a sample, or a look, meant.
func (p *player) print(name any, step monitor.Replayed) error {
	if p.output == "ndjson" {
		return p.lines(name, step)
	}
	return p.text(name, step)
}

// lines prints what this sample confirmed that the one before had not.
func (p *player) lines(name any, step monitor.Replayed) error {
	if after, between := name.(afterLine); between {
		name = after.line
	}
	told := map[string]bool{}
	for _, f := range step.Verdict.Confirmed {
		told[f.Fingerprint()] = true
		if p.told[f.Fingerprint()] || f.Evidence.Checks == 0 && !f.Evidence.Told {
			continue
		}
		err := json.NewEncoder(p.out).Encode(replayLine{
			Series: p.series, Sample: name, Date: step.Check.At, Path: f.Path, Kind: f.Kind,
			Severity: f.Severity, Breaking: f.Severity == contracts.Breaking, Was: f.Was, Now: f.Now, Cause: f.Cause,
		})
		if err != nil {
			return err
		}
	}
	p.told = told
	return nil
}

// text prints the steps a person would have been told.
func (p *player) text(name any, step monitor.Replayed) error {
	var b strings.Builder
	for _, s := range step.Steps {
		for _, inc := range step.Incidents {
			if inc.ID == s.Incident {
				p.incidents[inc.ID] = true
				writeStep(&b, name, step.Check.At, inc, s)
			}
		}
	}
	_, err := io.WriteString(p.out, b.String())
	return err
}

func writeStep(b *strings.Builder, name any, at time.Time, inc alerting.Incident, s alerting.Transition) {
	fmt.Fprintf(b, "%s  %-9s %-8s %s  (%v)\n", at.Format("2006-01-02 15:04"), s.Kind, inc.Severity, printable(inc.Title), name)
	if s.Kind == alerting.Closed {
		return
	}
	for _, e := range inc.Entries {
		f := e.Finding
		fmt.Fprintf(b, "    %s\n", printable(fmt.Sprintf("%s %s: was %s, now %s", f.Kind, f.Path, f.Was, f.Now)))
		if numbers := f.Evidence.Sentence(clockTime); numbers != "" {
			fmt.Fprintf(b, "      %s\n", numbers)
		}
	}
}

// sum ends a recording for a person.
func (p *player) sum() error {
	if p.output == "ndjson" {
		return nil
	}
	_, err := fmt.Fprintf(p.out, "%s: %d samples, %d incidents\n", p.series, p.samples, len(p.incidents))
	return err
}

// clockTime writes a time in a sentence.
func clockTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }
