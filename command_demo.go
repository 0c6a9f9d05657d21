package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"shapewatch/alerting"
	"shapewatch/demo"
)

// demoSeed makes the demo the same for everybody.
const demoSeed = 20260101

// newDemoCommand is `shapewatch demo`.
func newDemoCommand() *cobra.Command {
	var address string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See it work: a vendor on this machine changes, and you hear of it",
		Long: "Start a vendor on this machine that behaves for a while and then changes its\n" +
			"API, watch it every second, print each alert as Slack would show it, and serve\n" +
			"the page. Within a minute every change is an incident. Nothing leaves this\n" +
			"machine and nothing is kept. Ctrl-C ends it.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDemo(cmd.Context(), address, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&address, "listen", "127.0.0.1:8080", "address of the page, HOST:PORT")
	return cmd
}

func runDemo(ctx context.Context, address string, out, errOut io.Writer) (err error) {
	page, err := listen(address)
	if err != nil {
		return err
	}
	defer page.Close()
	shop, err := openShop()
	if err != nil {
		return err
	}
	defer shop.Close()
	c, err := demoConfig(shop.address)
	if err != nil {
		return err
	}
	state, remove, err := temporaryStore()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	p, err := newProgram(ctx, programOptions{
		Config: c, Store: state, Listener: page, Out: out, Color: colored(out),
		Log: slog.New(slog.NewTextHandler(errOut, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	demoGreeting(out, p, len(c.Watches()))
	return play(ctx, p, shop, out)
}

// play runs the program and the vendor's script until ctx is done.
func play(ctx context.Context, p *program, shop *shop, out io.Writer) error {
	start := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return p.run(ctx) })
	group.Go(func() error {
		err := shop.Play(ctx, func(c demo.Change) {
			fmt.Fprintf(out, "\n%3.0f s  the vendor changes its API: %s\n", time.Since(start).Seconds(), c.Says)
		})
		if err == nil {
			fmt.Fprintf(out, "\n%3.0f s  the vendor has done its worst; the page stays up until Ctrl-C\n", time.Since(start).Seconds())
		}
		return nil // stopped halfway is no fault
	})
	group.Go(func() error {
		<-ctx.Done()
		demoFarewell(out, p, time.Since(start))
		return nil
	})
	return group.Wait()
}

func demoGreeting(out io.Writer, p *program, probes int) {
	script := demo.Script()
	fmt.Fprintf(out, "The page is at %s\n\n"+
		"A vendor on this machine is asked %d questions a second. Its answers vary, as\n"+
		"answers do; for %.0f seconds shapewatch learns what is normal. Then the vendor\n"+
		"changes %d things, and you hear of each as Slack would show it. Ctrl-C ends it.\n",
		pageAddress(p.Listener), probes, script[0].At.Seconds(), len(script))
}

// demoFarewell says what happened. It reads the store before it is closed: a
// store that is closed already leaves the count out.
func demoFarewell(out io.Writer, p *program, took time.Duration) {
	told := ""
	if incidents, err := p.Store.Incidents(context.Background(), "", 100); err == nil {
		told = count(firing(incidents), "incident") + " in "
	}
	fmt.Fprintf(out, "\n%s%.0f seconds, and the vendor answered 200 all the time.\n"+
		"Now your own: shapewatch init --curl 'curl …', then shapewatch serve\n", told, took.Seconds())
}

func firing(incidents []alerting.Incident) (n int) {
	for _, incident := range incidents {
		if incident.Open() {
			n++
		}
	}
	return n
}

// A shop is the demo's vendor on a free port of this machine.
type shop struct {
	*demo.Vendor
	*http.Server
	address string
}

func openShop() (*shop, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	vendor := demo.New(demoSeed)
	s := &shop{Vendor: vendor, Server: &http.Server{Handler: vendor, ReadHeaderTimeout: time.Second}, address: "http://" + l.Addr().String()}
	go s.Serve(l) // ends with Close
	return s, nil
}

// demoConfig is what a person would write to watch the vendor.
func demoConfig(vendor string) (*Config, error) {
	var text strings.Builder
	fmt.Fprintf(&text, "apis:\n  - name: shop\n    base: %s\n    every: 1s\n    allow_private: true\n"+
		"    limits: { per_second: 50, concurrent: 8 }\n    probes:\n", vendor)
	for _, path := range demo.Paths() {
		fmt.Fprintf(&text, "      - get: %s\n", path)
	}
	return parseConfig("demo", []byte(text.String()), func(string) (string, bool) { return "", false })
}
