package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"golang.org/x/term"

	"shapewatch/monitor"
	"shapewatch/store"
)

// A serveOptions is what the command line of `serve` says.
type serveOptions struct {
	config, listen, store string
	url                   string
	every                 time.Duration
	allowPrivate          bool
}

// newServeCommand is `shapewatch serve`.
func newServeCommand() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Watch the configured APIs, tell what changes, serve the page",
		Long: "Watch the configured APIs until told to stop: ask on schedule, learn, compare,\n" +
			"tell what changes, and serve the page. State is kept in one file, over restarts.\n" +
			"Saving the configuration, or SIGHUP, reloads it; a file with mistakes is refused\n" +
			"and the one before stays in force. Ctrl-C or SIGTERM lets checks under way\n" +
			"finish and ends.\n\n" +
			"With --url no file is needed: one address is watched, and remembered in memory\n" +
			"unless --store names a file.",
		Example: "  shapewatch serve\n  shapewatch serve --url https://api.example.com/v1/charges --every 30s",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.url != "" && cmd.Flags().Changed("config") {
				return usageError(errors.New("--url needs no configuration: leave out --config, or add the address to the file"))
			}
			if o.url == "" && (cmd.Flags().Changed("every") || cmd.Flags().Changed("allow-private")) {
				return usageError(errors.New("--every and --allow-private go with --url: in a configuration each API says them"))
			}
			return serve(cmd.Context(), o, cmd)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.config, "config", defaultConfigFile, "configuration file")
	flags.StringVar(&o.listen, "listen", "", "address of the page, HOST:PORT (default: page.listen of the configuration)")
	flags.StringVar(&o.store, "store", "", "file for state (default: store.path of the configuration)")
	flags.StringVar(&o.url, "url", "", "watch this address; needs no configuration file")
	flags.DurationVar(&o.every, "every", 30*time.Second, "how often, with --url")
	flags.BoolVar(&o.allowPrivate, "allow-private", false, "with --url: may ask loopback and private addresses")
	return cmd
}

func serve(ctx context.Context, o serveOptions, cmd *cobra.Command) error {
	held := &heldStore{options: o}
	c, err := o.load(held.excerpts)
	if err != nil {
		return errors.Join(err, held.Close())
	}
	listener, err := listen(cmp.Or(o.listen, c.Page().Listen))
	if err != nil {
		return errors.Join(err, held.Close())
	}
	defer listener.Close()
	state, err := held.open(c)
	if err != nil {
		return err
	}
	door := newRedacting(cmd.ErrOrStderr(), c.Secrets())
	held.save(ctx, logTo(door))
	p, err := newProgram(ctx, programOptions{
		Config: c, Store: state, Listener: listener,
		Out: cmd.OutOrStdout(), Color: colored(cmd.OutOrStdout()), Log: logTo(door), Hide: door.hide,
	})
	if err != nil {
		return err
	}
	o.greet(cmd.ErrOrStderr(), c, p)
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return p.run(ctx) })
	if o.url == "" {
		group.Go(func() error {
			return (&reloader{program: p, load: func() (*Config, error) { return held.reload(ctx, p) }, hangups: hangups}).run(ctx)
		})
	}
	return group.Wait()
}

// load reads the configuration, from the file or from the command line.
func (o serveOptions) load(kept func(store.Options) *keptExcerpts) (*Config, error) {
	if o.url != "" {
		return ConfigForURL(o.url, o.every, o.allowPrivate)
	}
	return loadConfig(o.config, os.LookupEnv, kept)
}

// state is where state is kept: with --url, in memory unless --store names a
// file.
func (o serveOptions) state(options store.Options) store.Options {
	if o.store != "" || o.url != "" {
		options.Path = o.store
	}
	return options
}

// greet says what runs now, and how to go on.
func (o serveOptions) greet(w io.Writer, c *Config, p *program) {
	for _, warning := range c.Warnings() {
		fmt.Fprintln(w, warning)
	}
	state := "in memory: gone when this ends (--store FILE keeps it)"
	if path := cmp.Or(o.store, c.Store().Path); path != "" && (o.url == "" || o.store != "") {
		state = path
	}
	end := "Ctrl-C ends it; saving " + o.config + " reloads it"
	if o.url != "" {
		end = "Ctrl-C ends it; shapewatch init --url writes a configuration to keep"
	}
	fmt.Fprintf(w, "watching  %s\npage      %s\nalerts    %s\nstate     %s\n",
		watchedWords(c.Watches()), pageAddress(p.Listener), channelsOf(c), state)
	if p.tracer != nil {
		fmt.Fprintf(w, "traces    %s\n", p.tracer.Host())
	}
	fmt.Fprintln(w, end)
}

// watchedWords is "3 APIs with 12 probes, every 5m".
func watchedWords(watches []monitor.Watch) string {
	var apis, rhythms []string
	for _, w := range watches {
		rhythm := "every " + brief(w.Probe.Schedule.Every)
		if w.Probe.Schedule.Cron != "" {
			rhythm = "by cron"
		}
		apis, rhythms = addNew(apis, w.Probe.API), addNew(rhythms, rhythm)
	}
	words := count(len(apis), "API")
	if len(apis) == 1 {
		words = apis[0]
	}
	words += " with " + count(len(watches), "probe")
	if len(rhythms) == 1 {
		words += ", " + rhythms[0]
	}
	return words
}

// brief is a duration without parts that are zero: "5m", "1h", "30s".
func brief(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func addNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// pageAddress is where a person on this machine opens the page.
func pageAddress(l net.Listener) string {
	if at, ok := l.Addr().(*net.TCPAddr); ok && at.IP.IsUnspecified() {
		return fmt.Sprintf("http://localhost:%d (and every address of this machine)", at.Port)
	}
	return "http://" + l.Addr().String()
}

func logTo(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

// colored reports whether w is a terminal that wants colours.
func colored(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

// temporaryStore opens a store that is gone when the program ends.
func temporaryStore() (state memory, remove func() error, err error) {
	folder, err := os.MkdirTemp("", "shapewatch-")
	if err != nil {
		return nil, nil, err
	}
	remove = func() error { return os.RemoveAll(folder) }
	state, err = openStore(store.Options{Path: folder + "/demo.db"})
	if err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	return state, remove, nil
}
