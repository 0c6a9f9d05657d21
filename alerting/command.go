package alerting

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// CommandOptions say what is run.
type CommandOptions struct {
	Name     string            // of the channel in routes
	Run      []string          // the program and its arguments; no shell reads them
	Env      map[string]string // added to PATH, HOME, LANG and TZ: nothing else is handed on
	Timeout  time.Duration     // 0 means 8 s
	Template string            // of the event's text; empty for the usual words
}

// A Command runs a program for each step, with the step as a CloudEvent on its
// standard input: the same that a [Webhook] posts.
//
// The first line that it prints is kept and handed back as SHAPEWATCH_REF at
// the next step of the incident. It ends with 0 when it has told, with 64, 65
// or 78 when trying again cannot help; all else, and what takes too long, is
// tried again.
type Command struct {
	options CommandOptions
	words   *Template
	courier courier
}

// defaultCommandTimeout is below what a delivery may take in all.
const defaultCommandTimeout = 8 * time.Second

// NewCommand returns a notifier, or an error that says what is wrong with the
// options.
func NewCommand(o CommandOptions) (*Command, error) {
	if len(o.Run) == 0 {
		return nil, errors.New("no program to run")
	}
	o.Timeout = cmp.Or(o.Timeout, defaultCommandTimeout)
	secrets := make([]string, 0, len(o.Env))
	for _, value := range o.Env {
		secrets = append(secrets, value)
	}
	words, err := newTemplate(o.Template, nil, maxTemplate)
	return &Command{o, words, newCourier(o.Name, nil, secrets...)}, err
}

// Channel is the name used in routes and on the page.
func (c *Command) Channel() string { return c.options.Name }

// Notify runs the program once.
func (c *Command) Notify(ctx context.Context, n Notice) (Receipt, error) {
	text, err := c.words.body(c.Channel(), n)
	if err != nil {
		return Receipt{}, err
	}
	event, err := marshal(cloudEventOf(n, text))
	if err != nil {
		return Receipt{}, c.courier.fail(err, true, 0)
	}
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	said, err := c.run(ctx, n, event)
	if err != nil {
		return Receipt{}, err
	}
	ref := n.Receipt.Ref
	if first, _, _ := strings.Cut(said, "\n"); strings.TrimSpace(first) != "" {
		ref = line(strings.TrimSpace(first), 200)
	}
	return receipt(c.Channel(), n, ref), nil
}

func (c *Command) run(ctx context.Context, n Notice, event []byte) (said string, err error) {
	out, trouble := &bounded{left: 4096}, &bounded{left: 4096}
	run := exec.CommandContext(ctx, c.options.Run[0], c.options.Run[1:]...)
	run.Stdin, run.Stdout, run.Stderr = bytes.NewReader(event), forgiving{out}, forgiving{trouble}
	run.Env, run.WaitDelay = c.environment(n), time.Second
	err = run.Run()
	var exit *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay) && ctx.Err() == nil:
		return out.String(), nil
	case ctx.Err() != nil:
		return "", c.courier.fail(fmt.Errorf("not finished within %s", c.options.Timeout), false, 0)
	case !errors.As(err, &exit):
		return "", c.courier.fail(fmt.Errorf("cannot be run: %w", err), true, 0)
	}
	code := exit.ExitCode()
	err = fmt.Errorf("ended with %d: %s", code, line(strings.TrimSpace(trouble.String()), 300))
	return "", c.courier.fail(err, code == 64 || code == 65 || code == 78, 0)
}

// forgiving takes everything and keeps what fits.
type forgiving struct{ *bounded }

func (f forgiving) Write(text []byte) (int, error) {
	_, _ = f.bounded.Write(text)
	return len(text), nil
}

// environment is what the program gets to see: our own secrets are not in it.
func (c *Command) environment(n Notice) []string {
	env := []string{"SHAPEWATCH_REF=" + n.Receipt.Ref, "SHAPEWATCH_STEP=" + string(n.Transition.Kind), "SHAPEWATCH_INCIDENT=" + n.Incident.ID}
	for _, name := range []string{"PATH", "HOME", "LANG", "TZ", "SystemRoot"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	for name, value := range c.options.Env {
		env = append(env, name+"="+value)
	}
	return env
}
