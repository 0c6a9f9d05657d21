package main

import (
	"context"
	"io"
	"os"

	"github.com/spf13/cobra"

	"shapewatch/web"
)

// newMCPCommand is `shapewatch mcp`.
func newMCPCommand() *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:   "mcp",
		Short: "Answer coding agents: has an API drifted, what do its answers look like",
		Long: "Serves the Model Context Protocol over standard input and output, for agents that\n" +
			"ask before they trust an API: list_apis, has_drifted, get_changes, get_shape. It\n" +
			"asks the server that runs, or reads the store of one that is stopped, and changes\n" +
			"nothing.",
		Example: "  shapewatch mcp --config /etc/shapewatch.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serveMCP(cmd.Context(), config, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&config, "config", defaultConfigFile, "configuration file")
	return cmd
}

func serveMCP(ctx context.Context, config string, in io.Reader, out io.Writer) error {
	c, err := LoadConfig(config, os.LookupEnv)
	if err != nil {
		return err
	}
	return web.ServeMCP(ctx, programVersion(), reachEach(c), io.NopCloser(in), streamOut{out})
}

// A streamOut is standard output, which stays open.
type streamOut struct{ io.Writer }

func (streamOut) Close() error { return nil }
