package main

import (
	"io"
	"slices"
	"strings"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// defaultChannel is how routes name the channel under `slack:`.
const defaultChannel = "slack"

// routes turns what was written into [alerting.Routes]; the last one takes
// what no other took.
func (f *configFile) routes() alerting.Routes {
	if !f.hasSlack() && len(f.alerts.channels) == 0 {
		return nil
	}
	var routes alerting.Routes
	for _, b := range f.alerts.routes {
		routes = append(routes, f.route(b))
	}
	return append(routes, alerting.Route{Channels: f.rest(routes)})
}

func (f *configFile) hasSlack() bool {
	return f.slack.botToken.text != "" || f.slack.webhook.text != ""
}

// rest are the channels that hear of what no route takes: Slack's own, and
// those that no route names.
func (f *configFile) rest(routes alerting.Routes) (channels []string) {
	if f.hasSlack() {
		channels = append(channels, f.channel(defaultChannel))
	}
	named := routes.All()
	for _, b := range f.alerts.channels {
		if !slices.Contains(named, b.name.value) {
			channels = append(channels, b.name.value)
		}
	}
	return channels
}

// isChannel reports whether a name is one of alerts.channels.
func (f *configFile) isChannel(name string) bool {
	return slices.ContainsFunc(f.alerts.channels, func(b channelBlock) bool { return b.name.value == name })
}

// checkChannels checks that the names of channels tell them apart, and builds
// each once to see that it can be built.
func (r *reader) checkChannels(f *configFile) {
	seen := map[string]bool{"terminal": true, defaultChannel: true}
	for i := range f.alerts.channels {
		b := &f.alerts.channels[i]
		if b.name.text == "" || b.kind == "" {
			continue
		}
		if seen[b.name.value] {
			r.problem(b.name.at, "choose another: slack and terminal are taken too", "a second channel %q", b.name.value)
		}
		seen[b.name.value] = true
		if _, err := channelNotifier(b, io.Discard, nil); err != nil && len(r.problems) == 0 {
			r.problem(b.at, "", "%s", err)
		}
	}
}

func (f *configFile) route(b routeBlock) alerting.Route {
	route := alerting.Route{Continue: b.goOn.value, Quiet: b.quiet.hours(), Match: alerting.Match{
		APIs: texts(b.apis), Groups: texts(b.groups), Owners: texts(b.owners),
		Kinds: texts(b.kinds), Operations: texts(b.actions), Labels: plain(b.labels),
	}}
	if b.severity.text != "" {
		_ = route.Match.Severity.UnmarshalText([]byte(b.severity.value)) // one of the three: checked when read
	}
	for _, name := range texts(b.channels) {
		route.Channels = append(route.Channels, f.channel(name))
	}
	return route
}

// channel is the notifier's name of a channel that the file names.
func (f *configFile) channel(name string) string {
	switch {
	case f.isChannel(name):
		return name
	case f.slack.botToken.text == "":
		return "slack"
	case name == defaultChannel:
		name = f.slack.channel.value
	}
	return "slack:" + name
}

// checkRoutes checks that routes lead to channels that exist.
func (r *reader) checkRoutes(f *configFile) {
	for _, b := range f.alerts.routes {
		for _, l := range b.channels {
			bot := f.slack.botToken.text != ""
			switch {
			case f.isChannel(l.value):
			case !bot && f.slack.webhook.text == "" && f.slack.at.src == nil && len(f.alerts.channels) > 0:
				r.problem(l.at, didYouMean(l.value, f.channelNames())+"; channels are named under alerts: channels:", "no channel %q", l.value)
			case !bot && f.slack.webhook.text == "" && f.slack.at.src == nil:
				r.problem(l.at, "add slack: { webhook: \"${SLACK_WEBHOOK}\" }", "no Slack to send to")
			case f.slack.webhook.text != "" && l.value != defaultChannel:
				r.problem(l.at, "a webhook has its channel built in: write slack, or use bot_token and channel", "channel %q needs a bot", l.value)
			case bot && l.value != defaultChannel && !looksChannel(l.value):
				r.problem(l.at, "a name with # or an id: \"#oncall\", C024BE91L; slack is the default one", "%q is no channel", l.value)
			}
		}
		for _, l := range b.kinds {
			if !strings.Contains(l.value, "*") {
				if err := checkDetector(l.value); err != nil {
					r.fault(l.at, err)
				}
			}
		}
	}
}

// looksChannel accepts "#name" and ids such as C024BE91L.
func looksChannel(s string) bool {
	if strings.HasPrefix(s, "#") {
		return len(s) > 1
	}
	return len(s) >= 9 && strings.ToUpper(s) == s && strings.ContainsAny(s[:1], "CGD")
}

func texts(leaves []leaf[string]) (values []string) {
	for _, l := range leaves {
		values = append(values, l.value)
	}
	return values
}

// severityOf reads the severity by detector; off is told apart.
func severityOf(written map[string]leaf[string]) (by map[string]contracts.Severity, off map[string]bool) {
	by, off = map[string]contracts.Severity{}, map[string]bool{}
	for detector, l := range written {
		if l.value == "off" {
			off[detector] = true
			continue
		}
		var s contracts.Severity
		if s.UnmarshalText([]byte(l.value)) == nil {
			by[detector] = s
		}
	}
	return by, off
}

func (f *configFile) channelNames() (names []string) {
	for _, b := range f.alerts.channels {
		names = append(names, b.name.value)
	}
	return names
}
