package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"shapewatch/contracts"
	"shapewatch/contracts/openapi"
)

// A diffOptions is what the command line of `diff` says.
type diffOptions struct {
	config, api, output, failOn string
	usesFrom, operation         string
	all                         bool
}

// newDiffCommand is `shapewatch diff OLD NEW`.
func newDiffCommand() *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Compare two published documents: what the newer one will do to you",
		Long: "Compares two OpenAPI or Swagger documents of one API, answers and requests, and\n" +
			"says each change once with all the places it touches, worst first. With --api,\n" +
			"the operations and uses: of that API in the configuration decide: what touches\n" +
			"them comes first, everything else is good to know.\n\n" +
			"Exit code:\n" +
			"  0  nothing at or above --fail-on\n" +
			"  1  a change at or above --fail-on\n" +
			"  2  usage: a document cannot be read",
		Example: "  shapewatch diff stripe-old.json stripe-new.json\n  shapewatch diff old.yaml new.yaml --api stripe --fail-on breaking -o ndjson",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(args[0], args[1], cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.config, "config", defaultConfigFile, "configuration file, for --api")
	flags.StringVar(&o.api, "api", "", "API of the configuration whose operations and uses decide")
	flags.StringVar(&o.usesFrom, "uses-from", "", "type that answers are decoded into, FILE#Name, of --operation")
	flags.StringVar(&o.operation, "operation", "", "operationId, or \"GET /orders/{id}\", that --uses-from is about")
	flags.StringVarP(&o.output, "output", "o", "text", "text, or ndjson: one change a line")
	flags.StringVar(&o.failOn, "fail-on", "warning", "mildest severity that counts: info, warning or breaking")
	flags.BoolVar(&o.all, "all", false, "print what is only good to know, too (ndjson always does)")
	return cmd
}

func (o diffOptions) run(older, newer string, out, warn io.Writer) error {
	var failOn contracts.Severity
	if err := failOn.UnmarshalText([]byte(o.failOn)); err != nil {
		return usageError(fmt.Errorf("--fail-on: %w", err))
	}
	if o.output != "text" && o.output != "ndjson" {
		return usageError(fmt.Errorf("--output %s: want text or ndjson", o.output))
	}
	uses, err := o.uses(func(note string) { fmt.Fprintf(warn, "note: %s\n", printable(note)) })
	if err != nil {
		return err
	}
	before, after, err := documentFiles(older, newer)
	if err != nil {
		return usageError(err)
	}
	announced, err := openapi.Diff(before, after, uses)
	if err != nil {
		return usageError(err)
	}
	for _, d := range []*openapi.Document{before, after} {
		for _, fault := range d.Faults() {
			fmt.Fprintf(warn, "note: %s: what is broken allows anything\n", printable(fault))
		}
	}
	if err := o.write(out, announced); err != nil {
		return err
	}
	for _, a := range announced {
		if a.Severity >= failOn {
			return &exitError{code: 1, err: errors.New("")}
		}
	}
	return nil
}

// documentFiles reads two documents side by side.
func documentFiles(older, newer string) (before, after *openapi.Document, err error) {
	var g errgroup.Group
	g.Go(func() (err error) {
		before, err = documentFile(older)
		return err
	})
	g.Go(func() (err error) {
		after, err = documentFile(newer)
		return err
	})
	return before, after, g.Wait()
}

// documentFile reads a document with the files beside it.
func documentFile(name string) (*openapi.Document, error) {
	content, err := readBounded(name, maxContract)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", name, reason(err))
	}
	shown := filepath.ToSlash(name)
	return openapi.Load(shown, content, folderReader(shown, name))
}

// uses are what the API of --api uses, or the type of --uses-from; none
// without them.
func (o diffOptions) uses(warn func(string)) (uses []openapi.Use, err error) {
	switch {
	case o.usesFrom == "" && o.operation != "":
		return []openapi.Use{{Asked: openapi.Asked{OperationID: o.operation}}}, nil
	case o.usesFrom != "" && o.operation == "":
		return nil, usageError(errors.New("--uses-from: add --operation, whose answers the type is of"))
	case o.usesFrom != "":
		paths, err := usesFlag(o.usesFrom, o.operation, warn)
		return []openapi.Use{{Asked: openapi.Asked{OperationID: o.operation}, Paths: paths}}, err
	}
	if o.api == "" {
		return nil, nil
	}
	c, err := LoadConfig(o.config, os.LookupEnv)
	if err != nil {
		return nil, err
	}
	watches, err := named(c.Watches(), []string{o.api})
	if err != nil {
		return nil, usageError(err)
	}
	return usesOf(watches, nil), nil
}

func (o diffOptions) write(out io.Writer, announced []openapi.Announcement) error {
	if o.output == "ndjson" {
		lines := json.NewEncoder(out)
		lines.SetEscapeHTML(false)
		for _, a := range announced {
			if err := lines.Encode(a); err != nil {
				return err
			}
		}
		return nil
	}
	var b strings.Builder
	counts := map[contracts.Severity]int{}
	for _, a := range announced {
		if counts[a.Severity]++; a.Severity > contracts.Info || o.all {
			writeAnnouncement(&b, a)
		}
	}
	fmt.Fprintf(&b, "%d breaking, %d warning, %d good to know\n", counts[contracts.Breaking], counts[contracts.Warning], counts[contracts.Info])
	_, err := io.WriteString(out, b.String())
	return err
}

func writeAnnouncement(b *strings.Builder, a openapi.Announcement) {
	fmt.Fprintf(b, "%-8s  %s\n", a.Severity, printable(a.Words))
	where := a.Places[0].Operation
	if a.Places[0].Path != "" {
		where += " " + a.Places[0].Path
	}
	more := ""
	if a.Count > 1 {
		more = fmt.Sprintf(", and %s more", count(a.Count-1, "place"))
	}
	if a.Used > 0 {
		more += fmt.Sprintf(" (%d of them yours)", a.Used)
	}
	fmt.Fprintf(b, "          %s%s  [%s]\n", printable(strings.TrimSpace(where)), more, a.Rule)
}
