package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"shapewatch/alerting"
)

// An actWords is one command that acts on incidents.
type actWords struct {
	name, short, long string
	kind              alerting.ActKind
	done              string
}

var actCommands = []actWords{
	{"ack", "Say that you are on it: no more reminders", "Acknowledges incidents. They stay open; nobody is reminded of them any more. When one\ngets worse it counts as new again.", alerting.Acknowledge, "acknowledged"},
	{"accept", "Say that this is how the API answers from now on", "Accepts incidents: the baseline moves, so that what was found is no longer a finding, and\nthe incident is over with the next check that agrees.", alerting.Accept, "accepted"},
	{"reject", "Say that this is not what was agreed", "Rejects incidents: they stay open until the API answers as before, and what was found is\nnever learned.", alerting.Reject, "rejected"},
	{"resolve", "Say that it is over, whatever the probes say", "Ends incidents. What the probes still find stays quiet for as long as it is the same, at\nmost seven days; when it gets worse or different the incident is open again.", alerting.Resolve, "resolved"},
}

// addActs adds the commands by which people act, and `route`.
func addActs(add func(group string, commands ...*cobra.Command)) {
	add(groupAct, newIncidentsCommand())
	add(groupAct, newActCommands()...)
	add(groupAct, newSilenceCommand(), newUnsilenceCommand(), newSilencesCommand(), newAuditCommand(), newForwardsCommand())
	add(groupConfigure, newRouteCommand())
}

// newActCommands are `shapewatch ack`, `accept`, `reject` and `resolve`.
func newActCommands() (commands []*cobra.Command) {
	for _, words := range actCommands {
		commands = append(commands, newActCommand(words))
	}
	return commands
}

func newActCommand(words actWords) *cobra.Command {
	var o counterOptions
	var reason string
	cmd := &cobra.Command{
		Use:     words.name + " INCIDENT…",
		Short:   words.short,
		Long:    words.long + "\n\n" + whereLong,
		Example: "  shapewatch " + words.name + " inc_0123456789abcdef --reason 'on it'",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.at(cmd, func(ctx context.Context, c counter) error {
				for _, id := range args {
					inc, err := c.Act(ctx, alerting.Act{Kind: words.kind, Incident: id, Actor: whoami(), Through: "command", Reason: reason})
					if err != nil {
						return err
					}
					fmt.Fprintf(cmd.OutOrStdout(), "%s %s: %s\n", inc.ID, words.done, plainText(inc.Title))
				}
				return nil
			})
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the audit trail")
	cmd.ValidArgsFunction = o.liveIDs(openIDs)
	return cmd
}

// whereLong says where commands act.
const whereLong = "It acts at the running server, with the token in SHAPEWATCH_TOKEN or page.token of the\nconfiguration; when none runs, on its store. Who did what stays in the audit trail."

// newAuditCommand is `shapewatch audit`.
func newAuditCommand() *cobra.Command {
	var o counterOptions
	cmd := &cobra.Command{
		Use:   "audit [INCIDENT]",
		Short: "List who did what, when and through what",
		Long:  "Lists the acts of people, and of shapewatch when a silence ended by itself, newest first:\nof one incident, or of all. At most 200.",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.at(cmd, func(ctx context.Context, c counter) error {
				acts, err := c.Audit(ctx, strings.Join(args, ""), 200)
				if err == nil {
					printActs(cmd.OutOrStdout(), acts)
				}
				return err
			})
		},
	}
	o.flags(cmd)
	cmd.ValidArgsFunction = o.liveIDs(openIDs)
	return cmd
}

func printActs(out io.Writer, acts []alerting.Act) {
	if len(acts) == 0 {
		fmt.Fprintln(out, "nobody has done anything")
	}
	for _, a := range acts {
		about := a.Incident
		if about == "" {
			about = a.Silence
		}
		if a.Source != "" {
			about = count(a.Events, "event") + " of " + a.Source
		}
		line := fmt.Sprintf("%s  %-11s %-20s %s, by %s", a.At.UTC().Format("2006-01-02 15:04:05"), a.Kind, about, a.Actor, a.Through)
		if a.Reason != "" {
			line += ": " + a.Reason
		}
		fmt.Fprintln(out, plainText(line))
	}
}
