package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"shapewatch/monitor"
)

// newValidateCommand is `shapewatch validate [FILE]`.
func newValidateCommand() *cobra.Command {
	var verbose bool
	var output string
	cmd := &cobra.Command{
		Use:   "validate [FILE]",
		Short: "Check a configuration: every mistake at once, with its place and what to do",
		Long: "Check a configuration without asking any API. References are expanded, so the\n" +
			"variables must be set; contracts and other files it names are read.\n" +
			"Exit code: 0 good, 2 with mistakes.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if output != "text" && output != "json" {
				return usageError(fmt.Errorf("--output %s: want text or json", output))
			}
			v := validate(configFileOf(args), verbose || output == "json")
			if output == "json" {
				return errors.Join(v.writeJSON(cmd.OutOrStdout()), v.err)
			}
			v.writeText(cmd.OutOrStdout(), cmd.ErrOrStderr())
			return v.err
		},
	}
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "list every probe with its next run")
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

// A validation is what `validate` says of one file.
type validation struct {
	File     string          `json:"file"`
	Good     bool            `json:"good"`
	APIs     int             `json:"apis"`
	Probes   []plannedProbe  `json:"probes"`
	Problems []statedProblem `json:"problems"`
	Warnings []statedProblem `json:"warnings"`

	err     error
	verbose bool
}

type plannedProbe struct {
	ID        string      `json:"id"`
	Operation string      `json:"operation"`
	NextRuns  []time.Time `json:"next_runs,omitempty"`
}

// A statedProblem is a problem for programs.
type statedProblem struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Path    string `json:"path,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

func validate(file string, verbose bool) *validation {
	v := &validation{File: file, verbose: verbose, Probes: []plannedProbe{}, Problems: []statedProblem{}, Warnings: []statedProblem{}}
	c, err := LoadConfig(file, os.LookupEnv)
	if err != nil {
		v.err, v.Problems = err, stateProblems(err)
		return v
	}
	v.Good = true
	for _, w := range c.warnings {
		v.Warnings = append(v.Warnings, w.stated(c.secrets))
	}
	apis := map[string]bool{}
	for _, w := range c.Watches() {
		apis[w.Probe.API] = true
		p := plannedProbe{ID: w.Probe.ID, Operation: w.Probe.Operation}
		if verbose {
			p.NextRuns, _ = monitor.NextRuns(w.Probe.Schedule, time.Now(), 3) // the schedule was checked
		}
		v.Probes = append(v.Probes, p)
	}
	v.APIs = len(apis)
	return v
}

func stateProblems(err error) (stated []statedProblem) {
	var all *configError
	if !errors.As(err, &all) {
		return []statedProblem{{Message: err.Error()}}
	}
	for _, p := range all.problems {
		stated = append(stated, p.stated(all.secrets))
	}
	return stated
}

func (p problem) stated(secrets []string) statedProblem {
	s := statedProblem{
		Line: p.at.line, Column: p.at.col, Path: p.at.path,
		Message: maskMessage(p.message, secrets), Hint: maskMessage(p.hint, secrets),
	}
	if p.at.src != nil {
		s.File = p.at.src.name
	}
	return s
}

func (v *validation) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// writeText prints the verdict; mistakes are the error that the program ends with.
func (v *validation) writeText(out, errOut io.Writer) {
	for _, w := range v.Warnings {
		fmt.Fprintf(errOut, "%s:%d:%d: warning: %s: %s\n", w.File, w.Line, w.Column, w.Message, w.Hint)
	}
	if !v.Good {
		return
	}
	fmt.Fprintf(out, "%s: %s, %s: good\n", v.File, count(v.APIs, "API"), count(len(v.Probes), "probe"))
	if !v.verbose {
		return
	}
	for _, p := range v.Probes {
		fmt.Fprintf(out, "  %s\n", p.ID)
		for i, at := range p.NextRuns {
			fmt.Fprintf(out, "    %s %s\n", [...]string{"next", "then"}[min(i, 1)], at.Format("Mon 2006-01-02 15:04:05 MST"))
		}
	}
}

// count is "1 API" or "3 APIs".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "ch") {
		noun += "e" // mismatches
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
