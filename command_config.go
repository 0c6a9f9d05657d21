package main

import (
	"os"

	"github.com/spf13/cobra"
)

// defaultConfigFile is read when no file is named.
const defaultConfigFile = "shapewatch.yaml"

// newConfigCommand is `shapewatch config show|schema|docs`.
func newConfigCommand() *cobra.Command {
	parent := &cobra.Command{
		Use:   "config",
		Short: "Show the effective configuration, its schema or its documentation",
		Args:  noSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	parent.AddCommand(newConfigShowCommand(), newConfigSchemaCommand(), newConfigDocsCommand())
	return parent
}

func newConfigShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show [FILE]",
		Short: "Print the configuration with every default and all that is inherited, secrets masked",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := LoadConfig(configFileOf(args), os.LookupEnv)
			if err != nil {
				return err
			}
			text, err := c.Show()
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
}

func newConfigSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema (2020-12) of the configuration, for editors",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := configSchema()
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
}

func newConfigDocsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "docs",
		Short: "Print the documentation of every key, as Markdown",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write([]byte(configDocs()))
			return err
		},
	}
}

// configFileOf is the file that the arguments name, or the default one.
func configFileOf(args []string) string {
	if len(args) > 0 {
		return args[0]
	}
	return defaultConfigFile
}
