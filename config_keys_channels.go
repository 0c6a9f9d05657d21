package main

import (
	"net/mail"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"shapewatch/alerting"
)

// channelBlock is one entry of alerts.channels: a name, a template, and the
// one kind of channel that it is.
type channelBlock struct {
	at           place
	name         leaf[string]
	template     leaf[string]
	kind         string // the key of the kind that was written
	webhook      webhookBlock
	email        emailBlock
	pagerduty    pagerDutyBlock
	opsgenie     opsgenieBlock
	teams        hookBlock
	discord      hookBlock
	telegram     telegramBlock
	alertmanager alertmanagerBlock
	github       trackerBlock
	gitlab       trackerBlock
	command      commandBlock
	log          logBlock
}

type (
	webhookBlock   struct{ url, secret leaf[string] }
	hookBlock      struct{ url leaf[string] }
	pagerDutyBlock struct{ key, url leaf[string] }
	opsgenieBlock  struct{ key, team, url leaf[string] }
	telegramBlock  struct{ token, chat, url leaf[string] }
	emailBlock     struct {
		server, tls, user, password, from leaf[string]
		to                                []leaf[string]
	}
	alertmanagerBlock struct {
		url, user, password, bearer leaf[string]
		labels                      map[string]leaf[string]
	}
	trackerBlock struct {
		project, token, url leaf[string]
		labels              []leaf[string]
	}
	commandBlock struct {
		run     []leaf[string]
		env     map[string]leaf[string]
		timeout leaf[time.Duration]
	}
	logBlock struct{ file leaf[string] }
)

// channelKinds are the keys of which a channel has exactly one.
var channelKinds = []string{
	"webhook", "email", "pagerduty", "opsgenie", "teams", "discord", "telegram", "alertmanager", "github", "gitlab", "command", "log",
}

var (
	aMail     = text("a mail address: drift@acme.example", checkMail, object{"minLength": 3})
	aServer   = text("a mail server: smtp.acme.example:587", checkAddress, object{"pattern": `:[0-9]+$|\$\{`})
	aTemplate = text("a template", checkTemplate, object{"minLength": 1})
	aProject  = text("a project: acme/contracts", nil, object{"minLength": 1})
	aVariable = secret(text("a text", nil, object{"type": anyScalar}))
	aService  = text("a URL: https://…", checkPublicURL, object{"minLength": 1})
)

func checkMail(s string) error {
	if _, err := mail.ParseAddress(s); err != nil {
		return wrong("drift@acme.example, or Drift <drift@acme.example>", "%q is no mail address", s)
	}
	return nil
}

func checkTemplate(s string) error {
	if err := alerting.CheckTemplate(s); err != nil {
		return wrong("docs/channels.md lists what a template may say", "%s", err)
	}
	return nil
}

