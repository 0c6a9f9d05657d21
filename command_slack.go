package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"shapewatch/alerting"
)

// newSlackCommand is `shapewatch slack manifest|test`.
func newSlackCommand() *cobra.Command {
	parent := &cobra.Command{
		Use:   "slack",
		Short: "Set Slack up: the app's manifest, and a test of every channel",
		Args:  noSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	parent.AddCommand(newSlackManifestCommand(), newSlackTestCommand())
	return parent
}

func newSlackManifestCommand() *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "manifest",
		Short: "Print the manifest to create the Slack app from",
		Long: "Print the manifest of the Slack app, as JSON. At https://api.slack.com/apps choose\n" +
			"\"Create New App\", \"From a manifest\"; install it for its bot token (xoxb-…), and\n" +
			"under \"App-Level Tokens\" create one with connections:write (xapp-…) for buttons.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := alerting.SlackManifest(name)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n", text)
			return err
		},
	}
	cmd.Flags().StringVar(&name, "name", "shapewatch", "name of the app, and of its bot")
	return cmd
}

func newSlackTestCommand() *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:   "test",
		Short: "Tell a made-up incident to every Slack channel; say what is missing",
		Long: "Tell a made-up incident and its end to every Slack channel of the configuration,\n" +
			"and say which scopes the app lacks and what cannot be done without them.\n\n" +
			"It exits with 0 when every channel took it, with 3 when one did not.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := LoadConfig(config, os.LookupEnv)
			if err != nil {
				return err
			}
			if s := c.Slack(); s.BotToken == "" && s.Webhook == "" {
				return usageError(errors.New("no slack: in " + config + "; shapewatch slack manifest prints the app to create"))
			}
			return slackTest(cmd.Context(), c, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&config, "config", defaultConfigFile, "configuration file")
	return cmd
}

func slackTest(ctx context.Context, c *Config, out io.Writer) error {
	s, client := c.Slack(), &http.Client{Timeout: slackTimeout}
	if s.Webhook != "" {
		fmt.Fprintln(out, "by webhook: each step is a message of its own; no updates in place, no threads, no buttons. A bot token can do all of it.")
	} else {
		missing, err := alerting.SlackMissing(ctx, slackDeskOptions(s, client))
		if err != nil {
			return notTold(err)
		}
		for _, m := range missing {
			fmt.Fprintln(out, "missing   "+m)
		}
	}
	notifiers, err := slackNotifiers(s, client)
	if err != nil {
		return usageError(err)
	}
	var failed error
	for _, n := range notifiers {
		receipt, err := alerting.Try(ctx, n, alerting.SampleNotice(time.Now()), true)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		fmt.Fprintln(out, "told      "+n.Channel()+" "+receipt.Ref)
	}
	if failed != nil {
		return notTold(failed)
	}
	return nil
}

func slackDeskOptions(s SlackConfig, client *http.Client) alerting.SlackDeskOptions {
	return alerting.SlackDeskOptions{BotToken: s.BotToken, AppToken: s.AppToken, APIURL: s.APIURL, Template: s.Template, HTTPClient: client}
}
