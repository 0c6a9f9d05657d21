package main

import (
	"strings"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// defaultChannel is how routes name the channel under `slack:`.
const defaultChannel = "slack"

// routes turns what was written into [alerting.Routes]; the last one takes
// what no other took.
func (f *configFile) routes() alerting.Routes {
	if f.slack.botToken.text == "" && f.slack.webhook.text == "" {
		return nil
	}
	var routes alerting.Routes
	for _, b := range f.alerts.routes {
		routes = append(routes, f.route(b))
	}
	return append(routes, alerting.Route{Channels: []string{f.channel(defaultChannel)}})
}

func (f *configFile) route(b routeBlock) alerting.Route {
	route := alerting.Route{Continue: b.goOn.value, Match: alerting.Match{
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
