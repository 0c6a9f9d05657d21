package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"path"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"shapewatch/contracts"
	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/store"
	"shapewatch/web"
)

// A forgetOptions is what the command line of `forget` says.
type forgetOptions struct {
	config, since, until, reason string
	probes                       []string
}

// newForgetCommand is `shapewatch forget API[/PROBE]…`.
func newForgetCommand() *cobra.Command {
	var o forgetOptions
	cmd := &cobra.Command{
		Use:   "forget API[/PROBE]… --since TIME",
		Short: "Un-learn what was learned in a bad time",
		Long: "Takes what was learned from --since to --until out of the baselines of these\n" +
			"probes, as if those answers had never come. Names choose APIs or single probes;\n" +
			"* and ? stand for anything. The last day is known by the hour, the last week by\n" +
			"the day, the last three months by the week; a time is widened to what is known,\n" +
			"and the command says to what. It acts at the running server, with the token in\n" +
			"SHAPEWATCH_TOKEN or page.token of the configuration; when none runs, on its store.\n" +
			"It stays in the baseline's history with your name and reason.\n\n" +
			"A time is 2026-03-02T14:00:00Z, 2026-03-02 14:00, 2026-03-02 (in UTC) or how\n" +
			"long ago: 90m, 36h.",
		Example: "  shapewatch forget stripe --since 3h --reason 'their bad deploy'\n  shapewatch forget 'shop/*' --since 2026-03-02 --until 2026-03-03",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.probes = args
			return forget(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.config, "config", defaultConfigFile, "configuration file")
	flags.StringVar(&o.since, "since", "", "from when on (needed)")
	flags.StringVar(&o.until, "until", "", "to when (default now)")
	flags.StringVar(&o.reason, "reason", "", "why, for the baseline's history")
	return cmd
}

func forget(ctx context.Context, o forgetOptions, out io.Writer) (err error) {
	now := time.Now()
	from, err := timeOf(o.since, now)
	if err != nil {
		return usageError(fmt.Errorf("--since: %w", err))
	}
	to := now
	if o.until != "" {
		if to, err = timeOf(o.until, now); err != nil {
			return usageError(fmt.Errorf("--until: %w", err))
		}
	}
	if !from.Before(to) {
		return usageError(fmt.Errorf("--since %s is not before --until", o.since))
	}
	c, err := LoadConfig(o.config, os.LookupEnv)
	if err != nil {
		return err
	}
	watches, err := named(c.Watches(), o.probes)
	if err != nil {
		return usageError(err)
	}
	unlearn, end, err := unlearner(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	by := contracts.Acceptance{By: whoami(), Through: "command", At: now.UTC(), Why: o.reason}
	return forgetAll(ctx, unlearn, watches, span{from, to}, by, out)
}

// A span is from one time to another.
type span struct{ from, to time.Time }

// unlearner un-learns at the running server, or else in the store of one that
// is stopped, until the end is called.
func unlearner(ctx context.Context, c *Config) (unlearn web.Unlearn, end func() error, err error) {
	server, alive, err := counterOptions{}.serverOf(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	if alive {
		return server.Forget, server.Close, nil
	}
	state, err := storeAtRest(c.Store())
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context, p probes.Probe, from, to time.Time, by contracts.Acceptance) (contracts.Move, error) {
		return monitor.Forget(ctx, state, p.API, p.ID, from, to, by)
	}, state.Close, nil
}

func forgetAll(ctx context.Context, unlearn web.Unlearn, watches []monitor.Watch, s span, by contracts.Acceptance, out io.Writer) error {
	for _, w := range watches {
		m, err := unlearn(ctx, w.Probe, s.from, s.to, by)
		switch {
		case errors.Is(err, contracts.ErrNothingLearned):
			fmt.Fprintf(out, "%s: nothing was learned in that time\n", w.Probe.ID)
		case err != nil:
			return err
		default:
			fmt.Fprintf(out, "%s: forgot %d answers, from %s to %s\n", w.Probe.ID, m.Answers, m.From.UTC().Format(time.RFC3339), m.To.UTC().Format(time.RFC3339))
		}
	}
	return nil
}

// storeAtRest opens the store of a server that does not run; it makes none.
func storeAtRest(o store.Options) (memory, error) {
	if _, err := os.Stat(o.Path); err != nil {
		return nil, usageError(fmt.Errorf("store: %w: nothing was learned yet", err))
	}
	state, err := openStore(o)
	if errors.Is(err, store.ErrLocked) {
		return nil, usageError(fmt.Errorf("%w; it does not answer at page.listen of this configuration: start it with a page there, or stop it for this moment", err))
	}
	return state, err
}

// loadNamed reads a configuration, and takes the watches that patterns name:
// all where there is none.
func loadNamed(file string, patterns []string) (*Config, []monitor.Watch, error) {
	c, err := LoadConfig(file, os.LookupEnv)
	if err != nil {
		return nil, nil, err
	}
	if len(patterns) == 0 {
		patterns = []string{"*"}
	}
	watches, err := named(c.Watches(), patterns)
	if err != nil {
		return nil, nil, usageError(err)
	}
	return c, watches, nil
}

// named are the watches whose API or ID a pattern names. An ID holds slashes,
// which a * shall stand for too.
func named(watches []monitor.Watch, patterns []string) (taken []monitor.Watch, err error) {
	flat := strings.NewReplacer("/", "\x01")
	for _, pattern := range patterns {
		before := len(taken)
		for _, w := range watches {
			byAPI, err := path.Match(pattern, w.Probe.API)
			if err != nil {
				return nil, fmt.Errorf("%s: no pattern: * and ? stand for anything, [a-z] for one of them", pattern)
			}
			byID, _ := path.Match(flat.Replace(pattern), flat.Replace(w.Probe.ID))
			if byAPI || byID || pattern == w.Probe.ID {
				taken = append(taken, w)
			}
		}
		if len(taken) == before {
			return nil, fmt.Errorf("no API or probe is called %s; there are: %s", pattern, probeNames(watches))
		}
	}
	return taken, nil
}

func probeNames(watches []monitor.Watch) string {
	names := make([]string, len(watches))
	for i, w := range watches {
		names[i] = w.Probe.ID
	}
	return strings.Join(names, ", ")
}

// timeOf reads a point in time, or how long ago it was.
func timeOf(text string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(text); err == nil && ago > 0 {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q: want a time such as 2026-03-02T14:00:00Z or 2026-03-02, or how long ago, such as 36h", text)
}

// whoami is who runs this command, as well as can be told.
func whoami() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "somebody"
}
