package main

import (
	"crypto/subtle"
	"net/http"
	"slices"
	"time"

	"shapewatch/contracts"
	"shapewatch/forwarding"
	"shapewatch/monitor"
	"shapewatch/probes"
	"shapewatch/web"
	"shapewatch/webhooks"
)

// sourceBlock is an address of ours that a vendor sends events to.
type sourceBlock struct {
	name, key, scheme                    leaf[string]
	secrets, quiet                       []leaf[string]
	timezone                             leaf[string]
	header, prefix, idHeader, typeHeader leaf[string]
	forward                              forwardBlock
}

var sourceKeys = block[sourceBlock]{
	name: "Source", doc: "An address of ours, `/in/NAME`, that a vendor sends events to. Each is verified, kept once, learned from under its type, and missed when it stops to come.",
	fresh: func() sourceBlock { return sourceBlock{forward: freshForward()} }, needs: []string{"name", "signed"},
	keys: []key[sourceBlock]{
		{"name", "Name in the address.", "orders", func(b *sourceBlock) setting { return a(&b.name, aStepName) }},
		{"signed", "How the vendor signs; `hmac` with `header` for one with a header of its own, `no` for one that does not, which then needs a `key`.", "stripe", func(b *sourceBlock) setting {
			return a(&b.scheme, choice("standard", "github", "stripe", "slack", "shopify", "hmac", "no"))
		}},
		{"secrets", "What it signs with; two while they are rotated.", "[\"${STRIPE_WEBHOOK_SECRET}\"]", func(b *sourceBlock) setting { return many[string]{&b.secrets, aSecret} }},
		{"key", "What the address must also have: `/in/KEY/NAME`.", "\"${IN_KEY}\"", func(b *sourceBlock) setting { return a(&b.key, aSecret) }},
		{"header", "With `hmac`: the header that holds the signature, in hex or base64.", "X-Acme-Signature", func(b *sourceBlock) setting { return a(&b.header, aHeaderName) }},
		{"prefix", "With `hmac`: what goes before the signature.", "\"sha256=\"", func(b *sourceBlock) setting { return a(&b.prefix, aText) }},
		{"id_header", "With `hmac` or `no`: the header with the event's id; else the body's `id`.", "X-Acme-Delivery", func(b *sourceBlock) setting { return a(&b.idHeader, aHeaderName) }},
		{"type_header", "With `hmac` or `no`: the header with the event's type; else the body's `type`.", "X-Acme-Event", func(b *sourceBlock) setting { return a(&b.typeHeader, aHeaderName) }},
		{"timezone", "On whose clocks its week is read, to know when silence is unusual: of the people whose work makes the events. UTC when nothing is said, and then an hour earlier or later is no news.", "Europe/Paris", func(b *sourceBlock) setting { return a(&b.timezone, aTimezone) }},
		{"quiet", "Times in which nothing needs to come, on the clocks of `timezone`: hours of each day, a day of the week, days of a year or of each.", "[\"22:00-06:00\", \"sun\", \"12-24\", \"2026-08-03..2026-08-14\"]", func(b *sourceBlock) setting { return many[string]{&b.quiet, aQuiet} }},
		{"forward", "Your own receiver, which gets every event as it came.", "{ url: \"https://orders.internal/hooks/stripe\" }", func(b *sourceBlock) setting {
			return optional(in(&b.forward, &forwardKeys), func() bool { return !b.forward.hands() })
		}},
	},
	after: func(r *reader, b *sourceBlock, f fields) { r.afterSource(b, f) },
}

// checkSource checks that a source of webhooks asks nothing.
func (r *reader) checkSource(f fields) {
	for _, name := range append(methods[:], "workflow", "cleanup", "within", "grace", "max_runtime", "key", "body", "json", "params", "operation", "expect") {
		if at, ok := f.at[name]; ok {
			r.problem(at, "a webhook is the vendor calling us: keep one of them", "both webhook and %s", name)
		}
	}
}

func (r *reader) afterSource(b *sourceBlock, f fields) {
	has := func(name string) bool { _, ok := f.at[name]; return ok }
	own := b.scheme.value == "hmac" || b.scheme.value == "no"
	switch {
	case b.scheme.value == "no" && !has("key"):
		r.problem(f.at[""], "add key: \"${NAME}\", and give the vendor /in/KEY/NAME", "what nobody signs needs a key in its address")
	case b.scheme.value == "no" && has("secrets"):
		r.problem(f.at["secrets"], "say how the vendor signs, or remove it", "secrets, and nothing is signed")
	case b.scheme.value != "no" && b.scheme.text != "" && len(b.secrets) == 0:
		r.problem(f.at[""], "add secrets: [\"${NAME}\"]", "no secret to verify with")
	case b.scheme.value == "hmac" && !has("header"):
		r.problem(f.at[""], "add header: X-…", "hmac needs the header that holds the signature")
	}
	for _, name := range []string{"header", "prefix", "id_header", "type_header"} {
		if has(name) && !own {
			r.problem(f.at[name], "remove it, or write signed: hmac", "%s says by itself where things are", b.scheme.value)
		}
	}
}

