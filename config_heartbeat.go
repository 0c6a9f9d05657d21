package main

import (
	"crypto/subtle"
	"net/http"
	"slices"
	"time"

	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/web"
)

// How often we look whether a job is late: twenty times between two runs, and
// within these.
const (
	looksBetweenRuns = 20
	mostOften        = time.Second
	leastOften       = 30 * time.Second
)

// heartbeatBlock is a job that calls us.
type heartbeatBlock struct {
	name, key         leaf[string]
	grace, maxRuntime leaf[time.Duration]
}

var heartbeatRows = []key[probeBlock]{
	{"heartbeat", "A job that calls us, by its name: `/beat/NAME`, `/beat/NAME/start`, `/beat/NAME/fail`, `/beat/NAME/3` for an exit code. `every`, or `cron` with `timezone`, says when a success is due.", "nightly-export",
		func(b *probeBlock) setting { return a(&b.heartbeat.name, aBeatName) }},
	{"grace", "How much later than due the success of a heartbeat may come; 1m when nothing is said.", "15m",
		func(b *probeBlock) setting { return a(&b.heartbeat.grace, aDuration) }},
	{"max_runtime", "How long a run of a heartbeat's job may take; three times the longest of late when nothing is said.", "2h",
		func(b *probeBlock) setting { return a(&b.heartbeat.maxRuntime, aDuration) }},
	{"key", "What the address of a heartbeat must also have, `/beat/KEY/NAME`: without it anybody who reaches the page can call.", "\"${BEAT_KEY}\"",
		func(b *probeBlock) setting { return a(&b.heartbeat.key, aSecret) }},
}

var aBeatName = text("a name of letters, digits, _ and -", checkBeatName, object{"pattern": `^[A-Za-z0-9_-]+$`})

// checkBeatName refuses what says how a run went, at the end of an address.
func checkBeatName(s string) error {
	if web.IsBeatVerb(s) {
		return wrong("it would be read as what a run says: /beat/NAME/"+s, "%q cannot be the name of a job", s)
	}
	return checkStepName(s)
}

// checkHeartbeat checks that a heartbeat asks nothing.
func (r *reader) checkHeartbeat(f fields) {
	for _, name := range append(methods[:], "webhook", "workflow", "cleanup", "within", "body", "json", "params", "operation", "expect") {
		if at, ok := f.at[name]; ok {
			r.problem(at, "a heartbeat is a job that calls us: keep one of them", "both heartbeat and %s", name)
		}
	}
}

// isHeartbeat reports whether a probe is one.
func (b *probeBlock) isHeartbeat() bool { return b.heartbeat.name.text != "" }

// listening makes a watch of a heartbeat: an API needs no address for it.
func (m *assembly) listening(api *apiBlock, b *probeBlock) (w monitor.Watch, ok bool) {
	h := b.heartbeat
	if api.name.text == "" {
		return w, false
	}
	p := probes.Probe{
		API: api.name.value, Name: h.name.value, Operation: "heartbeat " + h.name.value,
		Group: b.group.value, Owner: b.owner.value, Labels: plain(b.labels),
	}
	if b.name.text != "" {
		p.Name = b.name.value
	}
	p.ID = p.API + "/" + p.Name
	m.unique(p.ID, h.name.at, "probe", "probes of one API need different names: give one of them name: …")
	m.unique(h.name.value, h.name.at, "heartbeat", "the name is its address: rename one of them")
	due := b.schedule()
	if due.Cron != "" {
		due.Every = 0
	}
	p.Schedule.Every = min(max(due.Every/looksBetweenRuns, mostOften), leastOften)
	if due.Cron != "" {
		p.Schedule.Every = leastOften
	}
	grace := h.grace.value
	if h.grace.text == "" {
		grace = time.Minute
	}
	return monitor.Watch{
		Probe: p, Policy: b.policy(p),
		Heartbeat: &monitor.Heartbeat{Name: h.name.value, Key: h.key.value, Schedule: due, Grace: grace, MaxRuntime: h.maxRuntime.value},
	}, true
}

// withBeats answers what jobs call and vendors send before the page sees it.
func (p *program) withBeats(page http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", page)
	mux.Handle("/in/", p.in())
	mux.Handle("/beat/", web.Beats(web.BeatOptions{Known: p.heartbeatOf, Keep: p.monitor.Hear, Log: p.Log}))
	return mux
}

// heartbeatOf finds the job that may call with this key and name.
func (p *program) heartbeatOf(key, name string) (probe string, ok bool) {
	c := p.config.Load()
	if c == nil {
		return "", false
	}
	watches := c.Watches()
	i := slices.IndexFunc(watches, func(w monitor.Watch) bool { return w.Heartbeat != nil && w.Heartbeat.Name == name })
	if i < 0 || subtle.ConstantTimeCompare([]byte(watches[i].Heartbeat.Key), []byte(key)) != 1 {
		return "", false
	}
	return watches[i].Probe.ID, true
}
