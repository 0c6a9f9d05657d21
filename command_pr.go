package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"shapewatch/alerting"
	"shapewatch/alerting/pullrequest"
	"shapewatch/web"
)

// A prOptions is what the command line of `pr` says.
type prOptions struct {
	counterOptions
	store string
}

// newPRCommand is `shapewatch pr preview|sync|doctor`.
func newPRCommand() *cobra.Command {
	parent := &cobra.Command{
		Use:   "pr",
		Short: "Pull requests against contracts: preview them, make them, find what is in their way",
		Args:  noSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var o prOptions
	add := func(cmd *cobra.Command, run func(ctx context.Context, c *Config, f pullrequest.Forge, out io.Writer) error) {
		cmd.Args = cobra.NoArgs
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return o.with(cmd, run) }
		if cmd.Flags().Lookup("config") == nil {
			cmd.Flags().StringVar(&o.config, "config", defaultConfigFile, "configuration file")
		}
		parent.AddCommand(cmd)
	}
	stored := func(cmd *cobra.Command) *cobra.Command {
		o.flags(cmd)
		cmd.Flags().StringVar(&o.store, "store", "", "file for state, of a server that is stopped (default: ask the server, else store.path of the configuration)")
		cmd.Long += "\n\n" + "It asks the running server, with the token in SHAPEWATCH_TOKEN or page.token of the\n" +
			"configuration; when none runs, or --store names one, it reads the store."
		return cmd
	}
	add(stored(&cobra.Command{
		Use: "preview", Short: "Show the pull requests that should stand, word for word",
		Long: "Shows title, labels, text and edits of the pull requests that should stand now, worked\n" +
			"out of what the store remembers and of the contracts at the base branch. It reads from\n" +
			"the forge and changes nothing.\n\n" +
			"It exits with 0, or with 3 when the forge could not be asked.",
	}), o.preview)
	add(stored(&cobra.Command{
		Use: "sync", Short: "Bring the pull requests in order once, as a running server does by itself",
		Long: "Opens, updates and closes pull requests until they are as they should be, and says\n" +
			"what it did; writes contracts here that lie at the forge. A running server does this by\n" +
			"itself, and at once when it is asked: this is for cron, for state without a server, and\n" +
			"for whoever will not wait.\n\n" +
			"It exits with 0 when all is as it should be, or waits for a person or a limit, and\n" +
			"with 3 when something could not be done.",
	}), o.sync)
	add(&cobra.Command{
		Use: "doctor", Short: "Try what pull requests will need, changing nothing",
		Long: "Tries what pull requests will need: to reach the forge, to read the contracts there,\n" +
			"the permissions of the token. Each line says what is good, or what is wrong and what to\n" +
			"do about it.\n\nIt exits with 0 when all is good, with 3 when something is not.",
	}, o.doctor)
	return parent
}

// with reads the configuration and makes its forge.
func (o *prOptions) with(cmd *cobra.Command, run func(ctx context.Context, c *Config, f pullrequest.Forge, out io.Writer) error) error {
	c, err := LoadConfig(o.config, os.LookupEnv)
	if err != nil {
		return err
	}
	if c.PR().Forge == "" {
		return usageError(fmt.Errorf("no pr: in %s; docs/pull-requests.md says what to write there", o.config))
	}
	forge, err := forgeOf(c.PR(), &http.Client{Timeout: prCall})
	if err != nil {
		return usageError(err)
	}
	return run(cmd.Context(), c, forge, cmd.OutOrStdout())
}

// pulls are the pull requests of a running server, or those worked out of the
// store of one that is stopped, or of the one that --store names.
func (o *prOptions) pulls(ctx context.Context, c *Config, f pullrequest.Forge, out io.Writer) (web.PullDesk, error) {
	if o.store == "" {
		if server, alive, err := o.serverOf(ctx, c); err != nil || alive {
			return remotePulls{server}, err
		}
	}
	return restingPulls{o.store, c, f, out}, nil
}