var channelKeys = block[channelBlock]{
	name: "Channel", doc: "A `name` and exactly one kind of channel. What each can do and cannot: [channels](channels.md).",
	fresh: freshChannel, needs: []string{"name"}, rules: exactlyOne(channelKinds...),
	keys: []key[channelBlock]{
		{"name", "Name in routes and on the page. What was told belongs to it: a renamed channel is told anew.", "oncall",
			func(b *channelBlock) setting { return a(&b.name, aName) }},
		{"template", "What it says, instead of the usual words: Go's text/template over the model in [channels](channels.md). `shapewatch notify test NAME` tries it.", "\"{{.Title}} ({{.Severity}})\"",
			func(b *channelBlock) setting { return a(&b.template, aTemplate) }},
		{"webhook", "Any receiver of signed events.", "{ url: \"${HOOK_URL}\", secret: \"${HOOK_SECRET}\" }",
			func(b *channelBlock) setting { return b.of("webhook", in(&b.webhook, &webhookKeys)) }},
		{"email", "Mail.", "{ server: \"smtp.acme.example:587\", from: drift@acme.example, to: api-team@acme.example }",
			func(b *channelBlock) setting { return b.of("email", in(&b.email, &emailKeys)) }},
		{"pagerduty", "PagerDuty, by Events API v2.", "{ key: \"${PAGERDUTY_KEY}\" }",
			func(b *channelBlock) setting { return b.of("pagerduty", in(&b.pagerduty, &pagerDutyKeys)) }},
		{"opsgenie", "Opsgenie.", "{ key: \"${OPSGENIE_KEY}\" }",
			func(b *channelBlock) setting { return b.of("opsgenie", in(&b.opsgenie, &opsgenieKeys)) }},
		{"teams", "Microsoft Teams, by workflow.", "{ url: \"${TEAMS_WEBHOOK}\" }",
			func(b *channelBlock) setting { return b.of("teams", in(&b.teams, &teamsKeys)) }},
		{"discord", "Discord, by webhook.", "{ url: \"${DISCORD_WEBHOOK}\" }",
			func(b *channelBlock) setting { return b.of("discord", in(&b.discord, &discordKeys)) }},
		{"telegram", "Telegram, by bot.", "{ token: \"${TELEGRAM_TOKEN}\", chat: \"-1001234567890\" }",
			func(b *channelBlock) setting { return b.of("telegram", in(&b.telegram, &telegramKeys)) }},
		{"alertmanager", "Prometheus Alertmanager, which then routes.", "{ url: \"http://alertmanager.acme.example:9093\" }",
			func(b *channelBlock) setting { return b.of("alertmanager", in(&b.alertmanager, &alertmanagerKeys)) }},
		{"github", "Issues of a repository on GitHub.", "{ project: acme/contracts, token: \"${GITHUB_TOKEN}\" }",
			func(b *channelBlock) setting { return b.of("github", in(&b.github, &githubKeys)) }},
		{"gitlab", "Issues of a project on GitLab.", "{ project: acme/contracts, token: \"${GITLAB_TOKEN}\" }",
			func(b *channelBlock) setting { return b.of("gitlab", in(&b.gitlab, &gitlabKeys)) }},
		{"command", "A program of your own.", "{ run: [/usr/local/bin/tell, --drift] }",
			func(b *channelBlock) setting { return b.of("command", in(&b.command, &commandKeys)) }},
		{"log", "A line of JSON for each step.", "{ file: alerts.ndjson }",
			func(b *channelBlock) setting { return b.of("log", in(&b.log, &logKeys)) }},
	},
	later: map[string]string{"slack": "Slack has a room of its own: slack: at the top of the file", "routes": "routes belong beside channels, under alerts:"},
	after: func(r *reader, b *channelBlock, f fields) { r.afterChannel(b, f) },
}

func freshChannel() (b channelBlock) {
	b.email.tls = given(alerting.TLSStart, choice(alerting.TLSStart))
	b.command.timeout = given("8s", aDuration)
	return b
}

// of is the setting of one kind: what was said of the other kinds is not
// shown.
func (b *channelBlock) of(kind string, s setting) setting {
	return kindSetting{hidden{s, func() bool { return b.kind != kind }}, s, b, kind}
}

// A kindSetting notes which kind of channel was written.
type kindSetting struct {
	hidden
	whole setting
	block *channelBlock
	kind  string
}

func (k kindSetting) read(r *reader, n *yaml.Node, path string) {
	k.block.kind = k.kind
	k.hidden.read(r, n, path)
}

func (k kindSetting) table() (title, doc string, rows []row) {
	return k.whole.(documented).table() //nolint:forcetypeassert // every kind is a block
}

func (r *reader) afterChannel(b *channelBlock, f fields) {
	b.at = f.at[""]
	var kinds []string
	for _, kind := range channelKinds {
		if _, written := f.at[kind]; written {
			kinds = append(kinds, kind)
		}
	}
	if len(kinds) != 1 {
		r.problem(b.at, "choose one: "+strings.Join(channelKinds, ", "), "%d kinds of channel in one entry", len(kinds))
		return
	}
	b.kind = kinds[0]
}

