package sides

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"time"

	"shapewatch/probes"
	"shapewatch/reconcile"
)

// A Handover is the list of keys that repair gets, as JSON. It holds keys as
// the side that has the row writes them, and no other value.
type Handover struct {
	ID             string   `json:"id"` // of the run; the same list never has two
	Reconciliation string   `json:"reconciliation"`
	Left           string   `json:"left"`
	Right          string   `json:"right"`
	Differences    []Differ `json:"differences"`
}

// A Differ is one key, and how it differs.
type Differ struct {
	Key    map[string]string `json:"key"` // by the names of the key's fields
	How    reconcile.How     `json:"how"`
	Fields []string          `json:"fields,omitempty"` // that differ
}

// Add adds a difference.
func (h *Handover) Add(r *reconcile.Reconciliation, d *reconcile.Difference) {
	one := Differ{Key: map[string]string{}, How: d.How}
	for i, cell := range d.Raw {
		if cell.State == reconcile.There {
			one.Key[r.Keys[i].Name] = cell.Text
		}
	}
	for _, i := range d.Fields {
		one.Fields = append(one.Fields, r.Fields[i].Name)
	}
	h.Differences = append(h.Differences, one)
}

// Post hands a list over by a request: the body is the list, and the header
// Idempotency-Key its ID.
func Post(asker probes.Asker, to probes.Probe) func(context.Context, Handover) error {
	return func(ctx context.Context, h Handover) error {
		body, err := json.Marshal(h)
		if err != nil {
			return err
		}
		p := to
		p.Method, p.Body, p.Header = http.MethodPost, body, to.Header.Clone()
		if p.Header == nil {
			p.Header = http.Header{}
		}
		p.Header.Set("Content-Type", "application/json")
		p.Header.Set("Idempotency-Key", h.ID)
		s := asker.Do(ctx, p)
		if s.Status >= 200 && s.Status < 300 {
			return nil
		}
		if s.Problem == "" {
			return fmt.Errorf("answered %d", s.Status)
		}
		return errors.New(s.Problem)
	}
}

// commandTime is how long a command may take.
const commandTime = time.Minute

// Run hands a list over to a program, on its standard input. No shell reads its
// words, and of our environment it sees PATH, HOME, LANG and TZ.
func Run(words []string) func(context.Context, Handover) error {
	return func(ctx context.Context, h Handover) error {
		body, err := json.Marshal(h)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, commandTime)
		defer cancel()
		run := exec.CommandContext(ctx, words[0], words[1:]...)
		run.Stdin, run.WaitDelay = bytes.NewReader(body), time.Second
		run.Env = []string{"SHAPEWATCH_ID=" + h.ID}
		for _, name := range []string{"PATH", "HOME", "LANG", "TZ", "SystemRoot"} {
			if value, ok := os.LookupEnv(name); ok {
				run.Env = append(run.Env, name+"="+value)
			}
		}
		err = run.Run()
		var exit *exec.ExitError
		switch {
		case errors.As(err, &exit):
			return fmt.Errorf("the command ended with %d", exit.ExitCode())
		case err != nil:
			return fmt.Errorf("the command cannot be run: %w", err)
		}
		return nil
	}
}
