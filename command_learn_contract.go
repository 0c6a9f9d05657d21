package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"shapewatch/contracts"
	"shapewatch/contracts/openapi"
	"shapewatch/monitor"
)

// A contractOptions is what the command line says about writing contracts.
type contractOptions struct {
	config, folder string
	force          bool
}

func (o *contractOptions) flags(flags *pflag.FlagSet) {
	flags.StringVar(&o.config, "config", defaultConfigFile, "configuration file, for names of APIs")
	flags.StringVar(&o.folder, "contracts", "contracts", "folder for the contracts of APIs")
	flags.BoolVar(&o.force, "force", false, "write contracts that are not settled yet, and over files that are there")
}

// namesAPIs tells names of APIs from files and addresses: nothing is all APIs.
func namesAPIs(args []string) bool {
	for _, a := range args {
		if a == "-" || isAddress(a) || strings.ContainsAny(a, `/\`) {
			return false
		}
		if _, err := os.Stat(a); err == nil || filepath.Ext(a) != "" {
			return false
		}
	}
	return true
}

// learn writes the contracts of these APIs, or of all.
func (o contractOptions) learn(ctx context.Context, apis []string, out io.Writer) error {
	c, watches, err := loadNamed(o.config, apis)
	if err != nil {
		return err
	}
	state, err := storeAtRest(c.Store())
	if err != nil {
		return err
	}
	defer state.Close()
	written := 0
	for _, api := range apisOf(watches) {
		w := contractWriter{state: state, folder: o.folder, force: o.force}
		file, why, err := w.write(ctx, api.name, api.watches)
		switch {
		case err != nil:
			return err
		case why != "":
			fmt.Fprintf(out, "%s: %s\n", api.name, why)
		default:
			written++
			fmt.Fprintf(out, "%s: wrote %s\n", api.name, file)
		}
	}
	if written == 0 {
		return &exitError{code: 3, err: errors.New("no contract was written")}
	}
	return nil
}

// An apiWatches is one API with what is watched of it.
type apiWatches struct {
	name    string
	watches []monitor.Watch
}

func apisOf(watches []monitor.Watch) (all []apiWatches) {
	for _, w := range watches {
		if n := len(all); n > 0 && all[n-1].name == w.Probe.API {
			all[n-1].watches = append(all[n-1].watches, w)
			continue
		}
		all = append(all, apiWatches{w.Probe.API, []monitor.Watch{w}})
	}
	return all
}

// A contractWriter writes what was learned of an API as its contract.
type contractWriter struct {
	state  monitor.Store
	folder string
	force  bool // before it has settled, and over what is there
}

// write writes the contract of one API. Why says, in words, what keeps it from
// being written.
func (w contractWriter) write(ctx context.Context, api string, watches []monitor.Watch) (file, why string, err error) {
	file = filepath.Join(w.folder, fileNameOf(api)+".yaml")
	if _, err := os.Stat(file); err == nil && !w.force {
		return file, file + " is there: --force writes over it", nil
	}
	lessons, why, err := w.lessons(ctx, watches)
	if err != nil || why != "" {
		return file, why, err
	}
	if err := os.MkdirAll(w.folder, 0o755); err != nil {
		return file, "", fmt.Errorf("contract of %s: %w", api, err)
	}
	return file, "", w.save(file, openapi.Learn(api, lessons))
}

// save puts a file in place whole, or not at all.
func (w contractWriter) save(file string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".contract-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	switch {
	case err != nil:
	case w.force:
		err = os.Rename(f.Name(), file)
	default:
		if err = os.Link(f.Name(), file); errors.Is(err, fs.ErrExist) {
			err = fmt.Errorf("%s came meanwhile: it is left alone", file)
		}
	}
	if rm := os.Remove(f.Name()); rm != nil && !errors.Is(rm, fs.ErrNotExist) {
		err = errors.Join(err, rm)
	}
	return err
}

// lessons are what was learned of each operation. Of jobs, events, workflows,
// files, schemas and reconciliations a contract says nothing, so it does not
// wait for them either.
func (w contractWriter) lessons(ctx context.Context, watches []monitor.Watch) (lessons []openapi.Lesson, why string, err error) {
	watches = slices.DeleteFunc(slices.Clone(watches), func(w monitor.Watch) bool { return !w.Plain() })
	if len(watches) == 0 {
		return nil, "nothing of it is a plain request: no contract can describe it", nil
	}
	for _, watch := range watches {
		memory, err := w.state.Recall(ctx, watch.Probe.API, watch.Probe.ID)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", watch.Probe.ID, err)
		}
		baseline, err := contracts.Restore(memory.Baseline, memory.Lessons)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", watch.Probe.ID, err)
		}
		settled, waits := baseline.Settled()
		switch {
		case baseline.Answers() == 0:
			return nil, watch.Probe.Name + ": nothing was learned yet", nil
		case !settled && !w.force:
			return nil, watch.Probe.Name + ": " + waits, nil
		}
		lessons = append(lessons, openapi.LearnedFrom(watch.Probe.Operation, watch.Probe.URL, baseline))
	}
	return lessons, "", nil
}

// fileNameOf is an API's name, fit for a file.
func fileNameOf(api string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '-'
		}
		return r
	}, strings.TrimLeft(api, "."))
}
