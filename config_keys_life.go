package main

import (
	"fmt"
	"slices"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/monitor"
)

// lifeBlock is what `alerts` says of the life of incidents: when they are told
// again, together, elsewhere or not at all.
type lifeBlock struct {
	reminders   []leaf[time.Duration]
	digest      digestBlock
	maintenance []maintenanceBlock
	mentions    map[string]leaf[string]
	fallback    leaf[string]
	canaries    []leaf[string]
}

type digestBlock struct{ at, timezone leaf[string] }

type maintenanceBlock struct {
	where                               place
	name, cron, timezone                leaf[string]
	lasts                               leaf[time.Duration]
	api, group, owner, operation, kinds leaf[string]
	labels                              map[string]leaf[string]
}

type quietBlock struct {
	from, to, timezone, except leaf[string]
}

// freshLife is what holds when `alerts` says nothing.
func freshLife() (b lifeBlock) {
	for _, d := range alerting.DefaultReminders {
		b.reminders = append(b.reminders, given(wordsOfReminder(d), aDuration))
	}
	b.digest = freshDigest()
	return b
}

// wordsOfReminder is a default as a person would write it: "4h", "7d".
func wordsOfReminder(d time.Duration) string {
	if d > 24*time.Hour && d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
	return brief(d)
}

func freshDigest() digestBlock {
	return digestBlock{at: given("09:00", aMoment), timezone: given("UTC", aTimezone)}
}

// lifeRows are the rows of [lifeBlock] under `alerts`.
func lifeRows() []key[alertsBlock] {
	return []key[alertsBlock]{
		{"reminders", "When an incident that nobody has acknowledged is told again, counted from when it was told; rising. An empty list reminds of nothing.", "[4h, 24h, 7d]",
			func(b *alertsBlock) setting { return many[time.Duration]{&b.life.reminders, aDuration} }},
		{"digest", "When additive changes are told, all of a day in one message.", "{ at: \"09:00\", timezone: Europe/Paris }",
			func(b *alertsBlock) setting { return in(&b.life.digest, &digestKeys) }},
		{"maintenance", "Times in which nothing is told of what they match. Probes go on; what still holds afterwards is told then.", "[{ cron: \"0 2 * * 0\", for: 2h, api: ledger }]",
			func(b *alertsBlock) setting {
				return blocks[maintenanceBlock]{into: &b.life.maintenance, block: &maintenanceKeys, fresh: func() (m maintenanceBlock) { return m }}
			}},
		{"mentions", "Who is called, by owner, when something opens or gets worse; written as the channel writes it.", "{ \"@payments\": \"<!subteam^S042>\" }",
			func(b *alertsBlock) setting { return pairs[string]{into: &b.life.mentions, kind: aText} }},
		{"fallback", "Channel that is told what another channel cannot take.", "\"#oncall\"",
			func(b *alertsBlock) setting { return a(&b.life.fallback, aText) }},
		{"canaries", "URLs that answer as long as your own network works. They are asked before anybody is told that an API cannot be reached; without any, up to three other APIs are.", "[\"https://status.acme.example/\"]",
			func(b *alertsBlock) setting { return many[string]{&b.life.canaries, anURL} }},
	}
}

var digestKeys = block[digestBlock]{
	name: "Digest", fresh: freshDigest,
	keys: []key[digestBlock]{
		{"at", "Time of day; `off` tells each additive change at once.", "\"09:00\"", func(b *digestBlock) setting { return a(&b.at, aMoment) }},
		{"timezone", "Time zone of `at`.", "Europe/Paris", func(b *digestBlock) setting { return a(&b.timezone, aTimezone) }},
	},
}

var maintenanceKeys = block[maintenanceBlock]{
	name: "Maintenance", doc: "What is written must all match, as in a route; with nothing written it is everything.",
	fresh: func() (b maintenanceBlock) { return b }, needs: []string{"cron", "for"},
	keys: []key[maintenanceBlock]{
		{"name", "Name under which it is shown; else its `cron`.", "weekly", func(b *maintenanceBlock) setting { return a(&b.name, aText) }},
		{"cron", "When it begins: minute, hour, day of month, month, day of week.", "\"0 2 * * 0\"", func(b *maintenanceBlock) setting { return a(&b.cron, aCron) }},
		{"timezone", "Time zone of `cron`; UTC when nothing is said.", "Europe/Paris", func(b *maintenanceBlock) setting { return a(&b.timezone, aTimezone) }},
		{"for", "How long it lasts, up to seven days.", "2h", func(b *maintenanceBlock) setting { return a(&b.lasts, aDuration) }},
		{"api", "Name of an API; * and ? stand for anything.", "ledger", func(b *maintenanceBlock) setting { return a(&b.api, aText) }},
		{"group", "Group.", "payments", func(b *maintenanceBlock) setting { return a(&b.group, aText) }},
		{"owner", "Owner.", "\"@payments\"", func(b *maintenanceBlock) setting { return a(&b.owner, aText) }},
		{"operation", "Operation, as alerts print it.", "\"GET /v1/*\"", func(b *maintenanceBlock) setting { return a(&b.operation, aText) }},
		{"kind", "Detector.", "field-removed", func(b *maintenanceBlock) setting { return a(&b.kinds, aText) }},
		{"labels", "Labels of the API.", "{ team: checkout }", func(b *maintenanceBlock) setting { return pairs[string]{into: &b.labels, kind: aText} }},
	},
	after: func(r *reader, b *maintenanceBlock, f fields) {
		b.where = f.at[""]
		if b.cron.text == "" || b.lasts.text == "" {
			return
		}
		if err := monitor.CheckMaintenance(b.maintenance()); err != nil {
			r.problem(b.cron.at, "cron: \"0 2 * * 0\" with for: 2h is Sundays from two to four", "%s", err)
		}
	},
}

