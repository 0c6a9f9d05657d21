package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
		Config: c, Store: state, Listener: page, Out: out, Color: colored(out), Untraced: true,
		Log: slog.New(slog.NewTextHandler(errOut, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	if err := recallPayouts(ctx, state, c, time.Now()); err != nil {
		return err
	}
	demoGreeting(out, p)
	return play(ctx, p, shop, out)
}

// play runs the program and the vendor's script until ctx is done.
func play(ctx context.Context, p *program, shop *shop, out io.Writer) error {
	start := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return p.run(ctx) })
	group.Go(func() error {
		shop.Deliver(ctx, reachedAt(p.Listener)+"/in/shop", demoSecret, 2*time.Second)
		return nil
	})
	group.Go(func() error { shop.Work(ctx, reachedAt(p.Listener)+"/beat/export", time.Second); return nil })
	group.Go(func() error {
		err := shop.Play(ctx, func(c demo.Change) {
			fmt.Fprintf(out, "\n%3.0f s  what goes wrong: %s\n", time.Since(start).Seconds(), c.Says)
		})
		if err == nil {
			fmt.Fprintf(out, "\n%3.0f s  that was all; the page stays up until Ctrl-C\n", time.Since(start).Seconds())
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

func demoGreeting(out io.Writer, p *program) {
	script := demo.Script()
	fmt.Fprintf(out, "The page is at %s\n\n"+
		"A vendor on this machine is asked %d questions a second, and its answers vary, as\n"+
		"answers do. A test order is placed and followed to the warehouse; webhooks and a\n"+
		"nightly export are listened to; what the shop sold is compared with what the\n"+
		"warehouse knows. For %.0f seconds shapewatch learns what is normal. Then %d things\n"+
		"go wrong, and you hear of each as Slack would show it. Ctrl-C ends it.\n",
		pageAddress(p.Listener), len(demo.Paths()), script[0].At.Seconds(), len(script))
}

// demoFarewell says what happened. It reads the store before it is closed: a
// store that is closed already leaves the count out.
func demoFarewell(out io.Writer, p *program, took time.Duration) {
	told := ""
	if incidents, err := p.Store.Incidents(context.Background(), "", 100); err == nil {
		told = count(firing(incidents), "incident") + " in "
	}
	fmt.Fprintf(out, "\n%s%.0f seconds, and no call has failed.\n"+
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
