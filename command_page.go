package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"shapewatch/web"
)

// A pageOptions is what the command line of `page build` says.
type pageOptions struct {
	config, dir string
	private     bool
}

// newPageCommand is `shapewatch page`.
func newPageCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "page",
		Short: "Copy the status page",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPageBuildCommand())
	return cmd
}

func newPageBuildCommand() *cobra.Command {
	var o pageOptions
	cmd := &cobra.Command{
		Use:   "build DIR",
		Short: "Write the status page as files that need no server",
		Long: "Writes the page as it is now into a folder, for a bucket, GitHub Pages or a disk:\n" +
			"the public view, or with --private every page, the JSON, the feeds and the\n" +
			"calendar. Links are relative. It asks the server that runs, or reads the store of\n" +
			"one that is stopped, and changes nothing. It asks no API, so it needs none of the\n" +
			"keys that the configuration takes from the environment.",
		Example: "  shapewatch page build public/\n  shapewatch page build archive/ --private",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.dir = args[0]
			return buildPage(cmd.Context(), o, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&o.config, "config", defaultConfigFile, "configuration file")
	cmd.Flags().BoolVar(&o.private, "private", false, "all pages, for readers who may know everything")
	return cmd
}

func buildPage(ctx context.Context, o pageOptions, out io.Writer) (err error) {
	c, err := LoadConfigKeyless(o.config, os.LookupEnv) // it sends nothing
	if err != nil {
		return err
	}
	ask, end, err := reachPage(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	files, err := web.Copy(ctx, web.CopyOptions{Ask: ask, Dir: o.dir, Private: o.private})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s: %s\n", o.dir, count(files, "file"))
	return err
}
