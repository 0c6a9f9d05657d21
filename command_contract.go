package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"shapewatch/contracts/openapi"
)

// newContractCommand is `shapewatch contract`.
func newContractCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "contract",
		Short: "See how contracts and answers agree",
		Args:  noSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newContractStatusCommand(), newContractProposeCommand(), newContractVerifyCommand())
	return cmd
}

// A verifyOptions is what the command line of `contract verify` says.
type verifyOptions struct {
	operation, url, method, media string
	status                        int
}

func newContractVerifyCommand() *cobra.Command {
	var o verifyOptions
	cmd := &cobra.Command{
		Use:   "verify DOCUMENT DIR|FILE.jsonl|FILE.har…",
		Short: "Hold recorded answers against a document, by every word of it",
		Long: "Validates whole bodies: types, required fields, enums, and also patterns, bounds,\n" +
			"lengths and formats, which serve does not look at. Answers are recordings as of\n" +
			"replay: a folder, a .jsonl or a .har file. No value is printed.\n\n" +
			"Exit code: 0 all agree, 1 something does not, 2 usage.",
		Example: "  shapewatch contract verify openapi.yaml recordings/orders --operation listOrders",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(args[0], args[1:], cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.operation, "operation", "", "operationId, or \"GET /orders/{id}\"")
	flags.StringVar(&o.url, "url", "", "address that was asked, to find the operation by")
	flags.StringVar(&o.method, "method", "GET", "method that was asked with, beside --url")
	flags.StringVar(&o.media, "media", "application/json", "media type of the answers")
	flags.IntVar(&o.status, "status", 200, "status of the answers that do not say it")
	return cmd
}

func (o verifyOptions) run(document string, answers []string, out io.Writer) error {
	d, err := documentFile(document)
	if err != nil {
		return usageError(err)
	}
	v, err := d.Validator(openapi.Asked{Method: o.method, URL: o.url, OperationID: o.operation})
	if err != nil {
		return usageError(err)
	}
	broken := 0
	for _, path := range answers {
		for r, err := range samplesOf(path) {
			if err != nil {
				return usageError(err)
			}
			agrees, err := o.verify(v, r, out)
			if err != nil {
				return err
			}
			if !agrees {
				broken++
			}
		}
	}
	if broken > 0 {
		return &exitError{code: 1, err: errors.New(count(broken, "answer") + " broke the contract")}
	}
	return nil
}

// verify prints what one answer breaks.
func (o verifyOptions) verify(v *openapi.Validator, r recorded, out io.Writer) (agrees bool, err error) {
	status := r.status
	if status == 0 {
		status = o.status
	}
	found, agreed, err := v.Judge(status, o.media, r.body)
	name := printable(fmt.Sprint(r.name))
	switch {
	case err != nil:
		_, err = fmt.Fprintf(out, "%s: %s\n", name, printable(err.Error()))
		return false, err
	case !agreed:
		_, err = fmt.Fprintf(out, "%s: the contract does not describe status %d as %s\n", name, status, o.media)
		return false, err
	case len(found) == 0:
		_, err = fmt.Fprintf(out, "%s: agrees\n", name)
		return true, err
	}
	for _, f := range found {
		path := f.Path
		if path == "" {
			path = "the whole answer"
		}
		if _, err := fmt.Fprintf(out, "%s: %s does not keep %s\n", name, printable(path), strings.TrimPrefix(printable(f.Was), "contract: ")); err != nil {
			return false, err
		}
	}
	return false, nil
}