var webhookKeys = block[webhookBlock]{
	name: "Channel: webhook", fresh: func() (b webhookBlock) { return b }, needs: []string{"url"},
	keys: []key[webhookBlock]{
		{"url", "Where events are posted.", "\"${HOOK_URL}\"", func(b *webhookBlock) setting { return a(&b.url, aHook) }},
		{"secret", "What they are signed with, as Standard Webhooks say: `whsec_` and base64, or any text.", "\"${HOOK_SECRET}\"", func(b *webhookBlock) setting { return a(&b.secret, aSecret) }},
	},
}

var emailKeys = block[emailBlock]{
	name: "Channel: email", fresh: func() emailBlock { return freshChannel().email }, needs: []string{"server", "from", "to"},
	keys: []key[emailBlock]{
		{"server", "Mail server, host:port.", "\"smtp.acme.example:587\"", func(b *emailBlock) setting { return a(&b.server, aServer) }},
		{"tls", "`starttls` upgrades or refuses to send, `tls` begins with TLS (port 465), `none` is for a server on this machine.", "tls", func(b *emailBlock) setting {
			return a(&b.tls, choice(alerting.TLSStart, alerting.TLSFirst, alerting.TLSNever))
		}},
		{"user", "Who logs in; nobody when nothing is said.", "drift@acme.example", func(b *emailBlock) setting { return a(&b.user, aText) }},
		{"password", "Password of the user.", "\"${SMTP_PASSWORD}\"", func(b *emailBlock) setting { return a(&b.password, aSecret) }},
		{"from", "Sender.", "drift@acme.example", func(b *emailBlock) setting { return a(&b.from, aMail) }},
		{"to", "Who gets it.", "[api-team@acme.example]", func(b *emailBlock) setting { return many[string]{&b.to, aMail} }},
	},
}

var pagerDutyKeys = block[pagerDutyBlock]{
	name: "Channel: pagerduty", fresh: func() (b pagerDutyBlock) { return b }, needs: []string{"key"},
	keys: []key[pagerDutyBlock]{
		{"key", "Integration key of an integration of kind Events API v2.", "\"${PAGERDUTY_KEY}\"", func(b *pagerDutyBlock) setting { return a(&b.key, aSecret) }},
		{"url", "Where events go; without it, PagerDuty in the US.", "https://events.eu.pagerduty.com/v2/enqueue", func(b *pagerDutyBlock) setting { return a(&b.url, aService) }},
	},
}

var opsgenieKeys = block[opsgenieBlock]{
	name: "Channel: opsgenie", fresh: func() (b opsgenieBlock) { return b }, needs: []string{"key"},
	keys: []key[opsgenieBlock]{
		{"key", "Key of an API integration.", "\"${OPSGENIE_KEY}\"", func(b *opsgenieBlock) setting { return a(&b.key, aSecret) }},
		{"team", "Team that is to respond; without it the integration decides.", "payments", func(b *opsgenieBlock) setting { return a(&b.team, aText) }},
		{"url", "Where its API is; without it, https://api.opsgenie.com.", "https://api.eu.opsgenie.com", func(b *opsgenieBlock) setting { return a(&b.url, aService) }},
	},
}

var teamsKeys = hookKeys("Channel: teams", "URL of a workflow \"When a Teams webhook request is received\".", "\"${TEAMS_WEBHOOK}\"")

var discordKeys = hookKeys("Channel: discord", "URL of a webhook of the channel; `?thread_id=…` writes into a thread.", "\"${DISCORD_WEBHOOK}\"")

func hookKeys(name, doc, example string) block[hookBlock] {
	return block[hookBlock]{
		name: name, fresh: func() (b hookBlock) { return b }, needs: []string{"url"},
		keys: []key[hookBlock]{{"url", doc, example, func(b *hookBlock) setting { return a(&b.url, aHook) }}},
	}
}

