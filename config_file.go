package main

import (
	"shapewatch/monitor"
	"shapewatch/probes"
)

var fileRows = []key[probeBlock]{
	{"file", "A file on this machine, a folder or a pattern instead of a request: the newest file is read, as JSON, NDJSON, CSV, TSV or XML by the end of its name, also with `.gz`. Relative to this file.", "/srv/drop/orders-*.csv",
		func(b *probeBlock) setting { return a(&b.path, aFile) }},
}

// isFile reports whether a probe reads files.
func (b *probeBlock) isFile() bool { return b.path.text != "" }

// checkFile checks that a file is only read.
func (r *reader) checkFile(f fields) {
	for _, name := range append(methods[:], "workflow", "cleanup", "within", "grace", "max_runtime", "key", "body", "json", "params", "expect", "paginate", "events", "headers", "query", "auth") {
		if at, ok := f.at[name]; ok {
			r.problem(at, "a file is read, nothing is sent: keep one of them", "both file and %s", name)
		}
	}
}

// opening makes a watch of files.
func (m *assembly) opening(api *apiBlock, b *probeBlock) (w monitor.Watch, ok bool) {
	if api.name.text == "" {
		return w, false
	}
	p := b.named(probes.Probe{
		API: api.name.value, Operation: "file " + b.path.text,
		Group: b.group.value, Owner: b.owner.value, Labels: plain(b.labels),
		Timeout: b.timeout.value, MaxBody: b.maxBody.value, Schedule: b.schedule(),
	})
	m.unique(p.ID, b.path.at, "probe", "probes of one API need different names: give one of them name: …")
	w = monitor.Watch{Probe: p, Policy: b.policy(p), File: b.path.file()}
	w.Policy.Uses = append(w.Policy.Uses, m.usesFrom(b, p.Operation)...)
	return w, true
}
