// Command shapewatch knows when an API you depend on is about to break you: it
// calls each API on a schedule, learns the shape of its answers, and tells you
// when one changes before your integration breaks.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // time zones of cron expressions, from an image that has no files

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it the hard way
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program: it returns the exit code.
func run(ctx context.Context, args []string, out, errOut io.Writer) (code int) {
	root := newRootCommand()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if text := strings.TrimSpace(err.Error()); text != "" {
		fmt.Fprintln(errOut, text)
	}
	if known, ok := errors.AsType[*exitError](err); ok {
		return known.code
	}
	return 4
}

// The groups of commands in the help, by what people come to do.
const (
	groupStart     = "start"
	groupWatch     = "watch"
	groupConfigure = "configure"
	groupAct       = "act"
)

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "shapewatch",
		Short: "shapewatch knows when an API you depend on is about to break you",
		Long: "shapewatch knows when an API you depend on is about to break you.\n\n" +
			"It calls each API on a schedule, learns the shape of its answers, and tells\n" +
			"you (Slack, a status page, a pull request) when one changes, before it breaks you.",
		Example: "  shapewatch demo                                     # see it work, in a minute\n" +
			"  shapewatch serve --url https://api.example.com/v1/x  # watch one address, no file needed\n" +
			"  shapewatch init --curl 'curl …'                      # write a first configuration",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noSuchCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError(fmt.Errorf("%w\nsee: %s --help", err, cmd.CommandPath()))
	})
	root.AddGroup(
		&cobra.Group{ID: groupStart, Title: "Begin:"},
		&cobra.Group{ID: groupWatch, Title: "Watch:"},
		&cobra.Group{ID: groupAct, Title: "Act:"},
		&cobra.Group{ID: groupConfigure, Title: "Configure:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add(groupStart, newDemoCommand(), newInitCommand(), newLearnCommand())
	add(groupWatch, newServeCommand(), newCheckCommand(), newReplayCommand(), newDiffCommand(), newContractCommand(), newPRCommand(), newShowCommand(), newForgetCommand())
	add(groupWatch, newPageCommand(), newMCPCommand())
	add(groupConfigure, newValidateCommand(), newConfigCommand(), newSlackCommand(), newNotifyCommand())
	root.AddCommand(newVersionCommand())
	addActs(add)
	checkedArgs(root)
	return root
}

// noSuchCommand refuses words that are no command, with what they may mean.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("unknown command %q", args[0])
	// Letters that may differ; none only finds words that begin alike. Of a word
	// as short as that nothing would be left.
	cmd.SuggestionsMinimumDistance = min(2, max(1, len(args[0])-1))
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		text += ": did you mean " + near[0] + "?"
	}
	return usageError(fmt.Errorf("%s\nsee: %s --help", text, cmd.CommandPath()))
}

// checkedArgs makes wrong arguments of every command a usage error.
func checkedArgs(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				if _, known := errors.AsType[*exitError](err); known {
					return err
				}
				return usageError(fmt.Errorf("%w\nsee: %s --help", err, cmd.CommandPath()))
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		checkedArgs(sub)
	}
}