var telegramKeys = block[telegramBlock]{
	name: "Channel: telegram", fresh: func() (b telegramBlock) { return b }, needs: []string{"token", "chat"},
	keys: []key[telegramBlock]{
		{"token", "Token of the bot.", "\"${TELEGRAM_TOKEN}\"", func(b *telegramBlock) setting { return a(&b.token, aSecret) }},
		{"chat", "Id of the chat, or @name of a public channel.", "\"-1001234567890\"", func(b *telegramBlock) setting { return a(&b.chat, aParam) }},
		{"url", "Where the Bot API is; without it, https://api.telegram.org.", "https://telegram.acme.example", func(b *telegramBlock) setting { return a(&b.url, aService) }},
	},
}

var alertmanagerKeys = block[alertmanagerBlock]{
	name: "Channel: alertmanager", fresh: func() (b alertmanagerBlock) { return b }, needs: []string{"url"},
	keys: []key[alertmanagerBlock]{
		{"url", "Where it is, without /api/v2.", "http://alertmanager.acme.example:9093", func(b *alertmanagerBlock) setting { return a(&b.url, aService) }},
		{"user", "User of basic authentication.", "shapewatch", func(b *alertmanagerBlock) setting { return a(&b.user, aText) }},
		{"password", "Password of the user.", "\"${AM_PASSWORD}\"", func(b *alertmanagerBlock) setting { return a(&b.password, aSecret) }},
		{"bearer", "Token, instead of a user.", "\"${AM_TOKEN}\"", func(b *alertmanagerBlock) setting { return a(&b.bearer, aSecret) }},
		{"labels", "Added to every alert.", "{ team: integrations }", func(b *alertmanagerBlock) setting {
			return pairs[string]{into: &b.labels, kind: aText}
		}},
	},
}

var githubKeys = trackerKeys("Channel: github", "Token that may read and write issues.", "https://github.acme.example/api/v3", "https://api.github.com")

var gitlabKeys = trackerKeys("Channel: gitlab", "Token with the scope api.", "https://gitlab.acme.example/api/v4", "https://gitlab.com/api/v4")

func trackerKeys(name, token, example, usual string) block[trackerBlock] {
	return block[trackerBlock]{
		name: name, fresh: func() (b trackerBlock) { return b }, needs: []string{"project", "token"},
		keys: []key[trackerBlock]{
			{"project", "Where issues are kept.", "acme/contracts", func(b *trackerBlock) setting { return a(&b.project, aProject) }},
			{"token", token, "\"${ISSUES_TOKEN}\"", func(b *trackerBlock) setting { return a(&b.token, aSecret) }},
			{"labels", "Labels of new issues.", "[api-drift]", func(b *trackerBlock) setting { return many[string]{&b.labels, aText} }},
			{"url", "Where its API is; without it, " + usual + ".", example, func(b *trackerBlock) setting { return a(&b.url, aService) }},
		},
	}
}

var commandKeys = block[commandBlock]{
	name: "Channel: command", fresh: func() commandBlock { return freshChannel().command }, needs: []string{"run"},
	keys: []key[commandBlock]{
		{"run", "The program and its arguments; no shell reads them.", "[/usr/local/bin/tell, --drift]", func(b *commandBlock) setting { return many[string]{&b.run, aParam} }},
		{"env", "Added to its environment, which has PATH, HOME, LANG and TZ and nothing else of ours.", "{ TOKEN: \"${TELL_TOKEN}\" }", func(b *commandBlock) setting {
			return pairs[string]{into: &b.env, kind: aVariable}
		}},
		{"timeout", "How long it may take; at most 10s.", "5s", func(b *commandBlock) setting { return a(&b.timeout, aDuration) }},
	},
}

var logKeys = block[logBlock]{
	name: "Channel: log", fresh: func() (b logBlock) { return b },
	keys: []key[logBlock]{
		{"file", "Appended to, relative to the folder where shapewatch runs; without it, lines go where the program prints.", "alerts.ndjson", func(b *logBlock) setting { return a(&b.file, aText) }},
	},
}
