package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"shapewatch/alerting"
	"shapewatch/monitor"
	"shapewatch/web"
	"shapewatch/webhooks"
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
		newRuleCommand(alerting.SendAgain, "Send events again that were given up", "They go behind those that wait, as they came: byte for byte, with the vendor's headers.\nOf a webhook whose forward is gone (the list names it by its probe) also those that wait:\n--to names the webhook whose receiver gets them.", "%d sent again\n"),
		newRuleCommand(alerting.Discard, "Drop events that were given up", "They are gone for good; of a webhook whose forward is gone also those that wait.", "%d dropped\n"),
	)
	return cmd
}

func newRuleCommand(kind alerting.ActKind, short, long, done string) *cobra.Command {
	var o counterOptions
	var to string
	act := string(kind)
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
				n, err := c.RuleForwards(ctx, args[0], webhooks.Chosen{Numbers: numbers, To: to}, alerting.Act{
					Kind: kind, Source: args[0], Actor: whoami(), Through: "command", At: time.Now().UTC(),
				})
				if err == nil {
					fmt.Fprintf(cmd.OutOrStdout(), done, n)
				}
				return err
			})
		},
	}
	o.flags(cmd)
	if kind == alerting.SendAgain {
		cmd.Flags().StringVar(&to, "to", "", "name of the webhook whose receiver gets them (default: their own)")
	}
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
		if room := h.Room(); room != "" {
			line += "; " + room
		}
		if h.Failing != nil {
			line += fmt.Sprintf("; failing since %s: %s", h.Failing.Format("2006-01-02 15:04 UTC"), h.Error)
		}
		if h.Gone {
			line += "; it has no receiver any more: give it a forward, or send them --to another, or drop them"
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

// Bound is how much the webhook of a probe may hold for its receiver.
func (d forwardDesk) Bound(probe string) webhooks.Bound {
	if c := d.p.config.Load(); c != nil {
		return targets(c.Watches())[probe].Most
	}
	return webhooks.Bound{}
}

// RuleForwards sends dead events of a source again or drops them.
func (d forwardDesk) RuleForwards(ctx context.Context, source string, chosen webhooks.Chosen, act alerting.Act) (int, error) {
	probe, chosen, err := chosenOf(ctx, d.p.Store, d.Sources(), source, chosen, act)
	if err != nil {
		return 0, err
	}
	n, err := d.p.Store.RuleForwards(ctx, probe, chosen, act)
	if err == nil {
		d.p.forwarder.Wake(cmp.Or(chosen.To, probe))
	}
	return n, err
}

// chosenOf finds the probe of a source by its name. Of one that hands on no
// more, and is named by its probe, what waits may be ruled on too: nobody else
// takes it.
func chosenOf(ctx context.Context, state memory, hands map[string]string, source string, chosen webhooks.Chosen, act alerting.Act) (string, webhooks.Chosen, error) {
	probe, has := hands[source]
	if !has {
		holding, err := state.Holding(ctx)
		if err != nil {
			return "", chosen, err
		}
		if probe = source; !slices.Contains(holding, probe) || slices.Contains(slices.Collect(maps.Values(hands)), probe) {
			return "", chosen, alerting.Unfit("no webhook %q has a forward, or events that wait for one", source)
		}
		chosen.Waiting = true
	}
	if chosen.To != "" {
		to, has := hands[chosen.To]
		if !has {
			return "", chosen, alerting.Unfit("no webhook %q has a forward", chosen.To)
		}
		chosen.To = to
	}
	if act.Kind == alerting.SendAgain && !has && chosen.To == "" {
		return "", chosen, alerting.Unfit("%s has no forward any more: give it one, or say with --to which webhook's receiver gets its events", source)
	}
	return probe, chosen, nil
}

// Forwards lists how handing on goes.
func (l local) Forwards(ctx context.Context) ([]web.HandedOn, error) {
	return web.ReadHandedOn(ctx, l.state, l.sources, func(probe string) webhooks.Bound { return l.hands[probe].Most })
}

// RuleForwards rules on dead events of a source; they are sent when the server
// runs again.
func (l local) RuleForwards(ctx context.Context, source string, chosen webhooks.Chosen, act alerting.Act) (int, error) {
	probe, chosen, err := chosenOf(ctx, l.state, l.sources, source, chosen, act)
	if err != nil {
		return 0, err
	}
	return l.state.RuleForwards(ctx, probe, chosen, act)
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
func (r remote) RuleForwards(ctx context.Context, source string, chosen webhooks.Chosen, act alerting.Act) (int, error) {
	ask := map[string]any{"source": source, "act": act.Kind, "numbers": chosen.Numbers, "to": chosen.To}
	var reply struct {
		Events int `json:"events"`
	}
	err := r.call(ctx, http.MethodPost, "/api/v1/forwards", ask, &reply)
	return reply.Events, err
}

// stranded says which sources hold events and have no receiver any more.
func (p *program) stranded(ctx context.Context) (told []string) {
	holding, err := p.Store.Holding(ctx)
	if err != nil {
		return nil // the page tells of a store that cannot be read
	}
	hands := slices.Collect(maps.Values(forwardDesk{p}.Sources()))
	for _, probe := range holding {
		if o, err := p.Store.Onward(ctx, probe); err == nil && !slices.Contains(hands, probe) {
			told = append(told, fmt.Sprintf("%s of %q wait for a receiver and it has none any more: give it a forward, or send or drop them with `shapewatch forwards`", count(int(o.Waiting+o.Dead), "event"), probe))
		}
	}
	return told
}
