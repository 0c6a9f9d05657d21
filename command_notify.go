package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"shapewatch/alerting"
)

// newNotifyCommand is `shapewatch notify test`.
func newNotifyCommand() *cobra.Command {
	parent := &cobra.Command{
		Use:   "notify",
		Short: "Try a channel and its template",
		Args:  noSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	parent.AddCommand(newNotifyTestCommand())
	return parent
}

// A notifyOptions is what the command line of `notify test` says.
type notifyOptions struct {
	config, incident, store string
	keepOpen                bool
}

// sampleIncident names the made-up incident.
const sampleIncident = "sample"

func newNotifyTestCommand() *cobra.Command {
	var o notifyOptions
	cmd := &cobra.Command{
		Use:   "test CHANNEL",
		Short: "Tell a made-up incident, and its end, to one channel",
		Long: "Tell a made-up incident to a channel of the configuration, and then its end, so\n" +
			"that nobody stays paged. With --incident a real one from the store is told\n" +
			"instead, as it is now; the store must not be in use by a running serve.\n\n" +
			"It exits with 0 when the channel took it, with 3 when it did not.",
		Example: "  shapewatch notify test oncall\n  shapewatch notify test \"slack:#api-drift\" --incident inc_0123456789abcdef",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return notifyTest(cmd.Context(), o, args[0], cmd.OutOrStdout())
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return channelWords(o.config), cobra.ShellCompDirectiveNoFileComp
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.config, "config", defaultConfigFile, "configuration file")
	flags.StringVar(&o.incident, "incident", sampleIncident, "id of the incident to tell, or "+sampleIncident)
	flags.StringVar(&o.store, "store", "", "file for state (default: store.path of the configuration)")
	flags.BoolVar(&o.keepOpen, "keep-open", false, "do not tell the end of the made-up incident")
	return cmd
}

// channelWords are the channels of a configuration, for completion.
func channelWords(file string) (names []string) {
	c, err := LoadConfig(file, os.LookupEnv)
	if err != nil {
		return nil
	}
	notifiers, err := notifiersOf(c, io.Discard, false)
	if err != nil {
		return nil
	}
	for _, n := range notifiers {
		names = append(names, n.Channel())
	}
	return names
}

func notifyTest(ctx context.Context, o notifyOptions, channel string, out io.Writer) error {
	c, err := LoadConfig(o.config, os.LookupEnv)
	if err != nil {
		return err
	}
	notifiers, err := notifiersOf(c, out, colored(out))
	if err != nil {
		return usageError(err)
	}
	i := slices.IndexFunc(notifiers, func(n alerting.Notifier) bool { return n.Channel() == channel })
	if i < 0 {
		return usageError(fmt.Errorf("no channel %q: %s", channel, didYouMean(channel, channelWords(o.config))))
	}
	notice, err := o.notice(ctx, c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*slackTimeout)
	defer cancel()
	end := o.incident == sampleIncident && !o.keepOpen
	receipt, err := alerting.Try(ctx, notifiers[i], notice, end)
	if err != nil {
		return notTold(err)
	}
	words := "told " + channel
	if end {
		words += ", and its end"
	}
	if receipt.Ref != "" {
		words += ": " + receipt.Ref
	}
	fmt.Fprintln(out, words)
	return nil
}

// notTold says that a channel did not take a test, and whether trying again
// would help.
func notTold(err error) error {
	hint := "it would be tried again"
	if failure, ok := errors.AsType[*alerting.DeliveryError](err); ok && failure.Permanent {
		hint = "trying again cannot help"
	}
	return &exitError{code: 3, err: fmt.Errorf("not told: %w (%s)", err, hint)}
}

// notice is what is told: made up, or read from the store.
func (o notifyOptions) notice(ctx context.Context, c *Config) (alerting.Notice, error) {
	if o.incident == sampleIncident {
		return alerting.SampleNotice(time.Now()), nil
	}
	options := c.Store()
	if o.store != "" {
		options.Path = o.store
	}
	if _, err := os.Stat(options.Path); err != nil {
		return alerting.Notice{}, usageError(fmt.Errorf("store %s: %w", options.Path, err))
	}
	state, err := openStore(options)
	if err != nil {
		return alerting.Notice{}, err
	}
	defer state.Close()
	inc, err := state.Incident(ctx, o.incident)
	if err != nil {
		return alerting.Notice{}, usageError(fmt.Errorf("incident %s: %w", o.incident, err))
	}
	notice := alerting.Notice{Incident: inc, Transition: alerting.Transition{
		Incident: inc.ID, Kind: alerting.Opened, Version: inc.Version, At: inc.Opened, Reason: "a test of this channel, asked for by a person",
	}}
	if url := c.Page().URL; url != "" {
		notice.Link = url + "/incidents/" + inc.ID
	}
	return notice, nil
}
