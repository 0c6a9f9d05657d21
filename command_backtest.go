package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/store"
)

// A backtest asks of what a store remembers: what would the rules of this
// configuration have told?
type backtest struct {
	config, against string
	days            int
	ndjson          bool
}

// A hindsight is one incident of the past under other rules.
type hindsight struct {
	Incident string             `json:"incident"`
	API      string             `json:"api"`
	Title    string             `json:"title"`
	Opened   time.Time          `json:"opened"`
	Was      contracts.Severity `json:"was"`
	Severity string             `json:"severity"` // under these rules; "none" when they report nothing of it
	Told     string             `json:"told"`     // who would have heard of it and when, in words
	Alert    bool               `json:"alert"`    // a message of its own, not a line of a digest
}

// maxBacktest is how many incidents are looked at, newest first.
const maxBacktest = 10_000

func (b backtest) run(ctx context.Context, out io.Writer, now time.Time) error {
	if b.days < 1 {
		return usageError(fmt.Errorf("--days %d: a day or more", b.days))
	}
	c, err := LoadConfig(b.config, os.LookupEnv)
	if err != nil {
		return err
	}
	options := c.Store()
	if b.against != "store" {
		options = store.Options{Path: b.against}
	}
	state, err := storeAtRest(options)
	if err != nil {
		return err
	}
	defer state.Close()
	incidents, err := state.Incidents(ctx, "", maxBacktest)
	if err != nil {
		return err
	}
	var seen []hindsight
	since := now.AddDate(0, 0, -b.days)
	for _, inc := range incidents {
		if !inc.Opened.Before(since) {
			seen = append(seen, lookBack(c, inc))
		}
	}
	if err := b.print(out, seen); err != nil {
		return err
	}
	return b.rehear(ctx, state, c.Watches(), out, now)
}

// lookBack judges one incident by the rules of a configuration.
func lookBack(c *Config, inc alerting.Incident) hindsight {
	h := hindsight{Incident: inc.ID, API: inc.API, Title: inc.Title, Opened: inc.Opened, Was: inc.Severity, Severity: "none"}
	as, watched := rejudged(c, inc)
	switch {
	case !watched:
		h.Told = "nobody: it is not watched any more"
		return h
	case len(as.Entries) == 0:
		h.Told = "nobody: ignored, or its detector is off"
		return h
	}
	a := alertsView{alertsOf(c)}
	h.Severity, h.Told = as.Severity.String(), a.told(c, as, as.Opened)
	h.Alert = as.Severity > contracts.Info && a.Muted(as, as.Opened).Mute == "" && len(a.Routes.Channels(as)) > 0
	return h
}

// rejudged is an incident with what the rules of a configuration leave of it,
// as it was when it opened.
func rejudged(c *Config, inc alerting.Incident) (as alerting.Incident, watched bool) {
	as = inc
	as.Entries, as.Severity, as.Condition, as.Handling = nil, contracts.Info, alerting.Firing, alerting.New
	as.Muted, as.Channels = alerting.Muting{}, nil
	for _, w := range c.Watches() {
		for _, e := range inc.Entries {
			if e.Probe != w.Probe.ID {
				continue
			}
			watched = true
			as.Group, as.Owner, as.Labels = w.Probe.Group, w.Probe.Owner, w.Probe.Labels
			if f, told := w.Policy.Rejudge(e.Finding); told {
				e.Finding = f
				as.Entries, as.Severity = append(as.Entries, e), max(as.Severity, f.Severity)
			}
		}
	}
	return as, watched
}

func (b backtest) print(out io.Writer, seen []hindsight) error {
	if b.ndjson {
		for _, h := range seen {
			line, err := json.Marshal(h)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(out, "%s\n", line); err != nil {
				return err
			}
		}
		return nil
	}
	alerts, before := 0, 0
	for _, h := range seen {
		fmt.Fprintf(out, "%s  %-8s  %s: %s\n    was %s; told: %s\n",
			h.Opened.UTC().Format("2006-01-02 15:04"), h.Severity, printable(h.API), printable(h.Title), h.Was, printable(h.Told))
		if h.Alert {
			alerts++
		}
		if h.Was > contracts.Info {
			before++
		}
	}
	_, err := fmt.Fprintf(out, "these rules would have sent %s in the last %s; %s of the %s then were more than additive.\n"+
		"What was ignored then was not recorded, and how much evidence an alarm needs is left as it was.\n",
		count(alerts, "alert"), count(b.days, "day"), fmt.Sprint(before), count(len(seen), "incident"))
	return err
}
