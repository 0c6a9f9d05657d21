package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// A silenceOptions is what the command line of `silence` says.
type silenceOptions struct {
	counterOptions
	lasts, reason, below string
	change               bool
	matcher              alerting.Matcher
}

// newSilenceCommand is `shapewatch silence`.
func newSilenceCommand() *cobra.Command {
	var o silenceOptions
	cmd := &cobra.Command{
		Use:   "silence [INCIDENT]",
		Short: "Keep incidents from being told, for a time or until they change",
		Long: "Begins a silence: of one incident, or of all that the flags match. What it hushes is\n" +
			"kept and shown, and not told, except its end. A silence lasts for a time, at most 30\n" +
			"days, or until what it hushes gets worse or different; when it is over and the\n" +
			"incident is not, that is told. In names, * and ? stand for anything.\n\n" + whereLong,
		Example: "  shapewatch silence inc_0123456789abcdef --until-change --reason 'they know'\n  shapewatch silence --api 'legacy-*' --below breaking --for 7d",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := o.silence(args, time.Now())
			if err != nil {
				return usageError(err)
			}
			return o.at(cmd, func(ctx context.Context, c counter) error {
				begun, err := c.Silence(ctx, s)
				if err == nil {
					fmt.Fprintln(cmd.OutOrStdout(), wordsOfSilence(begun))
				}
				return err
			})
		},
	}
	o.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.lasts, "for", "", "how long: 8h, 7d")
	flags.BoolVar(&o.change, "until-change", false, "until what it hushes gets worse or different")
	flags.StringVar(&o.reason, "reason", "", "why, for the audit trail and the list of silences")
	flags.StringVar(&o.matcher.API, "api", "", "name of an API")
	flags.StringVar(&o.matcher.Group, "group", "", "group")
	flags.StringVar(&o.matcher.Owner, "owner", "", "owner")
	flags.StringVar(&o.matcher.Operation, "operation", "", "operation, as alerts print it")
	flags.StringVar(&o.matcher.Kind, "kind", "", "detector")
	flags.StringToStringVar(&o.matcher.Labels, "label", nil, "label, name=value; may be repeated")
	flags.StringVar(&o.below, "below", "", "only what is less severe than this: breaking or warning")
	cmd.ValidArgsFunction = o.liveIDs(openIDs)
	return cmd
}

func (o silenceOptions) silence(args []string, now time.Time) (s alerting.Silence, err error) {
	s = alerting.Silence{Matcher: o.matcher, UntilChange: o.change, Actor: whoami(), Through: "command", Reason: o.reason}
	s.Matcher.Incident = strings.Join(args, "")
	if o.below != "" {
		var below contracts.Severity
		if err := below.UnmarshalText([]byte(o.below)); err != nil {
			return s, fmt.Errorf("--below: %w", err)
		}
		s.Matcher.Below = &below
	}
	if o.lasts != "" {
		lasts, err := parsePositive(o.lasts)
		if err != nil {
			return s, fmt.Errorf("--for: %w", err)
		}
		s.Until = now.Add(lasts)
	}
	if s.Until.IsZero() && !s.UntilChange {
		return s, errors.New("say how long: --for 8h, or --until-change")
	}
	if s.Matcher.Empty() {
		return s, errors.New("name an incident, or what to match: --api, --group, --owner, --operation, --kind, --label, --below")
	}
	return s, nil
}

// newUnsilenceCommand is `shapewatch unsilence`.
func newUnsilenceCommand() *cobra.Command {
	var o counterOptions
	var reason string
	cmd := &cobra.Command{
		Use:   "unsilence SILENCE…",
		Short: "End silences before their time",
		Long:  "Ends silences. What they hushed and still holds is told.\n\n" + whereLong,
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.at(cmd, func(ctx context.Context, c counter) error {
				for _, id := range args {
					if err := c.Unsilence(ctx, id, alerting.Act{Actor: whoami(), Through: "command", Reason: reason}); err != nil {
						return err
					}
					fmt.Fprintf(cmd.OutOrStdout(), "%s ended\n", plainText(id))
				}
				return nil
			})
		},
	}
	o.flags(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the audit trail")
	cmd.ValidArgsFunction = o.liveIDs(silenceIDs)
	return cmd
}

// newSilencesCommand is `shapewatch silences`.
func newSilencesCommand() *cobra.Command {
	var o counterOptions
	cmd := &cobra.Command{
		Use:   "silences",
		Short: "List the silences in force, and those that ended within a week",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.at(cmd, func(ctx context.Context, c counter) error {
				all, err := c.Silences(ctx)
				if err == nil {
					printSilences(cmd.OutOrStdout(), all)
				}
				return err
			})
		},
	}
	o.flags(cmd)
	return cmd
}

func printSilences(out io.Writer, all []alerting.Silence) {
	if len(all) == 0 {
		fmt.Fprintln(out, "no silences")
	}
	for _, s := range all {
		fmt.Fprintln(out, wordsOfSilence(s))
	}
}

// wordsOfSilence is "sil_… of api shop, until 2026-03-04 15:00 UTC, by ada".
func wordsOfSilence(s alerting.Silence) string {
	lasts := "until it changes"
	switch {
	case !s.Ended.IsZero():
		lasts = "ended " + s.Ended.UTC().Format("2006-01-02 15:04 UTC")
	case !s.Until.IsZero() && s.UntilChange:
		lasts += ", at most until " + s.Until.UTC().Format("2006-01-02 15:04 UTC")
	case !s.Until.IsZero():
		lasts = "until " + s.Until.UTC().Format("2006-01-02 15:04 UTC")
	}
	words := fmt.Sprintf("%s of %s, %s, by %s (%s)", s.ID, s.Matcher, lasts, s.Actor, cmp.Or(s.Through, "api"))
	if s.Reason != "" {
		words += ": " + s.Reason
	}
	return plainText(words)
}