// undone is an error of the forge: exit code 3, unless it is of whoever asks.
func undone(err error) error {
	if _, coded := errors.AsType[*exitError](err); err == nil || coded {
		return err
	}
	if errors.Is(err, alerting.ErrUnfit) {
		return usageError(err)
	}
	return &exitError{code: 3, err: err}
}

func (o *prOptions) preview(ctx context.Context, c *Config, f pullrequest.Forge, out io.Writer) error {
	pulls, err := o.pulls(ctx, c, f, out)
	if err != nil {
		return err
	}
	wishes, err := pulls.Wishes(ctx)
	shown := 0
	for _, w := range wishes {
		if err = errors.Join(err, w.Unknown); len(w.Files) > 0 {
			shown++
			preview(w, out)
		}
	}
	if shown == 0 && err == nil {
		fmt.Fprintln(out, "no pull request: nothing that was accepted is missing in a contract")
	}
	return undone(err)
}

func preview(w pullrequest.Wish, out io.Writer) {
	draft := ""
	if w.Draft {
		draft = ", a draft"
	}
	fmt.Fprintf(out, "branch  %s\ntitle   %s\nlabels  %v%s\n", w.Branch, w.Title, w.Labels, draft)
	for _, f := range w.Files {
		fmt.Fprintf(out, "file    %s\n", printable(f.Path))
	}
	fmt.Fprintf(out, "\n%s\n", w.Body)
}

func (o *prOptions) sync(ctx context.Context, c *Config, f pullrequest.Forge, out io.Writer) error {
	pulls, err := o.pulls(ctx, c, f, out)
	if err != nil {
		return err
	}
	outcomes, err := pulls.Keep(ctx)
	for _, each := range outcomes {
		fmt.Fprintln(out, outcomeLine(each))
	}
	if len(outcomes) == 0 && err == nil {
		fmt.Fprintln(out, "nothing to do")
	}
	return undone(err)
}

// outcomeLine is "opened    shapewatch/stripe  https://…: why".
func outcomeLine(o pullrequest.Outcome) string {
	did := string(o.Did)
	if o.Err != nil {
		did = "failed"
	}
	line := fmt.Sprintf("%-9s %s", did, o.Branch)
	if o.Request.URL != "" {
		line += "  " + printable(o.Request.URL)
	}
	if o.Words != "" {
		line += ": " + printable(o.Words)
	}
	return line
}

func (o *prOptions) doctor(ctx context.Context, c *Config, f pullrequest.Forge, out io.Writer) error {
	symptoms := append(f.Doctor(ctx), contractSymptoms(ctx, c, f)...)
	bad := 0
	for _, s := range symptoms {
		word := "good"
		if !s.OK {
			word, bad = "bad", bad+1
		}
		fmt.Fprintf(out, "%-5s %s: %s\n", word, printable(s.Need), printable(s.Text))
	}
	if bad > 0 {
		return undone(fmt.Errorf("%s of what pull requests need is not good", count(bad, "thing")))
	}
	return nil
}

// contractSymptoms say whether each contract lies in the repository, as it does
// here.
func contractSymptoms(ctx context.Context, c *Config, f pullrequest.Forge) (all []pullrequest.Symptom) {
	for _, a := range c.contractFiles() {
		s := pullrequest.Symptom{Need: "read contract " + a.shown}
		at, err := c.inRepository(a.file)
		var there []byte
		if err == nil {
			there, err = f.Read(ctx, "", at)
		}
		here, _ := readBounded(a.file, maxContract)
		switch s.OK = err == nil; {
		case err != nil:
			s.Text = err.Error() + "; pr.folder says where in the repository the folder of the configuration is"
		case string(here) != string(there):
			s.Text = at + ", which differs from the file here: requests are made against the one in the repository"
		default:
			s.Text = at + ", the same as here"
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		all = append(all, pullrequest.Symptom{Need: "a contract", Text: "no API names one with contract:, so there is nothing to edit"})
	}
	return all
}
