package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"shapewatch/alerting"
)

const minute = "2006-01-02 15:04 UTC"

// incidents are shown by their ID, and so are summaries.
var incidents = showable{
	names: func(argument string) bool {
		return strings.HasPrefix(argument, "inc_") || alerting.IsBulletin(argument)
	},
	show: func(_ context.Context, o showOptions, id string, cmd *cobra.Command) error {
		return counterOptions{config: o.config}.at(cmd, func(ctx context.Context, c counter) error {
			return showIncident(ctx, c, id, cmd.OutOrStdout())
		})
	},
}

// showIncident prints one incident: where it stands, what changed, what
// happened, and who did what.
func showIncident(ctx context.Context, c counter, id string, out io.Writer) error {
	inc, err := c.Incident(ctx, id)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s  %s\n", inc.ID, plainText(inc.Title))
	fmt.Fprintf(out, "API       %s\nseverity  %s\nstate     %s\nopened    %s\n", plainText(inc.API), inc.Severity, wordsOfState(inc), inc.Opened.UTC().Format(minute))
	if !inc.Resolved.IsZero() {
		fmt.Fprintf(out, "over      %s\n", inc.Resolved.UTC().Format(minute))
	}
	if inc.Muted.Words != "" {
		fmt.Fprintf(out, "not told  %s\n", plainText(inc.Muted.Words))
	}
	for _, r := range inc.Requests {
		fmt.Fprintf(out, "request   %s  %s\n", r.State, plainText(r.URL))
	}
	fmt.Fprintln(out, "\nchanges")
	for _, e := range inc.Entries {
		fmt.Fprintln(out, "  "+plainText(wordsOfEntry(e)))
	}
	fmt.Fprintln(out, "\ntimeline")
	for _, e := range inc.Timeline {
		fmt.Fprintf(out, "  %s  %-9s  %s\n", e.At.UTC().Format(minute), e.Kind, plainText(e.Text))
	}
	acts, err := c.Audit(ctx, id, 200)
	if err == nil && len(acts) > 0 {
		fmt.Fprintln(out, "\nacts")
		printActs(out, acts)
	}
	return err
}

// wordsOfEntry is "breaking  GET /orders  /total  kind-changed: was a, now b".
func wordsOfEntry(e alerting.Entry) string {
	f := e.Finding
	words := fmt.Sprintf("%s  %s  %s  %s: was %s, now %s", f.Severity, f.Operation, f.Path, f.Kind, orNothing(f.Was), orNothing(f.Now))
	if !e.Ended.IsZero() {
		words += ", over since " + e.Ended.UTC().Format(time.DateTime)
	}
	return words
}

func orNothing(words string) string {
	if words == "" {
		return "nothing"
	}
	return words
}
