package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/store"
)

// A checkOptions is what the command line of `check` says.
type checkOptions struct {
	config, failOn, output string
	apis                   []string
	rows                   bool
}

// newCheckCommand is `shapewatch check [api…]`.
func newCheckCommand() *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check [api…]",
		Short: "Run every probe once and say what it found",
		Long: "Run every probe once, and again quickly where something is suspected, and say\n" +
			"what it found. Names choose APIs; * and ? stand for anything. Answers are judged\n" +
			"by the contract and by what `serve` has learned, if its store is there and free;\n" +
			"nothing is written.\n\n" +
			"Exit code:\n" +
			"  0  everything answered as agreed\n" +
			"  1  drift at or above --fail-on (also when something else did not answer)\n" +
			"  2  configuration or usage\n" +
			"  3  could not observe: something did not answer, or not so that it can be\n" +
			"     judged; never reads as clean\n" +
			"  4  internal error",
		Example: "  shapewatch check\n  shapewatch check 'stripe*' --fail-on breaking -o json",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.apis = args
			return check(cmd.Context(), o, cmd)
		},
	}
	cmd.Flags().StringVar(&o.config, "config", defaultConfigFile, "configuration file")
	cmd.Flags().StringVar(&o.failOn, "fail-on", "warning", "mildest severity that counts: info, warning or breaking")
	cmd.Flags().BoolVar(&o.rows, "rows", false, "print the rows of reconciliations that differ, values included, also where no terminal is")
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "text or json")
	return cmd
}

func check(ctx context.Context, o checkOptions, cmd *cobra.Command) error {
	var failOn contracts.Severity
	if err := failOn.UnmarshalText([]byte(o.failOn)); err != nil {
		return usageError(fmt.Errorf("--fail-on: %w", err))
	}
	if o.output != "text" && o.output != "json" {
		return usageError(fmt.Errorf("--output %s: want text or json", o.output))
	}
	c, err := LoadConfig(o.config, os.LookupEnv)
	if err != nil {
		return err
	}
	watches, err := chosen(c.Watches(), o.apis)
	if err != nil {
		return usageError(err)
	}
	state, note, held, err := history(c.Store())
	if err != nil {
		return err
	}
	defer state.Close()
	newRedacting(cmd.ErrOrStderr(), c.Secrets()) // for what the standard library logs
	client := newClient(c)
	defer client.Close()
	r := newCheckReport(failOn, note)
	r.held, r.rows = held, o.rows || columnsOf(cmd.OutOrStdout()) > 0
	m := checker(client, state)
	if watches, err = m.Agree(ctx, watches, true); err != nil {
		return err
	}
	if err := r.run(ctx, m, watches); err != nil {
		return err
	}
	r.sum()
	if o.output == "json" {
		err = r.writeJSON(cmd.OutOrStdout())
	} else {
		err = r.writeText(cmd.OutOrStdout(), colored(cmd.OutOrStdout()))
	}
	if err != nil {
		return err
	}
	return r.verdict()
}

// chosen are the watches of the APIs that the patterns name; all without any.
func chosen(watches []monitor.Watch, patterns []string) ([]monitor.Watch, error) {
	if len(patterns) == 0 {
		return watches, nil
	}
	var taken []monitor.Watch
	hits := map[string]bool{}
	for _, w := range watches {
		for _, pattern := range patterns {
			fits, err := path.Match(pattern, w.Probe.API)
			if err != nil {
				return nil, fmt.Errorf("%s: no pattern: * and ? stand for anything, [a-z] for one of them", pattern)
			}
			if fits && !hits[w.Probe.ID] {
				taken, hits[w.Probe.ID] = append(taken, w), true
			}
			hits[" "+pattern] = hits[" "+pattern] || fits
		}
	}
	for _, pattern := range patterns {
		if !hits[" "+pattern] {
			return nil, fmt.Errorf("no API is called %s; there are: %s", pattern, strings.Join(apiNames(watches), ", "))
		}
	}
	return taken, nil
}

func apiNames(watches []monitor.Watch) (names []string) {
	for _, w := range watches {
		names = addNew(names, w.Probe.API)
	}
	slices.Sort(names)
	return names
}

// history opens what was learned. Without it, or while a running `serve` holds
// it, answers are judged by the contract alone; the note says so. Held says
// that there is more to know than this run can see.
func history(o store.Options) (state memory, note string, held bool, err error) {
	if _, err := os.Stat(o.Path); errors.Is(err, fs.ErrNotExist) {
		return store.NewMemory(o.Keep), "nothing was learned yet: judged by the contract alone", false, nil
	}
	state, err = openStore(o)
	switch {
	case errors.Is(err, store.ErrLocked):
		return store.NewMemory(o.Keep), o.Path + " is in use: judged by the contract alone", true, nil
	case err != nil:
		return nil, "", false, err
	}
	return state, "", false, nil
}

// checksAtOnce bounds how many probes one run asks at a time; hosts have
// budgets of their own.
const checksAtOnce = 16

// confirmAfter is the first pause before asking again: somebody is waiting.
const confirmAfter = 500 * time.Millisecond

func checker(client *probes.Client, state memory) *monitor.Monitor {
	return monitor.New(monitor.Options{
		Store: state, Asker: client,
		Detectors: detectors.All(), Confirm: monitor.Confirm{After: confirmAfter},
	})
}

// run checks every watch and keeps the reports in the order of the watches.
func (r *checkReport) run(ctx context.Context, m *monitor.Monitor, watches []monitor.Watch) error {
	r.Checks = make([]checkLine, len(watches))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(checksAtOnce)
	for i, w := range watches {
		group.Go(func() error {
			report, err := m.Check(ctx, w)
			if err != nil {
				return fmt.Errorf("probe %s: %w", w.Probe.ID, err)
			}
			r.Checks[i] = r.line(w, report)
			return nil
		})
	}
	return group.Wait()
}
