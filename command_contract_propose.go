package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/contracts/openapi"
	"shapewatch/monitor"
	"shapewatch/store"
)

// An agreement is where the contract of a probe is written.
type agreement struct {
	shown, file string // as the configuration names it, and where it lies
	asked       openapi.Asked
}

// A proposeOptions is what the command line of `contract propose` says.
type proposeOptions struct {
	config, store string
	write         bool
}

func newContractProposeCommand() *cobra.Command {
	var o proposeOptions
	cmd := &cobra.Command{
		Use:   "propose [API…]",
		Short: "Show the edit that makes a contract say what the API answers",
		Long: "Works out, for the contract of each API, the smallest edit that accepts what its\n" +
			"open incidents and known mismatches found, and prints it as a diff. Comments,\n" +
			"order, quotes and indentation stay as they are. With --write the files are\n" +
			"edited; commit them as you would your own change. Where an edit cannot be made\n" +
			"safely, it says why and prints a JSON Patch instead. It reads the store of a\n" +
			"server that is stopped, and accepts nothing by itself.",
		Example: "  shapewatch contract propose stripe\n  shapewatch contract propose --write",
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), args, cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.config, "config", defaultConfigFile, "configuration file")
	flags.StringVar(&o.store, "store", "", "file for state (default: store.path of the configuration)")
	flags.BoolVar(&o.write, "write", false, "edit the files")
	return cmd
}

func (o proposeOptions) run(ctx context.Context, apis []string, out io.Writer) error {
	c, err := LoadConfig(o.config, os.LookupEnv)
	if err != nil {
		return err
	}
	if len(apis) == 0 {
		apis = []string{"*"}
	}
	watches, err := named(c.Watches(), apis)
	if err != nil {
		return usageError(err)
	}
	options := c.Store()
	if o.store != "" {
		options = store.Options{Path: o.store}
	}
	state, err := storeAtRest(options)
	if err != nil {
		return err
	}
	defer state.Close()
	files, places, err := placesOf(ctx, state, c, watches)
	if err != nil {
		return err
	}
	for _, a := range files {
		if err := o.propose(a, places[a.file], out); err != nil {
			return err
		}
	}
	if len(files) == 0 {
		_, err = fmt.Fprintln(out, "nothing to propose: no contract is at odds with what its API answers")
	}
	return err
}

// placesOf gathers what was found, by contract file, in the order of the
// configuration.
func placesOf(ctx context.Context, state memory, c *Config, watches []monitor.Watch) (files []agreement, places map[string][]openapi.Place, err error) {
	places = map[string][]openapi.Place{}
	for _, w := range watches {
		a, agreed := c.agreements[w.Probe.ID]
		if !agreed {
			continue
		}
		remembered, err := state.Recall(ctx, w.Probe.API, w.Probe.ID)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", w.Probe.ID, err)
		}
		p, err := placeOf(w, a, remembered)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", w.Probe.ID, err)
		}
		if len(p.Findings) == 0 {
			continue
		}
		if len(places[a.file]) == 0 {
			files = append(files, a)
		}
		places[a.file] = append(places[a.file], p)
	}
	return files, places, nil
}

// placeOf is one probe's operation as its answers would have it, were all that
// is open accepted. What is remembered is a copy: nothing is accepted by this.
func placeOf(w monitor.Watch, a agreement, m alerting.Memory) (p openapi.Place, err error) {
	b, err := contracts.Restore(m.Baseline, m.Lessons)
	if err != nil {
		return p, err
	}
	p = openapi.Place{Asked: a.asked, Findings: slices.Clone(b.Known)}
	var prints []string
	for _, inc := range m.Incidents {
		for _, e := range inc.Entries {
			if inc.Open() && inc.Handling != alerting.Rejected && e.Probe == w.Probe.ID && e.Ended.IsZero() {
				p.Findings = append(p.Findings, e.Finding)
				prints = append(prints, e.Finding.Fingerprint())
			}
		}
	}
	b.Accept(contracts.Acceptance{By: "proposal", At: time.Now()}, prints...)
	p.Fields, p.Habits, p.Status = b.Reading().Fields(b.Shape), &b.Habits, usualStatus(b.Habits)
	return p, nil
}

// usualStatus is the status that most answers had; 0 when none was learned.
func usualStatus(h contracts.Habits) (status int) {
	var most uint64
	for _, t := range h.Statuses {
		if t.Count > most {
			status, most = t.Value, t.Count
		}
	}
	return status
}

// propose prints, or makes, the edits of one contract and the files it refers to.
func (o proposeOptions) propose(a agreement, places []openapi.Place, out io.Writer) error {
	beside := folderReader(a.shown, a.file)
	read := func(name string) ([]byte, error) {
		if name == a.shown {
			return readBounded(a.file, maxContract)
		}
		return beside(name)
	}
	proposals, err := openapi.Propose(openapi.ProposeOptions{File: a.shown, Read: read, Places: places, Now: time.Now()})
	if err != nil {
		return usageError(err)
	}
	for _, p := range proposals {
		if err := o.show(p, out); err != nil {
			return err
		}
		if o.write && p.After != nil {
			if err := (contractWriter{force: true}).save(besideOf(a, p.File), p.After); err != nil {
				return err
			}
		}
	}
	return nil
}

// show prints a proposal: what it does in words, and the lines that change.
func (o proposeOptions) show(p contracts.Proposal, out io.Writer) error {
	fmt.Fprintf(out, "%s:\n", printable(p.File))
	for _, c := range p.Changes {
		if c.Skipped != "" {
			fmt.Fprintf(out, "  left as it is: %s at %s: %s\n", c.Finding.Kind, printable(c.Finding.Path), printable(c.Skipped))
			continue
		}
		fmt.Fprintf(out, "  line %d: %s\n", c.Line, printable(c.Words))
	}
	if p.Refused != "" {
		_, err := fmt.Fprintf(out, "  not edited: %s; as a JSON Patch:\n%s\n", printable(p.Refused), p.Patch)
		return err
	}
	if p.After == nil {
		return nil
	}
	_, err := out.Write(diff.Diff(p.File, p.Before, p.File+" (proposed)", p.After))
	return err
}
