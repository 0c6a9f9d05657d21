package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
	"shapewatch/monitor"
	"shapewatch/probes"
)

type replayOptions struct {
	sensitivity string
	output      string
	config      string
	against     string
	days        int
	usesFrom    string
	uses        []string // that it names
}

func newReplayCommand() *cobra.Command {
	var o replayOptions
	cmd := &cobra.Command{
		Use:   "replay DIR|FILE.jsonl[.gz]|FILE.har…",
		Short: "Judge recorded responses as the server would have",
		Long: "Runs recorded responses through exactly the code that serve runs, at the times they\n" +
			"were recorded, and prints what would have been told. A folder holds files in the\n" +
			"order of their names, each a body or {status, headers, body}; a .jsonl file holds\n" +
			"one object a line with date and body, and perhaps status and headers.\n\n" +
			"Where samples are few and months apart, --sensitivity snapshot reports the first\n" +
			"sight of a structural change in a settled place; the default waits for evidence.\n\n" +
			"With --against store it judges, by the rules of --config, what the store remembers\n" +
			"instead of recordings: how many alerts these rules would have sent. What was\n" +
			"ignored when it came is not in the store.",
		Example: "  shapewatch replay recordings/orders\n  shapewatch replay history.jsonl.gz --output ndjson\n" +
			"  shapewatch replay --config new.yaml --against store --days 30",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd.Flags().Changed, args); err != nil {
				return usageError(err)
			}
			if o.against != "" {
				b := backtest{config: o.config, against: o.against, days: o.days, ndjson: o.output == "ndjson"}
				return b.run(cmd.Context(), cmd.OutOrStdout(), time.Now())
			}
			var err error
			if o.uses, err = usesFlag(o.usesFrom, "", func(note string) { fmt.Fprintf(cmd.ErrOrStderr(), "note: %s\n", printable(note)) }); err != nil {
				return err
			}
			return replay(cmd.Context(), o, args, cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.config, "config", defaultConfigFile, "with --against: configuration with the rules to try")
	flags.StringVar(&o.against, "against", "", "judge what this store remembers: a file, or \"store\" for the configuration's")
	flags.IntVar(&o.days, "days", 30, "with --against: how far to look back")
	flags.StringVar(&o.sensitivity, "sensitivity", string(contracts.Calm), "calm, alert or snapshot")
	flags.StringVarP(&o.output, "output", "o", "text", "text, or ndjson: one finding a line")
	flags.StringVar(&o.usesFrom, "uses-from", "", "type that answers are decoded into, FILE#Name: severity follows what it reads")
	return cmd
}

// check refuses what does not fit together; said tells which flags were given.
func (o replayOptions) check(said func(flag string) bool, args []string) error {
	switch contracts.Sensitivity(o.sensitivity) {
	case contracts.Calm, contracts.Alert, contracts.Snapshot:
	default:
		return fmt.Errorf("--sensitivity %s: want calm, alert or snapshot", o.sensitivity)
	}
	switch {
	case o.output != "text" && o.output != "ndjson":
		return fmt.Errorf("--output %s: want text or ndjson", o.output)
	case o.against == "" && (said("config") || said("days")):
		return errors.New("--config and --days belong to --against: recordings are judged without a configuration")
	case o.against == "" && len(args) == 0:
		return errors.New("name recordings, or a store to judge: replay recordings/orders, replay --against store")
	case o.against != "" && len(args) > 0:
		return fmt.Errorf("--against judges a store: leave %s out", args[0])
	case o.against != "" && said("sensitivity"):
		return errors.New("--sensitivity needs recordings: a store remembers what was found, not the answers")
	}
	return nil
}

func replay(ctx context.Context, o replayOptions, paths []string, out io.Writer) error {
	for _, path := range paths {
		if err := replayOne(ctx, o, path, out); err != nil {
			return err
		}
	}
	return nil
}

func replayOne(ctx context.Context, o replayOptions, path string, out io.Writer) error {
	p, err := newPlayer(o, seriesOf(path), out)
	if err != nil {
		return err
	}
	defer p.client.Close()
	for r, err := range samplesOf(path) {
		if err != nil {
			return usageError(err)
		}
		if err := p.play(ctx, r); err != nil {
			return err
		}
	}
	return p.sum()
}

// seriesOf names a recording after its folder or file.
func seriesOf(path string) string {
	name, _, _ := strings.Cut(filepath.Base(filepath.Clean(path)), ".")
	return name
}

// A player runs one recording.
type player struct {
	series    string
	ndjson    bool
	out       io.Writer
	tape      *tape
	client    *probes.Client
	probe     probes.Probe
	recording *monitor.Recording
	told      map[string]bool // fingerprints confirmed in the sample before
	samples   int
	incidents map[string]bool
}

