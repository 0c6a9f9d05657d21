package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"shapewatch/contracts"
	"shapewatch/contracts/notation"
	"shapewatch/contracts/shape"
	"shapewatch/monitor"
	"shapewatch/store"
)

// A showOptions is what the command line of `show` says.
type showOptions struct{ config, output, title, path string }

// newShowCommand is `shapewatch show API/OPERATION`.
func newShowCommand() *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use:   "show API[/OPERATION]",
		Short: "Show what was learned of an operation",
		Long: "Prints what `serve` has learned of an operation: as a tree to read, as JSON Schema,\n" +
			"OpenAPI, TypeScript or Go. It asks the server that runs, or reads the store of one\n" +
			"that is stopped, and changes nothing. The API alone is enough where it has one probe.\n" +
			"With --path it prints one path with all that is known of it: presence, formats, range,\n" +
			"histogram, values and the chance of a new one, lengths, when it was seen.\n" +
			"The ID of an incident prints that incident.",
		Example: "  shapewatch show stripe\n  shapewatch show 'shop/GET /v1/orders' -o openapi\n  shapewatch show stripe --path /data/[]/amount",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, s := range showables {
				if s.names(args[0]) {
					return s.show(cmd.Context(), o, args[0], cmd)
				}
			}
			return showOperation(cmd.Context(), o, args[0], cmd)
		},
	}
	cmd.Flags().StringVar(&o.config, "config", defaultConfigFile, "configuration file")
	notationFlags(cmd, &o.output, &o.title, &o.path)
	return cmd
}

// A showable is a kind of thing that `show` knows by its name; what is none is
// an operation.
type showable struct {
	names func(argument string) bool
	show  func(ctx context.Context, o showOptions, argument string, cmd *cobra.Command) error
}

// showables are asked in order.
var showables = []showable{incidents}

// showOperation prints the shape that was learned of a probe.
func showOperation(ctx context.Context, o showOptions, name string, cmd *cobra.Command) error {
	as, err := notation.Named(o.output)
	if err != nil {
		return usageError(fmt.Errorf("--output %s: %w", o.output, err))
	}
	c, err := LoadConfig(o.config, os.LookupEnv)
	if err != nil {
		return err
	}
	w, err := oneWatch(c.Watches(), name)
	if err != nil {
		return usageError(err)
	}
	learned, maps, err := learnedShape(ctx, c, w)
	if err != nil {
		return err
	}
	if learned.Probes() == 0 {
		return usageError(fmt.Errorf("%s: nothing was learned yet", w.Probe.ID))
	}
	return writeShape(cmd.OutOrStdout(), as, learned, notation.Options{
		Title: cmp.Or(o.title, w.Probe.ID), Operation: w.Probe.Operation,
		View: shape.View{Maps: append(maps, w.Policy.View.Maps...), Records: w.Policy.View.Records},
	}, o.path)
}

// oneWatch is the probe that a name names: its ID, or its API where that has
// only one.
func oneWatch(watches []monitor.Watch, name string) (monitor.Watch, error) {
	found, err := named(watches, []string{name})
	if err != nil {
		return monitor.Watch{}, err
	}
	if len(found) > 1 {
		return monitor.Watch{}, fmt.Errorf("%s has several operations, name one: %s", name, probeNames(found))
	}
	return found[0], nil
}

// learnedShape is what was learned of a probe, and which paths are maps: from
// the store, or from the server that holds it.
func learnedShape(ctx context.Context, c *Config, w monitor.Watch) (s *shape.Shape, maps []string, err error) {
	if _, err := os.Stat(c.Store().Path); err != nil {
		return nil, nil, usageError(fmt.Errorf("store: %w: nothing was learned yet", err))
	}
	state, err := openStore(c.Store())
	switch {
	case errors.Is(err, store.ErrLocked):
		return shapeFromServer(ctx, c, w)
	case err != nil:
		return nil, nil, err
	}
	defer state.Close()
	m, err := state.Recall(ctx, w.Probe.API, w.Probe.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("probe %s: %w", w.Probe.ID, err)
	}
	b, err := contracts.Restore(m.Baseline, m.Lessons)
	if err != nil {
		return nil, nil, fmt.Errorf("probe %s: %w", w.Probe.ID, err)
	}
	return b.Shape, b.Reading().Maps, nil
}
