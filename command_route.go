package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// A routeOptions is what the command line of `route test` says of an incident.
type routeOptions struct {
	config, api, group, owner, operation, kind, severity string
	labels                                               map[string]string
}

// newRouteCommand is `shapewatch route test`.
func newRouteCommand() *cobra.Command {
	parent := &cobra.Command{
		Use:   "route",
		Short: "Show which route an incident would take",
		Args:  noSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	parent.AddCommand(newRouteTestCommand())
	return parent
}

func newRouteTestCommand() *cobra.Command {
	var o routeOptions
	cmd := &cobra.Command{
		Use:   "test --api NAME",
		Short: "Show which routes an incident would take, and who would hear of it when",
		Long: "Tries the routes of the configuration on an incident as you describe it. Group,\n" +
			"owner and labels are those of the API in the configuration unless you say\n" +
			"others. Nothing is sent.",
		Example: "  shapewatch route test --api stripe --severity breaking\n  shapewatch route test --api stripe --kind field-new --severity info --label team=checkout",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.OutOrStdout(), time.Now()) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.config, "config", defaultConfigFile, "configuration file")
	flags.StringVar(&o.api, "api", "", "name of the API (needed)")
	flags.StringVar(&o.group, "group", "", "group (default: the API's)")
	flags.StringVar(&o.owner, "owner", "", "owner (default: the API's)")
	flags.StringVar(&o.operation, "operation", "", "operation, as alerts print it: 'GET /v1/charges/{id}'")
	flags.StringVar(&o.kind, "kind", "", "detector: field-removed")
	flags.StringVar(&o.severity, "severity", "breaking", "breaking, warning or info")
	flags.StringToStringVar(&o.labels, "label", nil, "label, name=value; may be repeated")
	return cmd
}

func (o routeOptions) run(out io.Writer, now time.Time) error {
	if o.api == "" {
		return usageError(fmt.Errorf("--api is needed: the name of an API"))
	}
	if o.kind != "" {
		if err := checkDetector(o.kind); err != nil {
			return usageError(fmt.Errorf("--kind: %w%s", err, hintOf(err)))
		}
	}
	c, err := LoadConfig(o.config, os.LookupEnv)
	if err != nil {
		return err
	}
	inc, err := o.incident(c)
	if err != nil {
		return usageError(err)
	}
	explainRoutes(out, alertsView{alertsOf(c)}, c, inc, now)
	return nil
}

// hintOf is what to write instead, in parentheses.
func hintOf(err error) string {
	if m, ok := errors.AsType[*mistake](err); ok && m.hint != "" {
		return " (" + m.hint + ")"
	}
	return ""
}

// incident is the incident that the command line describes.
func (o routeOptions) incident(c *Config) (inc alerting.Incident, err error) {
	if err := inc.Severity.UnmarshalText([]byte(o.severity)); err != nil {
		return inc, fmt.Errorf("--severity: %w", err)
	}
	inc.ID, inc.API, inc.Condition, inc.Handling = "inc_test", o.api, alerting.Firing, alerting.New
	for _, w := range c.Watches() {
		if w.Probe.API == o.api {
			inc.Group, inc.Owner, inc.Labels = w.Probe.Group, w.Probe.Owner, w.Probe.Labels
			break
		}
	}
	if o.group != "" {
		inc.Group = o.group
	}
	if o.owner != "" {
		inc.Owner = o.owner
	}
	if len(o.labels) > 0 {
		inc.Labels = o.labels
	}
	inc.Entries = []alerting.Entry{{Finding: contracts.Finding{API: o.api, Operation: o.operation, Kind: o.kind, Severity: inc.Severity}}}
	return inc, nil
}

// explainRoutes says of each route whether it takes an incident, and who hears
// of it when.
func explainRoutes(out io.Writer, a alertsView, c *Config, inc alerting.Incident, now time.Time) {
	taken := map[int]bool{}
	last := -1
	for _, i := range a.Routes.Taken(inc) {
		taken[i], last = true, i
	}
	for i, route := range a.Routes {
		word := "does not match"
		switch {
		case taken[i] && route.Continue:
			word = "takes it, and goes on"
		case taken[i]:
			word = "takes it"
		case last >= 0 && i > last && !a.Routes[last].Continue:
			word = "is not reached"
		}
		fmt.Fprintf(out, "route %d %-22s %s\n", i+1, word, wordsOfRoute(route))
	}
	fmt.Fprintln(out, "told      "+a.told(c, inc, now))
}

// wordsOfRoute says what a route matches and where it leads.
func wordsOfRoute(r alerting.Route) string {
	var parts []string
	list := func(name string, values []string) {
		if len(values) > 0 {
			parts = append(parts, name+" "+strings.Join(values, "|"))
		}
	}
	list("api", r.Match.APIs)
	list("group", r.Match.Groups)
	list("owner", r.Match.Owners)
	list("operation", r.Match.Operations)
	list("kind", r.Match.Kinds)
	if r.Match.Severity > contracts.Info {
		parts = append(parts, "severity "+r.Match.Severity.String())
	}
	if m := (alerting.Matcher{Labels: r.Match.Labels}); len(m.Labels) > 0 {
		parts = append(parts, m.String())
	}
	if len(parts) == 0 {
		parts = []string{"everything"}
	}
	channels := "nobody"
	if len(r.Channels) > 0 {
		channels = strings.Join(r.Channels, ", ")
	}
	return strings.Join(parts, ", ") + " -> " + channels
}