// aQuiet is a time in which nothing needs to come.
var aQuiet = text("hours (22:00-06:00), a day of the week (sat) or days (2026-12-24, 12-24, 2026-12-24..2027-01-01)", func(s string) error {
	_, err := webhooks.ReadQuiet(s)
	if err != nil {
		return wrong("hours \"22:00-06:00\", a day \"sat\", or days \"2026-12-24..2027-01-01\"", "%s", err)
	}
	return nil
}, object{})

// times say on whose clocks a source lives, and when it is quiet.
func (b *sourceBlock) times() (t webhooks.Times) {
	if b.timezone.text != "" {
		t.Zone = zoneOf(b.timezone.value)
	}
	for _, q := range b.quiet {
		if read, err := webhooks.ReadQuiet(q.value); err == nil { // else it has been reported
			t.Quiet = append(t.Quiet, read)
		}
	}
	return t
}

// schemeOf is how the vendor signs.
func (b *sourceBlock) schemeOf() webhooks.Scheme {
	switch b.scheme.value {
	case "hmac":
		return webhooks.HMAC(b.header.value, b.prefix.value, b.idHeader.value, b.typeHeader.value)
	case "no":
		return webhooks.Unsigned(b.idHeader.value, b.typeHeader.value)
	}
	all := webhooks.Schemes()
	i := slices.IndexFunc(all, func(s webhooks.Scheme) bool { return s.Name == b.scheme.value })
	return all[max(i, 0)] // an unknown one has been reported
}

// looksForEvents is how often we look whether a source has fallen silent; an
// event that arrives is looked at once.
const looksForEvents = 30 * time.Second

// isWebhook reports whether a probe is a source of webhooks.
func (b *probeBlock) isWebhook() bool { return b.webhook.name.text != "" }

// receiving makes a watch of a source of webhooks.
func (m *assembly) receiving(api *apiBlock, b *probeBlock) (w monitor.Watch, ok bool) {
	h := &b.webhook
	if api.name.text == "" {
		return w, false
	}
	p := probes.Probe{
		API: api.name.value, Name: "webhook " + h.name.value, Operation: "webhook " + h.name.value,
		Group: b.group.value, Owner: b.owner.value, Labels: plain(b.labels),
		Schedule: probes.Schedule{Every: looksForEvents},
	}
	if b.name.text != "" {
		p.Name = b.name.value
	}
	p.ID = p.API + "/" + p.Name
	m.unique(p.ID, h.name.at, "probe", "probes of one API need different names: give one of them name: …")
	m.unique(h.name.value, h.name.at, "webhook", "the name is its address: rename one of them")
	return monitor.Watch{Probe: p, Policy: ofEvents(b.policy(p)), Source: &monitor.Source{
		Name: h.name.value, Key: h.key.value, Scheme: h.schemeOf(), Secrets: texts(h.secrets), MaxBody: b.maxBody.value, Times: h.times(), Forward: m.handedOn(&h.forward),
	}}, true
}

// ofEvents is a policy for events: their types are fields, however alike, and
// come one at a time.
func ofEvents(p contracts.Policy) contracts.Policy {
	p.View.Records, p.OneOf = append(p.View.Records, ""), true
	return p
}

// receiverOf finds the source that may be sent to with this key and name.
func (p *program) receiverOf(key, name string) (web.Receiver, bool) {
	c := p.config.Load()
	if c == nil {
		return web.Receiver{}, false
	}
	watches := c.Watches()
	i := slices.IndexFunc(watches, func(w monitor.Watch) bool { return w.Source != nil && w.Source.Name == name })
	if i < 0 || subtle.ConstantTimeCompare([]byte(watches[i].Source.Key), []byte(key)) != 1 {
		return web.Receiver{}, false
	}
	s := watches[i].Source
	return web.Receiver{Probe: watches[i].Probe.ID, Scheme: s.Scheme, Secrets: s.Secrets, MaxBody: s.MaxBody}, true
}

// targets are the receivers of all sources that hand on, by probe.
func targets(watches []monitor.Watch) map[string]forwarding.Target {
	all := map[string]forwarding.Target{}
	for _, w := range watches {
		if w.Source != nil && w.Source.Forward != nil {
			all[w.Probe.ID] = *w.Source.Forward
		}
	}
	return all
}

// in answers what vendors send.
func (p *program) in() http.Handler {
	return web.In(web.InOptions{Known: p.receiverOf, Receive: p.monitor.Receive, Refuse: p.monitor.Refuse, Stray: p.monitor.Stray, Log: p.Log})
}

// A reception says on the page what comes to sources.
type reception struct{ p *program }

// Receiving are the sources: the probe of each, by its name.
func (r reception) Receiving() map[string]string {
	named := map[string]string{}
	if c := r.p.config.Load(); c != nil {
		for _, w := range c.Watches() {
			if w.Source != nil {
				named[w.Source.Name] = w.Probe.ID
			}
		}
	}
	return named
}

// Times are those of the source of a probe.
func (r reception) Times(probe string) (t webhooks.Times) {
	if c := r.p.config.Load(); c != nil {
		for _, w := range c.Watches() {
			if w.Source != nil && w.Probe.ID == probe {
				return w.Source.Times
			}
		}
	}
	return t
}

// Intake is what came to the source of a probe since the start.
func (r reception) Intake(probe string) webhooks.Intake { return r.p.monitor.Intake(probe) }

// Strays is how many came to an address that no source has, since the start.
func (r reception) Strays() uint64 { return r.p.monitor.Strays() }
