package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// An initOptions is what the command line of `init` says.
type initOptions struct {
	url, curl, output string
	force             bool
}

// newInitCommand is `shapewatch init`.
func newInitCommand() *cobra.Command {
	var o initOptions
	cmd := &cobra.Command{
		Use:   "init (--url URL | --curl 'curl …')",
		Short: "Write a first configuration from a URL or a curl command",
		Long: "Write a commented first configuration. Secrets that the URL or the command\n" +
			"contains are not written: references ${NAME} take their place, and the names\n" +
			"to set are printed. $NAME in the command becomes ${NAME}.",
		Example: "  shapewatch init --url https://api.github.com/repos/golang/go\n" +
			"  shapewatch init --curl 'curl -H \"Authorization: Bearer $KEY\" https://api.stripe.com/v1/balance'",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return writeFirst(o, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&o.url, "url", "", "URL to watch")
	cmd.Flags().StringVar(&o.curl, "curl", "", "curl command to take everything from, as browsers and vendors' pages offer it")
	cmd.Flags().StringVar(&o.output, "output", defaultConfigFile, "file to write; - prints it")
	cmd.Flags().BoolVar(&o.force, "force", false, "replace the file if it is there")
	return cmd
}

// writeFirst makes the configuration, checks it as validate would with every
// variable set, and only then writes it.
func writeFirst(o initOptions, out, errOut io.Writer) error {
	asked, err := o.request()
	if err != nil {
		return usageError(err)
	}
	first := newFirstConfig(asked)
	text := first.text(o.fileName())
	if _, err := parseConfig(o.fileName(), []byte(text), anyValue); err != nil {
		return err
	}
	if o.output == "-" {
		fmt.Fprint(out, text)
	} else if err := writeNew(o.output, text, o.force); err != nil {
		return usageError(err)
	}
	first.explain(errOut, o.output)
	return nil
}

// request reads what --url or --curl asks for.
func (o initOptions) request() (*curlRequest, error) {
	switch {
	case (o.url == "") == (o.curl == ""):
		return nil, errors.New("init needs --url URL or --curl 'curl …', one of them")
	case o.url != "":
		return &curlRequest{method: "GET", url: o.url}, nil
	}
	words, err := splitWords(o.curl)
	if err != nil {
		return nil, fmt.Errorf("--curl: %w", err)
	}
	asked, err := parseCurl(words)
	if err != nil {
		return nil, fmt.Errorf("--curl: %w", err)
	}
	return asked, nil
}

// fileName is the file that is meant, also when it is only printed.
func (o initOptions) fileName() string {
	if o.output == "-" {
		return defaultConfigFile
	}
	return o.output
}

// anyValue stands for every variable while a first configuration is checked.
func anyValue(string) (string, bool) { return "https://value.example", true }

// writeNew writes a file that is not there yet, or replaces it whole.
func writeNew(name, text string, force bool) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(name, flags, 0o644)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already: --force replaces it, --output FILE writes another", name)
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, text)
	return errors.Join(err, f.Close())
}

// explain says what was written and what to do now.
func (f *firstConfig) explain(w io.Writer, output string) {
	if output != "-" {
		fmt.Fprintf(w, "wrote %s\n", output)
	}
	for _, note := range f.notes {
		fmt.Fprintf(w, "note: %s\n", note)
	}
	if len(f.variables) > 0 {
		fmt.Fprintf(w, "set before you start (values are not in the file):\n")
		for _, name := range f.variables {
			fmt.Fprintf(w, "  export %s=…\n", name)
		}
	}
	if output == "-" {
		output = "FILE"
	}
	fmt.Fprintf(w, "then: shapewatch validate %s, and shapewatch serve%s\n", output, configFlag(output))
}

func configFlag(output string) string {
	if output == defaultConfigFile {
		return ""
	}
	return " --config " + strings.ReplaceAll(output, " ", `\ `)
}
