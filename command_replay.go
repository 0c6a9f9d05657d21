package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"shapewatch/contracts"
)

type replayOptions struct {
	as          string
	sensitivity string
	output      string
	config      string
	against     string
	days        int
	usesFrom    string
	uses        []string // that it names
}

func newReplayCommand() *cobra.Command {
	var o replayOptions
	cmd := &cobra.Command{
		Use:   "replay DIR|FILE.jsonl[.gz]|FILE.har…",
		Short: "Judge recorded answers, events, beats, runs and rows as the server would have",
		Long: "Runs what was recorded through exactly the code that serve runs, at the times it\n" +
			"was recorded, and prints what would have been told. A folder holds files in the\n" +
			"order of their names, each a body or {status, headers, body}; a .jsonl file holds\n" +
			"one object a line with date and body, and perhaps status and headers.\n\n" +
			"--as API/PROBE judges a recording by all that --config says of that probe. The\n" +
			"lines of one that is no request have a kind:\n" +
			"  delivery  an event that a vendor sent: type, id, event (its time), body; with its\n" +
			"            headers it is verified. Judged without --as, too\n" +
			"  beat      a call of a job: beat (start, success, fail, an exit code), run,\n" +
			"            attempt, items, error\n" +
			"  run       a run of a workflow: answers, each with step, status, body and when it\n" +
			"            began to be answered so (after: 30s)\n" +
			"  rows      two sides: left and right, lists of rows, or counts\n" +
			"  until     nothing else came up to its date: silence lasts so long\n" +
			"Between the lines of a job or a webhook the server's looks are made, so silence is\n" +
			"told at the time at which it would have been. docs/replay.md has an example of each.\n\n" +
			"Where samples are few and months apart, --sensitivity snapshot reports the first\n" +
			"sight of a structural change in a settled place; the default waits for evidence.\n\n" +
			"With --against store it judges, by the rules of --config, what the store remembers\n" +
			"instead of recordings: how many alerts these rules would have sent. What was\n" +
			"ignored when it came is not in the store.",
		Example: "  shapewatch replay recordings/orders\n  shapewatch replay history.jsonl.gz --output ndjson\n" +
			"  shapewatch replay beats.jsonl --as jobs/nightly-export\n" +
			"  shapewatch replay --config new.yaml --against store --days 30",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd.Flags().Changed, args); err != nil {
				return usageError(err)
			}
			if o.against != "" {
				b := backtest{config: o.config, against: o.against, days: o.days, ndjson: o.output == "ndjson"}
				return b.run(cmd.Context(), cmd.OutOrStdout(), time.Now())
			}
			var err error
			if o.uses, err = usesFlag(o.usesFrom, "", func(note string) { fmt.Fprintf(cmd.ErrOrStderr(), "note: %s\n", printable(note)) }); err != nil {
				return err
			}
			return replay(cmd.Context(), o, args, cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.config, "config", defaultConfigFile, "with --as or --against: configuration with the rules to try")
	flags.StringVar(&o.as, "as", "", "probe of --config that recordings are of: API/PROBE, or an API with one probe")
	flags.StringVar(&o.against, "against", "", "judge what this store remembers: a file, or \"store\" for the configuration's")
	flags.IntVar(&o.days, "days", 30, "with --against: how far to look back")
	flags.StringVar(&o.sensitivity, "sensitivity", "", "calm, alert or snapshot; what the probe says, or calm, when nothing is said")
	flags.StringVarP(&o.output, "output", "o", "text", "text, or ndjson: one finding a line")
	flags.StringVar(&o.usesFrom, "uses-from", "", "type that answers are decoded into, FILE#Name: severity follows what it reads")
	return cmd
}

// check refuses what does not fit together; said tells which flags were given.
func (o replayOptions) check(said func(flag string) bool, args []string) error {
	switch contracts.Sensitivity(o.sensitivity) {
	case "", contracts.Calm, contracts.Alert, contracts.Snapshot:
	default:
		return fmt.Errorf("--sensitivity %s: want calm, alert or snapshot", o.sensitivity)
	}
	switch {
	case o.output != "text" && o.output != "ndjson":
		return fmt.Errorf("--output %s: want text or ndjson", o.output)
	case o.against == "" && said("days"):
		return errors.New("--days belongs to --against: recordings say themselves when they were made")
	case o.against == "" && o.as == "" && said("config"):
		return errors.New("--config belongs to --as or --against: recordings alone are judged without a configuration")
	case o.against != "" && o.as != "":
		return errors.New("--as names what recordings are of: --against has none")
	case o.against == "" && len(args) == 0:
		return errors.New("name recordings, or a store to judge: replay recordings/orders, replay --against store")
	case o.against != "" && len(args) > 0:
		return fmt.Errorf("--against judges a store: leave %s out", args[0])
	case o.against != "" && said("sensitivity"):
		return errors.New("--sensitivity needs recordings: a store remembers what was found, not the answers")
	}
	return nil
}

func replay(ctx context.Context, o replayOptions, paths []string, out io.Writer) error {
	for _, path := range paths {
		if err := replayOne(ctx, o, path, out); err != nil {
			return err
		}
	}
	return nil
}

func replayOne(ctx context.Context, o replayOptions, path string, out io.Writer) error {
	p, err := newPlayer(o, path, out)
	if err != nil {
		return err
	}
	defer p.close()
	for r, err := range linesOf(path) {
		if err != nil {
			return usageError(err)
		}
		if err := p.play(ctx, r); err != nil {
			return err
		}
	}
	return p.sum()
}

// seriesOf names a recording after its folder or file.
func seriesOf(path string) string {
	name, _, _ := strings.Cut(filepath.Base(filepath.Clean(path)), ".")
	return name
}
