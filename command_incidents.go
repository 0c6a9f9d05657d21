package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"shapewatch/alerting"
)

// newIncidentsCommand is `shapewatch incidents`.
func newIncidentsCommand() *cobra.Command {
	var o counterOptions
	var api string
	var all bool
	cmd := &cobra.Command{
		Use:   "incidents [INCIDENT]",
		Short: "List open incidents, or show one",
		Long: "Lists incidents, open ones only unless --all is given; or shows one with its changes,\n" +
			"its timeline and who did what. It asks the running server, with the token in\n" +
			"SHAPEWATCH_TOKEN or page.token of the configuration; when none runs, its store.",
		Example: "  shapewatch incidents\n  shapewatch incidents inc_0123456789abcdef\n  shapewatch incidents --all --api stripe",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.at(cmd, func(ctx context.Context, c counter) error {
				if len(args) > 0 {
					return showIncident(ctx, c, args[0], cmd.OutOrStdout())
				}
				incidents, err := c.Incidents(ctx, api, 500)
				if err == nil {
					printIncidents(cmd.OutOrStdout(), incidents, all)
				}
				return err
			})
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&api, "api", "", "only of this API")
	cmd.Flags().BoolVar(&all, "all", false, "also those that are over")
	cmd.ValidArgsFunction = o.liveIDs(openIDs)
	return cmd
}

func printIncidents(out io.Writer, incidents []alerting.Incident, all bool) {
	listed := 0
	for _, inc := range incidents {
		if !all && !inc.Open() {
			continue
		}
		listed++
		fmt.Fprintf(out, "%s  %-8s  %-24s  %s\n", inc.ID, inc.Severity, wordsOfState(inc), plainText(inc.API+": "+inc.Title))
	}
	if listed == 0 {
		fmt.Fprintln(out, "no incidents")
	}
}

// wordsOfState is where an incident stands on its three axes: "firing,
// acknowledged, silenced".
func wordsOfState(inc alerting.Incident) string {
	parts := []string{string(inc.Condition), string(inc.Handling)}
	if inc.Muted.Mute != "" {
		parts = append(parts, string(inc.Muted.Mute))
	}
	if inc.Flapping {
		parts = append(parts, "flapping")
	}
	return strings.Join(parts, ", ")
}
