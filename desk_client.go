package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"shapewatch/alerting"
	"shapewatch/forwarding"
	"shapewatch/monitor"
	"shapewatch/web"
	"shapewatch/webhooks"
)

// A counter is what commands ask and act at: the running server, or the store
// of one that is stopped.
type counter interface {
	alerting.Desk
	Incidents(ctx context.Context, api string, max int) ([]alerting.Incident, error)
	Incident(ctx context.Context, id string) (alerting.Incident, error)
	Forwards(ctx context.Context) ([]web.HandedOn, error)
	RuleForwards(ctx context.Context, source string, chosen webhooks.Chosen, act alerting.Act) (int, error)
	Close() error
}

// A counterOptions is what the command line says of where to ask.
type counterOptions struct{ config, server string }

func (o *counterOptions) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.config, "config", defaultConfigFile, "configuration file")
	cmd.Flags().StringVar(&o.server, "server", "", "URL of a running server (default: page.listen of the configuration)")
}

// tokenVariable is where the commands look for the page's token first.
const tokenVariable = "SHAPEWATCH_TOKEN"

// open finds the running server, or else opens the store.
func (o counterOptions) open(ctx context.Context) (counter, error) {
	if o.server != "" {
		return newRemote(o.server, web.Access{Token: os.Getenv(tokenVariable)})
	}
	c, err := LoadConfig(o.config, os.LookupEnv)
	if err != nil {
		return nil, err
	}
	server, alive, err := o.serverOf(ctx, c)
	switch {
	case err != nil:
		return nil, err
	case alive:
		return server, nil
	}
	state, err := storeAtRest(c.Store())
	if err != nil {
		return nil, fmt.Errorf("no server answers at %s, and its store cannot be used: %w", server.base, err)
	}
	desk := monitor.NewDesk(monitor.DeskOptions{Store: state, Alerts: func() monitor.Alerts { return alertsOf(c) }})
	return local{desk, state, sources(c.Watches()), targets(c.Watches())}, nil
}

// serverOf is the server that was named, or the one of a configuration if it
// runs.
func (o counterOptions) serverOf(ctx context.Context, c *Config) (server remote, alive bool, err error) {
	if o.server != "" {
		server, err = newRemote(o.server, web.Access{Token: os.Getenv(tokenVariable)})
		return server, err == nil, err
	}
	access := c.Access()
	access.Token = cmp.Or(os.Getenv(tokenVariable), access.Token)
	if server, err = newRemote("http://"+reachable(c.Page().Listen), access); err != nil {
		return server, false, err
	}
	alive, err = server.alive(ctx)
	return server, alive, err
}

// reachable is the address at which this machine reaches a listener.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// local acts on the store of a server that is stopped. What is to be told is
// told when it runs again.
type local struct {
	*monitor.Desk
	state   memory
	sources map[string]string            // webhooks that hand on: probes by name
	hands   map[string]forwarding.Target // by probe
}

func (l local) Incidents(ctx context.Context, api string, max int) ([]alerting.Incident, error) {
	return l.state.Incidents(ctx, api, max)
}

func (l local) Incident(ctx context.Context, id string) (alerting.Incident, error) {
	return l.state.Incident(ctx, id)
}

func (l local) Close() error { return l.state.Close() }

// at runs do at the counter, with the errors of acts as a person reads them.
func (o counterOptions) at(cmd *cobra.Command, do func(context.Context, counter) error) error {
	c, err := o.open(cmd.Context())
	if err != nil {
		return err
	}
	err = do(cmd.Context(), c)
	if errors.Is(err, alerting.ErrNotFound) || errors.Is(err, alerting.ErrUnfit) {
		err = usageError(err)
	}
	return errors.Join(err, c.Close())
}

// liveIDs completes the IDs of open incidents, or of silences in force.
func (o *counterOptions) liveIDs(list func(context.Context, counter) ([]string, error)) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		c, err := o.open(ctx)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer c.Close()
		all, err := list(ctx, c)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var fitting []string
		for _, id := range all {
			if strings.HasPrefix(id, begun) {
				fitting = append(fitting, id)
			}
		}
		return fitting, cobra.ShellCompDirectiveNoFileComp
	}
}

// completed is how many IDs are offered at most.
const completed = 100

// openIDs are the open incidents, each with its title.
func openIDs(ctx context.Context, c counter) (ids []string, err error) {
	all, err := c.Incidents(ctx, "", completed)
	for _, inc := range all {
		if inc.Open() {
			ids = append(ids, inc.ID+"\t"+plainText(inc.API+": "+inc.Title))
		}
	}
	return ids, err
}

// silenceIDs are the silences in force, each with what it is about.
func silenceIDs(ctx context.Context, c counter) (ids []string, err error) {
	all, err := c.Silences(ctx)
	for _, s := range all {
		if s.Ended.IsZero() {
			ids = append(ids, s.ID+"\t"+plainText(s.Matcher.String()))
		}
	}
	return ids, err
}

// plainText keeps text on one line of a terminal: it may come from a vendor.
func plainText(text string) string { return alerting.Visible(text) }

// userAgent tells the server that a command asks.
func userAgent() string { return "shapewatch/" + programVersion() }

// httpTimeout bounds one call of the server.
const httpTimeout = 10 * time.Second

func newHTTPClient() *http.Client { return &http.Client{Timeout: httpTimeout} }