func (b maintenanceBlock) maintenance() monitor.Maintenance {
	name := b.name.value
	if name == "" {
		name = b.cron.value
	}
	return monitor.Maintenance{
		Name: name, Cron: b.cron.value, Timezone: b.timezone.value, For: b.lasts.value,
		Matcher: alerting.Matcher{
			API: b.api.value, Group: b.group.value, Owner: b.owner.value, Operation: b.operation.value, Kind: b.kinds.value, Labels: plain(b.labels),
		},
	}
}

var quietKeys = block[quietBlock]{
	name: "Quiet", doc: "Hours in which a route's channels wait. What happened meanwhile is told when they are over, in order.",
	fresh: func() quietBlock {
		return quietBlock{timezone: given("UTC", aTimezone), except: given("breaking", aSeverity)}
	},
	needs: []string{"from", "to"},
	keys: []key[quietBlock]{
		{"from", "When they begin.", "\"22:00\"", func(b *quietBlock) setting { return a(&b.from, aMoment) }},
		{"to", "When they end; earlier than `from` means the next day.", "\"07:00\"", func(b *quietBlock) setting { return a(&b.to, aMoment) }},
		{"timezone", "Time zone of both.", "Europe/Paris", func(b *quietBlock) setting { return a(&b.timezone, aTimezone) }},
		{"except", "What this severe or worse is told at once all the same; `none` for nothing.", "breaking", func(b *quietBlock) setting { return a(&b.except, aSeverity) }},
	},
	after: func(r *reader, b *quietBlock, f fields) {
		if b.from.text != "" && b.from.value == b.to.value {
			r.problem(b.to.at, "leave quiet out, or silence what you do not want to hear", "quiet hours from %s to %s", b.from.value, b.to.value)
		}
		for _, l := range []leaf[string]{b.from, b.to} {
			if l.value == "off" {
				r.problem(l.at, "leave quiet out", "quiet hours cannot be off")
			}
		}
	},
}

var (
	aMoment   = text("a time of day: \"09:00\", or off", checkMoment, object{"pattern": `^([01]?[0-9]|2[0-3]):[0-5][0-9]$|^off$|\$\{`})
	aSeverity = choice("breaking", "warning", "info", "none")
)

func checkMoment(s string) error {
	if s == "off" {
		return nil
	}
	if _, err := time.Parse("15:04", s); err != nil {
		return wrong("hours and minutes of 24: \"09:00\"", "%q is no time of day", s)
	}
	return nil
}

// hours are a route's quiet hours; nil when it has none.
func (b quietBlock) hours() *alerting.Hours {
	if b.from.text == "" {
		return nil
	}
	h := &alerting.Hours{From: minutes(b.from.value), To: minutes(b.to.value), Zone: zoneOf(b.timezone.value), Except: contracts.Breaking + 1}
	if b.except.value != "none" {
		_ = h.Except.UnmarshalText([]byte(b.except.value)) // one of the three: checked when read
	}
	return h
}

// minutes is a time of day as minutes after midnight.
func minutes(moment string) int {
	t, err := time.Parse("15:04", moment)
	if err != nil {
		return 0 // refused when read
	}
	return 60*t.Hour() + t.Minute()
}

// zoneOf is a time zone that was checked when it was read.
func zoneOf(name string) *time.Location {
	if zone, err := time.LoadLocation(name); err == nil {
		return zone
	}
	return time.UTC
}

// checkLife checks what `alerts` says of the life of incidents.
func (r *reader) checkLife(f *configFile) {
	b := f.alerts.life
	for i, l := range b.reminders {
		if i > 0 && l.value <= b.reminders[i-1].value {
			r.problem(l.at, "write them rising: [4h, 24h, 7d]", "a reminder after %s, behind one after %s", l.value, b.reminders[i-1].value)
		}
	}
	if b.fallback.text != "" {
		r.checkChannel(f, b.fallback)
	}
	if len(b.maintenance) > 100 {
		r.problem(b.maintenance[100].where, "let one entry match more", "more than 100 maintenances")
	}
}

// checkChannel checks a channel that is named outside of the routes, as the
// routes would.
func (r *reader) checkChannel(f *configFile, l leaf[string]) {
	other := *f
	other.alerts.routes = []routeBlock{{channels: []leaf[string]{l}}}
	r.checkRoutes(&other)
}

// Alerts says who is told of what, and when not.
func (c *Config) Alerts() monitor.Alerts {
	b := c.file.alerts.life
	a := monitor.Alerts{Routes: c.Routes(), Canaries: texts(b.canaries)}
	for _, l := range b.reminders {
		a.Reminders = append(a.Reminders, l.value)
	}
	if b.digest.at.value != "off" {
		at := minutes(b.digest.at.value)
		a.Digest = &monitor.Daily{Hour: at / 60, Minute: at % 60, Zone: zoneOf(b.digest.timezone.value)}
	}
	for _, m := range b.maintenance {
		a.Maintenance = append(a.Maintenance, m.maintenance())
	}
	return a
}

// Mentions are who is called, by owner.
func (c *Config) Mentions() map[string]string { return plain(c.file.alerts.life.mentions) }

// Fallback is the channel that is told what another cannot take; empty for none.
func (c *Config) Fallback() string {
	if name := c.file.alerts.life.fallback.value; name != "" {
		return c.file.channel(name)
	}
	return ""
}

// fallbackChannels are the channels that are named outside of the routes.
func (f *configFile) fallbackChannels() []leaf[string] {
	if l := f.alerts.life.fallback; l.text != "" && l.value != defaultChannel {
		return slices.Clip([]leaf[string]{l})
	}
	return nil
}