func newPlayer(o replayOptions, series string, out io.Writer) (*player, error) {
	p := &player{series: series, ndjson: o.output == "ndjson", out: out, tape: &tape{}, incidents: map[string]bool{}}
	p.client = probes.NewClient(probes.Options{Transport: p.tape})
	p.probe = probes.Probe{
		ID: series, API: series, Name: "recorded", Operation: "GET " + series, URL: "http://recorded.invalid/",
		MaxBody: maxLine, Schedule: probes.Schedule{Every: probes.DefaultEvery},
		Limits: probes.HostLimits{PerSecond: 1e9, Concurrent: 1},
	}
	m := monitor.New(monitor.Options{Detectors: detectors.All()})
	var err error
	p.recording, err = m.Replay(monitor.Watch{Probe: p.probe, Policy: contracts.Policy{
		API: series, Operation: p.probe.Operation, Sensitivity: contracts.Sensitivity(o.sensitivity), Uses: o.uses,
	}})
	return p, err
}

// A tape answers a request with the response it holds.
type tape struct{ recorded }

// RoundTrip plays the response back.
func (t *tape) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.status == 0 {
		return nil, errors.New("no response was recorded")
	}
	return &http.Response{
		StatusCode: t.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: t.header, Body: io.NopCloser(bytes.NewReader(t.body)), ContentLength: int64(len(t.body)),
	}, nil
}

// play judges one response.
func (p *player) play(ctx context.Context, r recorded) error {
	p.tape.recorded = r
	s := p.client.Do(ctx, p.probe)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.At, s.Latency, s.RetryAt = r.at, 0, time.Time{} // as recorded; how fast we read a file says nothing
	step, err := p.recording.Next(s)
	if err != nil {
		return err
	}
	p.samples++
	if p.ndjson {
		return p.lines(r, step.Verdict)
	}
	return p.text(r, step)
}

// A replayLine is one finding, in the sample in which it was confirmed.
type replayLine struct {
	Series   string             `json:"series"`
	Sample   any                `json:"sample"`
	Date     time.Time          `json:"date"`
	Path     string             `json:"path"`
	Kind     string             `json:"kind"`
	Severity contracts.Severity `json:"severity"`
	Breaking bool               `json:"breaking"`
	Was      string             `json:"was"`
	Now      string             `json:"now"`
	Cause    string             `json:"cause,omitempty"`
}

// lines prints what this sample confirmed that the one before had not.
func (p *player) lines(r recorded, v contracts.Verdict) error {
	told := map[string]bool{}
	for _, f := range v.Confirmed {
		told[f.Fingerprint()] = true
		if p.told[f.Fingerprint()] || f.Evidence.Checks == 0 && !f.Evidence.Told {
			continue
		}
		err := json.NewEncoder(p.out).Encode(replayLine{
			Series: p.series, Sample: r.name, Date: r.at, Path: f.Path, Kind: f.Kind,
			Severity: f.Severity, Breaking: f.Severity == contracts.Breaking, Was: f.Was, Now: f.Now, Cause: f.Cause,
		})
		if err != nil {
			return err
		}
	}
	p.told = told
	return nil
}

// text prints the steps a person would have been told.
func (p *player) text(r recorded, step monitor.Replayed) error {
	var b strings.Builder
	for _, s := range step.Steps {
		for _, inc := range step.Incidents {
			if inc.ID == s.Incident {
				p.incidents[inc.ID] = true
				writeStep(&b, r, inc, s)
			}
		}
	}
	_, err := io.WriteString(p.out, b.String())
	return err
}

func writeStep(b *strings.Builder, r recorded, inc alerting.Incident, s alerting.Transition) {
	fmt.Fprintf(b, "%s  %-9s %-8s %s  (%v)\n", r.at.Format("2006-01-02 15:04"), s.Kind, inc.Severity, printable(inc.Title), r.name)
	if s.Kind == alerting.Closed {
		return
	}
	for _, e := range inc.Entries {
		f := e.Finding
		fmt.Fprintf(b, "    %s\n", printable(fmt.Sprintf("%s %s: was %s, now %s", f.Kind, f.Path, f.Was, f.Now)))
		if numbers := f.Evidence.Sentence(clockTime); numbers != "" {
			fmt.Fprintf(b, "      %s\n", numbers)
		}
	}
}

// sum ends a recording for a person.
func (p *player) sum() error {
	if p.ndjson {
		return nil
	}
	_, err := fmt.Fprintf(p.out, "%s: %d samples, %d incidents\n", p.series, p.samples, len(p.incidents))
	return err
}

// clockTime writes a time in a sentence.
func clockTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }
