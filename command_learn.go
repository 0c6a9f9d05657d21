package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"shapewatch/contracts"
	"shapewatch/contracts/notation"
	"shapewatch/contracts/shape"
	"shapewatch/probes"
)

// A learnOptions is what the command line of `learn` says.
type learnOptions struct {
	output, input, title string
	path                 string
	maps, records        []string
	headers, send        []string
	allowPrivate         bool
	timeout              time.Duration
	contracts            contractOptions
}

// newLearnCommand is `shapewatch learn FILE…|URL|API…`.
func newLearnCommand() *cobra.Command {
	var o learnOptions
	cmd := &cobra.Command{
		Use:   "learn [API…]|FILE…|URL|-",
		Short: "Write contracts from what was learned; draw the shape of answers",
		Long: "Reads answers and says what they look like: which fields there are, of which kind\n" +
			"and format, how sure it is that they come, which values they take. It reads JSON,\n" +
			"JSON lines, JSON texts one after the other, XML and CSV, gzipped or not, from files,\n" +
			"from standard input (-) or from an address, which it asks once as a probe would.\n" +
			"Every JSON text is one answer, and so is every file of XML or CSV. Nothing is kept.\n\n" +
			"With names of APIs, or nothing, it writes contracts/API.yaml: an OpenAPI document of\n" +
			"what serve has learned of each, once that has settled. Nothing is overwritten without\n" +
			"--force. The server must be stopped; with learned: in the configuration it writes them\n" +
			"itself.",
		Example: "  shapewatch learn stripe\n  shapewatch learn orders.json\n  shapewatch learn events.ndjson.gz -o typescript\n  curl -s https://api.example.com/v1/x | shapewatch learn - -o json-schema",
		RunE: func(cmd *cobra.Command, args []string) error {
			if namesAPIs(args) {
				return o.contracts.learn(cmd.Context(), args, cmd.OutOrStdout())
			}
			return learnFrom(cmd.Context(), o, args, cmd)
		},
	}
	flags := cmd.Flags()
	notationFlags(cmd, &o.output, &o.title, &o.path)
	o.contracts.flags(flags)
	flags.StringVar(&o.input, "input", "", "json, xml or csv; without it the beginning of the text tells")
	flags.StringSliceVar(&o.maps, "maps", nil, "paths of objects whose keys are data, whatever they look like")
	flags.StringSliceVar(&o.records, "records", nil, "paths of objects that are no maps, whatever they look like")
	flags.StringArrayVarP(&o.headers, "header", "H", nil, "header to send to an address, as of curl; may be repeated")
	flags.StringArrayVar(&o.send, "send", nil, "message to send to a wss:// address, such as a subscription; may be repeated")
	flags.BoolVar(&o.allowPrivate, "allow-private", false, "allow addresses of this machine and of private networks")
	flags.DurationVar(&o.timeout, "timeout", probes.DefaultTimeout, "how long an address may take to answer")
	return cmd
}

// notationFlags are those of every command that writes a shape.
func notationFlags(cmd *cobra.Command, output, title, path *string) {
	cmd.Flags().StringVarP(output, "output", "o", "tree", notation.Names())
	cmd.Flags().StringVar(path, "path", "", "print one path only, with all that is known of it")
	cmd.Flags().StringVar(title, "title", "", "what to call it; types are named after it")
}

func learnFrom(ctx context.Context, o learnOptions, from []string, cmd *cobra.Command) error {
	as, err := notation.Named(o.output)
	if err != nil {
		return usageError(fmt.Errorf("--output %s: %w", o.output, err))
	}
	syntax, err := inputSyntax(o.input)
	if err != nil {
		return usageError(err)
	}
	learned := shape.New(shape.Limits{})
	for _, name := range from {
		if isAddress(name) || isSocketAddress(name) {
			err = o.ask(ctx, learned, name, cmd.ErrOrStderr())
		} else {
			err = learnFile(learned, name, syntax, cmd.InOrStdin())
		}
		if err != nil {
			return err
		}
	}
	if learned.Probes() == 0 {
		return usageError(fmt.Errorf("%s: nothing to learn from", strings.Join(from, ", ")))
	}
	out := notation.Options{
		View: shape.View{Maps: o.maps, Records: o.records}, Title: cmp.Or(o.title, titleOf(from[0])),
		Operation: operationOf(from[0]),
	}
	return writeShape(cmd.OutOrStdout(), as, learned, out, o.path)
}

