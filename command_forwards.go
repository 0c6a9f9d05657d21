package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"shapewatch/alerting"
	"shapewatch/monitor"
	"shapewatch/web"
)

// newForwardsCommand is `shapewatch forwards`.
func newForwardsCommand() *cobra.Command {
	var o counterOptions
	cmd := &cobra.Command{
		Use:   "forwards",
		Short: "List how webhooks are handed on to your receivers, and what was given up",
		Long: "Lists every webhook that has a forward: what your receiver took, what waits, and the\n" +
			"events that were given up, each with its number.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.at(cmd, func(ctx context.Context, c counter) error {
				all, err := c.Forwards(ctx)
				if err == nil {
					printForwards(cmd.OutOrStdout(), all)
				}
				return err
			})
		},
	}
	o.flags(cmd)
	cmd.AddCommand(
		newRuleCommand("send", "Send events again that were given up", "They go behind those that wait, as they came: byte for byte, with the vendor's headers.", "%d sent again\n"),
		newRuleCommand("drop", "Drop events that were given up", "They are gone for good.", "%d dropped\n"),
	)
	return cmd
}

func newRuleCommand(act, short, long, done string) *cobra.Command {
	var o counterOptions
	cmd := &cobra.Command{
		Use:     act + " SOURCE [NUMBER…]",
		Short:   short,
		Long:    short + ": these numbers of `shapewatch forwards`, or all of the source.\n" + long,
		Example: "  shapewatch forwards " + act + " payments 4711",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			numbers, err := eventNumbers(args[1:])
			if err != nil {
				return err
			}
			return o.at(cmd, func(ctx context.Context, c counter) error {
				n, err := c.RuleForwards(ctx, args[0], numbers, act == "send")
				if err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), done, n)
				}
				return err
			})
		},
	}
	o.flags(cmd)
	return cmd
}

func eventNumbers(texts []string) (numbers []uint64, err error) {
	for _, text := range texts {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return nil, usageError(fmt.Errorf("event %q: want a number, as `shapewatch forwards` lists it", text))
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

func printForwards(out io.Writer, all []web.HandedOn) {
	if len(all) == 0 {
		fmt.Fprintln(out, "no webhook has a forward")
	}
	for _, h := range all {
		line := fmt.Sprintf("%s: %d taken, %d waiting, %d given up", h.Source, h.Sent, h.Waiting, h.Dead)
		if h.Twice > 0 {
			line += fmt.Sprintf(", %d may have come twice", h.Twice)
		}
		if h.Failing != nil {
			line += fmt.Sprintf("; failing since %s: %s", h.Failing.Format("2006-01-02 15:04 UTC"), h.Error)
		}
		fmt.Fprintln(out, plainText(line))
		for _, d := range h.GivenUp {
			fmt.Fprintln(out, plainText(fmt.Sprintf("  %-6d %s  %s %s, %s: %s", d.Number, d.At.Format("2006-01-02 15:04:05"), d.Type, d.ID, count(d.Attempts, "attempt"), d.Error)))
		}
	}
}

// sources are the webhooks that hand on, by name.
func sources(watches []monitor.Watch) map[string]string {
	named := map[string]string{}
	for _, w := range watches {
		if w.Source != nil && w.Source.Forward != nil {
			named[w.Source.Name] = w.Probe.ID
		}
	}
	return named
}

// A forwardDesk takes what people say on the page of a running program.
type forwardDesk struct{ p *program }

// Sources are the webhooks that hand on, by name.
func (d forwardDesk) Sources() map[string]string {
	if c := d.p.config.Load(); c != nil {
		return sources(c.Watches())
	}
	return nil
}

// RuleForwards sends dead events again or drops them.
func (d forwardDesk) RuleForwards(ctx context.Context, probe string, numbers []uint64, again bool) (int, error) {
	n, err := d.p.Store.RuleForwards(ctx, probe, time.Now(), numbers, again)
	if err == nil {
		d.p.forwarder.Wake(probe)
	}
	return n, err
}

// Forwards lists how handing on goes.
func (l local) Forwards(ctx context.Context) ([]web.HandedOn, error) {
	return web.ReadHandedOn(ctx, l.state, l.sources)
}

// RuleForwards rules on dead events of a source; they are sent when the server
// runs again.
func (l local) RuleForwards(ctx context.Context, source string, numbers []uint64, again bool) (int, error) {
	probe, hands := l.sources[source]
	if !hands {
		return 0, alerting.Unfit("no webhook %q has a forward", source)
	}
	return l.state.RuleForwards(ctx, probe, time.Now(), numbers, again)
}

// Forwards lists how handing on goes.
func (r remote) Forwards(ctx context.Context) ([]web.HandedOn, error) {
	var reply struct {
		Sources []web.HandedOn `json:"sources"`
	}
	err := r.call(ctx, http.MethodGet, "/api/v1/forwards", nil, &reply)
	return reply.Sources, err
}

// RuleForwards rules on dead events of a source.
func (r remote) RuleForwards(ctx context.Context, source string, numbers []uint64, again bool) (int, error) {
	ask := map[string]any{"source": source, "act": map[bool]string{true: "send", false: "drop"}[again], "numbers": numbers}
	var reply struct {
		Events int `json:"events"`
	}
	err := r.call(ctx, http.MethodPost, "/api/v1/forwards", ask, &reply)
	return reply.Events, err
}
