package main

import (
	"fmt"
	"io"
	"net/http"

	"shapewatch/alerting"
)

// channelNotifier builds the notifier of one entry of alerts.channels.
func channelNotifier(b *channelBlock, out io.Writer, client *http.Client) (alerting.Notifier, error) {
	n, err := kindNotifier(b, out, client)
	if err != nil {
		return nil, fmt.Errorf("channel %s: %w", b.name.value, err)
	}
	return n, nil
}

func kindNotifier(b *channelBlock, out io.Writer, client *http.Client) (alerting.Notifier, error) {
	name, template := b.name.value, b.template.value
	switch b.kind {
	case "webhook":
		return alerting.NewWebhook(alerting.WebhookOptions{Name: name, Template: template, HTTPClient: client,
			URL: b.webhook.url.value, Secret: b.webhook.secret.value})
	case "pagerduty":
		return alerting.NewPagerDuty(alerting.PagerDutyOptions{Name: name, Template: template, HTTPClient: client,
			RoutingKey: b.pagerduty.key.value, URL: b.pagerduty.url.value})
	case "opsgenie":
		o := b.opsgenie
		return alerting.NewOpsgenie(alerting.OpsgenieOptions{Name: name, Template: template, HTTPClient: client,
			APIKey: o.key.value, Team: o.team.value, URL: o.url.value})
	case "teams":
		return alerting.NewTeams(alerting.TeamsOptions{Name: name, Template: template, HTTPClient: client, URL: b.teams.url.value})
	case "discord":
		return alerting.NewDiscord(alerting.DiscordOptions{Name: name, Template: template, HTTPClient: client, URL: b.discord.url.value})
	case "telegram":
		t := b.telegram
		return alerting.NewTelegram(alerting.TelegramOptions{Name: name, Template: template, HTTPClient: client,
			Token: t.token.value, Chat: t.chat.value, URL: t.url.value})
	case "alertmanager":
		m := b.alertmanager
		return alerting.NewPrometheus(alerting.PrometheusOptions{Name: name, Template: template, HTTPClient: client,
			URL: m.url.value, User: m.user.value, Password: m.password.value, Bearer: m.bearer.value, Labels: plain(m.labels)})
	case "github":
		return alerting.NewGitHubIssues(trackerOptions(b, b.github, client))
	case "gitlab":
		return alerting.NewGitLabIssues(trackerOptions(b, b.gitlab, client))
	case "email":
		e := b.email
		return alerting.NewEmail(alerting.EmailOptions{Name: name, Template: template, Server: e.server.value, TLS: e.tls.value,
			User: e.user.value, Password: e.password.value, From: e.from.value, To: texts(e.to)})
	case "command":
		c := b.command
		return alerting.NewCommand(alerting.CommandOptions{Name: name, Template: template, Run: texts(c.run), Env: plain(c.env), Timeout: c.timeout.value})
	}
	return alerting.NewLog(alerting.LogOptions{Name: name, Template: template, File: b.log.file.value, W: out})
}

func trackerOptions(b *channelBlock, t trackerBlock, client *http.Client) alerting.TrackerOptions {
	return alerting.TrackerOptions{Name: b.name.value, Template: b.template.value, HTTPClient: client,
		Project: t.project.value, Token: t.token.value, URL: t.url.value, Labels: texts(t.labels)}
}
