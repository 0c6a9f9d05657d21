package main

import (
	"slices"
	"strings"

	"shapewatch/monitor"
	"shapewatch/probes"
)

// A judging completes the watch of what is asked by what its answers are judged
// by.
type judging struct {
	holds func(*probeBlock) bool
	judge func(*assembly, *apiBlock, *probeBlock, monitor.Watch) monitor.Watch
}

// judgings are all of them; the first that holds for a probe counts.
var judgings = []judging{
	{(*probeBlock).isWorkflow, (*assembly).workflowWatch},
	{func(b *probeBlock) bool { return b.graphql.schema.value }, (*assembly).schemaWatch},
	{func(b *probeBlock) bool { return b.graphql.asks() }, (*assembly).queryWatch},
	{always, (*assembly).contractWatch},
}

// asking makes a watch of what we ask for over HTTP.
func (m *assembly) asking(api *apiBlock, b *probeBlock) (w monitor.Watch, ok bool) {
	method, target := b.target()
	if method == "" || api.name.text == "" || strings.HasPrefix(target.value, "/") && api.base.text == "" {
		return w, false
	}
	asked, err := m.address(api, b, target)
	if err != nil {
		m.fault(target.at, err)
		return w, false
	}
	p := b.named(m.calling(api, b, strings.ToUpper(method), asked))
	at := target.at
	if b.name.text != "" {
		at = b.name.at
	}
	m.unique(p.ID, at, "probe", "probes of one API need different names: give one of them name: …")
	w = monitor.Watch{Probe: p, Policy: b.policy(p)}
	if p.Events != nil {
		w.Policy.View.Records = append(w.Policy.View.Records, "") // types of events are fields, however alike
	}
	w.Policy.Uses = append(w.Policy.Uses, m.usesFrom(b, p.Operation)...)
	i := slices.IndexFunc(judgings, func(j judging) bool { return j.holds(b) })
	return judgings[i].judge(m, api, b, w), true
}

// calling is the probe of one request, without a name.
func (m *assembly) calling(api *apiBlock, b *probeBlock, method string, asked address) probes.Probe {
	p := probes.Probe{
		API: api.name.value, Operation: method + " " + asked.template,
		Group: b.group.value, Owner: b.owner.value, Labels: plain(b.labels),
		Method: method, URL: asked.url, Header: b.header(), Query: b.parameters(asked.query),
		Body: b.payload(), Auth: m.auth(&b.auth),
		Timeout: b.timeout.value, MaxBody: b.maxBody.value, AllowPrivate: b.allowPrivate.value,
		Limits:   probes.HostLimits{PerSecond: b.limits.perSecond.value, Concurrent: b.limits.concurrent.value},
		Schedule: b.schedule(), Paging: b.paging.reading(), Events: b.events.reading(), Socket: b.saying(),
	}
	for _, l := range b.expect.status {
		p.Expect = append(p.Expect, l.value)
	}
	p.Secrets = m.secretsIn(p)
	return p
}

// named gives a probe its name, which is its operation when the file says none.
func (b *probeBlock) named(p probes.Probe) probes.Probe {
	if b.graphql.asks() && b.graphql.name != "" {
		p.Operation = "graphql " + b.graphql.name
	}
	if p.Name = b.name.value; p.Name == "" {
		p.Name = p.Operation
	}
	p.ID = p.API + "/" + p.Name
	return p
}

func (m *assembly) workflowWatch(api *apiBlock, b *probeBlock, w monitor.Watch) monitor.Watch {
	w.Workflow = m.workflow(api, b, w.Probe)
	operation := "workflow " + w.Probe.Name
	w.Probe.Operation, w.Policy.Operation = operation, operation
	w.Probe.Timeout = w.Workflow.Longest()
	w.Policy.View.Records = append(w.Policy.View.Records, "") // steps are fields, however alike
	w.Contract = m.contractOfSteps(b, w)
	w.Policy.Known = m.knowSteps(b, w)
	return w
}

func (m *assembly) queryWatch(_ *apiBlock, b *probeBlock, w monitor.Watch) monitor.Watch {
	m.queries[w.Probe.ID] = b.graphql.text
	return w // a contract of paths knows no queries
}

func (m *assembly) contractWatch(_ *apiBlock, b *probeBlock, w monitor.Watch) monitor.Watch {
	w.Contract = m.contract(b, w.Probe)
	w.Policy.Known = m.know(b, w.Probe)
	return w
}
