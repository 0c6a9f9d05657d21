package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"shapewatch/contracts"
	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/webhooks"
	"shapewatch/workflows"
)

// bareWatch is what is known of a recording without a configuration.
func bareWatch(series string, kind lineKind) (w monitor.Watch, err error) {
	w.Probe = probes.Probe{
		ID: series, API: series, Name: "recorded", Operation: "GET " + series, URL: "http://recorded.invalid/",
		MaxBody: maxLine, Schedule: probes.Schedule{Every: probes.DefaultEvery},
	}
	w.Policy = contracts.Policy{API: series, Sensitivity: contracts.Calm}
	switch kind {
	case "":
	case aDelivery:
		w.Probe.Operation, w.Probe.Schedule.Every = "webhook "+series, looksForEvents
		w.Policy = ofEvents(w.Policy)
		w.Source = &monitor.Source{Name: series, Scheme: webhooks.Unsigned("", ""), MaxBody: maxLine}
	default:
		return w, fmt.Errorf("it is %s: --as API/PROBE names the probe of --config that it is of", kind.words())
	}
	w.Policy.Operation = w.Probe.Operation
	return w, nil
}

// watchNamed is the watch of a configuration that a name stands for: API/PROBE,
// or an API with one probe.
func watchNamed(config, name string) (w monitor.Watch, err error) {
	c, err := LoadConfig(config, os.LookupEnv)
	if err != nil {
		return w, err
	}
	var fit []monitor.Watch
	var ids []string
	for _, w := range c.Watches() {
		ids = append(ids, w.Probe.ID)
		if w.Probe.ID == name {
			return w, nil
		}
		if w.Probe.API == name {
			fit = append(fit, w)
		}
	}
	if len(fit) == 1 {
		return fit[0], nil
	}
	slices.Sort(ids)
	return w, usageError(fmt.Errorf("--as %s: no probe is called so; there are: %s", name, strings.Join(ids, ", ")))
}

// playable is a watch that asks nobody: no login, no pauses, no second page.
func playable(w monitor.Watch) monitor.Watch {
	w.Probe = unasked(w.Probe)
	if w.Workflow != nil {
		flow := *w.Workflow
		flow.Steps, flow.Cleanup = slices.Clone(flow.Steps), slices.Clone(flow.Cleanup)
		for _, list := range [][]workflows.Step{flow.Steps, flow.Cleanup} {
			for i := range list {
				list[i].Ask = unasked(list[i].Ask)
			}
		}
		w.Workflow = &flow
	}
	return w
}

func unasked(p probes.Probe) probes.Probe {
	p.Auth, p.Paging = nil, nil
	p.Limits = probes.HostLimits{PerSecond: 1e9, Concurrent: 1}
	return p
}

// errUnreplayed says what replay cannot do.
var errUnreplayed = errors.New("published documents and the schemas of GraphQL and gRPC APIs are not replayed: diff compares two of them")

// fits refuses a line that is none of the watch's.
func (p *player) fits(kind lineKind) error {
	w, want := p.watch, lineKind("")
	switch {
	case w.Spec != nil, w.Queries != nil, w.Methods != nil:
		return errUnreplayed
	case w.Source != nil:
		want = aDelivery
	case w.Heartbeat != nil:
		want = aBeat
	case w.Workflow != nil:
		want = aRun
	case w.Reconciliation != nil:
		want = ofRows
	}
	if kind == want {
		return nil
	}
	return fmt.Errorf("it is %s, and %s takes lines of kind %q", kind.words(), w.Probe.ID, orAnswer(want))
}

func orAnswer(k lineKind) lineKind {
	if k == "" {
		return "answer"
	}
	return k
}
