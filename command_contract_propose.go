package main

import (
	"context"
	"fmt"
	"io"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"shapewatch/contracts"
	"shapewatch/contracts/openapi"
	"shapewatch/monitor"
	"shapewatch/store"
	"shapewatch/web"
)

// An agreement is where the contract of a probe is written.
type agreement struct {
	shown, file string // as the configuration names it, and where it lies
	asked       openapi.Asked
}

// A proposeOptions is what the command line of `contract propose` says.
type proposeOptions struct {
	counterOptions
	store string
	write bool
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
			"safely, it says why and prints a JSON Patch instead. It accepts nothing by itself.\n\n" +
			"It asks the running server, with the token in SHAPEWATCH_TOKEN or page.token of the\n" +
			"configuration; when none runs, or --store names one, it reads the store.",
		Example: "  shapewatch contract propose stripe\n  shapewatch contract propose --write",
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), args, cmd.OutOrStdout())
		},
	}
	o.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.store, "store", "", "file for state, of a server that is stopped (default: ask the server, else store.path of the configuration)")
	flags.BoolVar(&o.write, "write", false, "edit the files")
	return cmd
}

func (o proposeOptions) run(ctx context.Context, apis []string, out io.Writer) error {
	c, watches, err := loadNamed(o.config, apis)
	if err != nil {
		return err
	}
	all, err := o.proposed(ctx, c, watches, apis)
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := o.show(p.Proposal, out); err != nil {
			return err
		}
		if o.write && p.After != nil {
			if err := c.writeProposed(p); err != nil {
				return err
			}
		}
	}
	if len(all) == 0 {
		_, err = fmt.Fprintln(out, "nothing to propose: no contract is at odds with what its API answers")
	}
	return err
}

// proposed asks the running server, or reads the store of one that is stopped,
// or the one that --store names.
func (o proposeOptions) proposed(ctx context.Context, c *Config, watches []monitor.Watch, apis []string) ([]web.Proposed, error) {
	options := c.Store()
	if o.store != "" {
		options = store.Options{Path: o.store}
	} else if server, alive, err := o.serverOf(ctx, c); err != nil {
		return nil, err
	} else if alive {
		return server.proposals(ctx, apis)
	}
	state, err := storeAtRest(options)
	if err != nil {
		return nil, err
	}
	defer state.Close()
	return proposed(ctx, c, state.Recall, watches)
}

// foundOf is what is at odds with contracts: known mismatches and what open
// incidents show, by probe.
func foundOf(ctx context.Context, recall recaller, watches []monitor.Watch) (found map[string][]contracts.Finding, err error) {
	found = map[string][]contracts.Finding{}
	for _, w := range watches {
		m, err := recall(ctx, w.Probe.API, w.Probe.ID)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.Probe.ID, err)
		}
		b, err := contracts.Restore(m.Baseline, m.Lessons)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.Probe.ID, err)
		}
		for _, k := range b.Known {
			found[w.Probe.ID] = append(found[w.Probe.ID], k.Finding)
		}
		for _, inc := range m.Incidents {
			for probe, e := range showing(inc) {
				if probe == w.Probe.ID {
					found[probe] = append(found[probe], e.Finding)
				}
			}
		}
	}
	return found, nil
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