// writeShape writes a shape, or one path of it, with colours and to the width of
// a terminal.
func writeShape(w io.Writer, as notation.Notation, s *shape.Shape, o notation.Options, path string) error {
	o.Color, o.Width = colored(w), columnsOf(w)
	switch {
	case path == "":
		return as.Write(w, s, o)
	case as.Name != notation.All()[0].Name:
		return usageError(fmt.Errorf("--path prints for people: leave --output %s out", as.Name))
	}
	if err := notation.Single(w, s, o, path); err != nil {
		return usageError(err)
	}
	return nil
}

// columnsOf is the width of a terminal; 0 for what is none.
func columnsOf(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

func inputSyntax(name string) (shape.Syntax, error) {
	switch strings.ToLower(name) {
	case "":
		return "", nil
	case "json":
		return shape.JSON, nil
	case "xml":
		return shape.XML, nil
	case "csv":
		return shape.CSV, nil
	}
	return "", fmt.Errorf("--input %s: want json, xml or csv", name)
}

func isAddress(name string) bool {
	return strings.HasPrefix(name, "https://") || strings.HasPrefix(name, "http://")
}

// titleOf names a shape after its file, or the last word of an address.
func titleOf(from string) string {
	if from == "-" {
		return ""
	}
	from, _, _ = strings.Cut(from, "?")
	name, _, _ := strings.Cut(filepath.Base(strings.TrimRight(from, "/")), ".")
	return name
}

func operationOf(from string) string {
	if !isAddress(from) {
		return ""
	}
	_, rest, _ := strings.Cut(from, "://")
	rest, _, _ = strings.Cut(rest, "?")
	_, path, _ := strings.Cut(rest, "/")
	return "GET /" + path
}

// ask learns from the answer of an address, as a check of it would.
func (o learnOptions) ask(ctx context.Context, learned *shape.Shape, address string, log io.Writer) error {
	header := http.Header{}
	for _, h := range o.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok {
			return usageError(fmt.Errorf("--header %.20q…: want NAME: VALUE", name))
		}
		if err := checkHeaderName(strings.TrimSpace(name)); err != nil {
			return usageError(fmt.Errorf("--header: %w", err))
		}
		header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	newRedacting(log, header["Authorization"]) // for what the standard library logs
	client := probes.NewClient(probes.Options{Version: programVersion()})
	defer client.Close()
	asked := o.over(address, probes.Probe{ID: "learn", API: "learn", URL: address, Header: header, AllowPrivate: o.allowPrivate, Timeout: o.timeout})
	answer := contracts.Observe(client.Do(ctx, asked), asked.Expect)
	if answer.Class != probes.Valid {
		return &exitError{3, fmt.Errorf("%s: %s", withoutQuery(address), printable(answer.Problem))}
	}
	learned.Merge(answer.Shape)
	return nil
}

// over says what is said over a WebSocket, when the address is of one.
func (o learnOptions) over(address string, p probes.Probe) probes.Probe {
	if !isSocketAddress(address) {
		return p
	}
	p.URL, p.Expect, p.Socket = overHTTP(address), []int{http.StatusSwitchingProtocols}, &probes.Socket{}
	for _, message := range o.send {
		p.Socket.Say = append(p.Socket.Say, []byte(message))
	}
	return p
}

// withoutQuery leaves out where keys are.
func withoutQuery(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return address
}
