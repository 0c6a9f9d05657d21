package main

var basicKeys = block[basicAuth]{
	name: "Auth: basic", fresh: func() (b basicAuth) { return b }, needs: []string{"user"},
	keys: []key[basicAuth]{
		{"user", "User name; without a password it is the secret.", "watcher", func(b *basicAuth) setting { return a(&b.user, aText) }},
		{"password", "Password.", "\"${PASSWORD}\"", func(b *basicAuth) setting { return a(&b.password, aSecret) }},
	},
	after: func(r *reader, b *basicAuth, f fields) {
		if _, both := f.at["password"]; !both {
			b.user.masked = true
			r.secretValue(b.user.at, b.user.value, b.user.pieces)
		}
	},
}

var headerKeys = block[namedSecret]{
	name: "Auth: header", fresh: func() (b namedSecret) { return b }, needs: []string{"name", "value"},
	keys: []key[namedSecret]{
		{"name", "Name of the header.", "X-Api-Key", func(b *namedSecret) setting { return a(&b.name, aHeaderName) }},
		{"value", "What it says.", "\"${API_KEY}\"", func(b *namedSecret) setting { return a(&b.value, aSecret) }},
	},
}

var queryKeys = block[namedSecret]{
	name: "Auth: query", fresh: func() (b namedSecret) { return b }, needs: []string{"name", "value"},
	keys: []key[namedSecret]{
		{"name", "Name of the parameter.", "api_key", func(b *namedSecret) setting { return a(&b.name, aText) }},
		{"value", "What it says.", "\"${API_KEY}\"", func(b *namedSecret) setting { return a(&b.value, aSecret) }},
	},
}

var oauth2Keys = block[oauth2Auth]{
	name: "Auth: oauth2", fresh: func() (b oauth2Auth) { return b }, needs: []string{"token_url", "client_id", "client_secret"},
	keys: []key[oauth2Auth]{
		{"token_url", "Where tokens are given out.", "https://login.acme.dev/token", func(b *oauth2Auth) setting { return a(&b.tokenURL, anURL) }},
		{"client_id", "Who asks.", "watcher", func(b *oauth2Auth) setting { return a(&b.clientID, aText) }},
		{"client_secret", "Proof of it.", "\"${file:/run/secrets/acme}\"", func(b *oauth2Auth) setting { return a(&b.clientSecret, aSecret) }},
		{"scopes", "What the token is for.", "[read]", func(b *oauth2Auth) setting { return many[string]{&b.scopes, aText} }},
	},
}

var mtlsKeys = block[mtlsAuth]{
	name: "Auth: mtls", fresh: func() (b mtlsAuth) { return b }, needs: []string{"cert", "key"},
	keys: []key[mtlsAuth]{
		{"cert", "PEM file with the certificate and its chain, relative to this file.", "client.crt", func(b *mtlsAuth) setting { return a(&b.cert, aFile) }},
		{"key", "PEM file with the private key.", "client.key", func(b *mtlsAuth) setting { return a(&b.key, aFile) }},
	},
	later: map[string]string{"ca": "authorities are the system's; SSL_CERT_FILE=/path adds others"},
}

var expectKeys = block[expectBlock]{
	name: "Expect", fresh: func() (b expectBlock) { return b },
	keys: []key[expectBlock]{
		{"status", "Statuses that count as an answer; any 2xx when nothing is said.", "[200, 404]", func(b *expectBlock) setting { return many[int]{&b.status, aStatus} }},
	},
}

var limitsKeys = block[limitsBlock]{
	name: "Limits", fresh: func() limitsBlock { return freshSettings().limits },
	keys: []key[limitsBlock]{
		{"per_second", "Requests a second.", "2", func(b *limitsBlock) setting { return a(&b.perSecond, aRate) }},
		{"concurrent", "Requests at a time.", "1", func(b *limitsBlock) setting { return a(&b.concurrent, aCount) }},
	},
}

var ignoreKeys = block[ignoreBlock]{
	name: "Ignore", doc: "A path alone may be written without `path:`.", fresh: func() (b ignoreBlock) { return b },
	keys: []key[ignoreBlock]{
		{"path", "What is ignored, with all below it; every path when nothing is said.", "/metadata", func(b *ignoreBlock) setting { return a(&b.path, aPath) }},
		{"kind", "Name of the detector that is ignored; every one when nothing is said.", "field-new", func(b *ignoreBlock) setting { return a(&b.kind, aDetector) }},
	},
	after: func(r *reader, b *ignoreBlock, f fields) {
		if len(f.names) == 0 {
			r.problem(f.at[""], "name a path, a kind, or both", "this would ignore everything")
		}
	},
}

var slackKeys = block[slackBlock]{
	name: "Slack", doc: "Either `webhook`, or `bot_token` with `channel`. A bot updates its message in place when an incident goes on; a webhook can only send another.",
	fresh: func() (b slackBlock) { return b }, rules: exactlyOne("webhook", "bot_token"),
	keys: []key[slackBlock]{
		{"webhook", "URL of an incoming webhook.", "\"${SLACK_WEBHOOK}\"", func(b *slackBlock) setting { return a(&b.webhook, aHook) }},
		{"bot_token", "Token of a bot that may `chat:write`.", "\"${SLACK_BOT_TOKEN}\"", func(b *slackBlock) setting { return a(&b.botToken, aSecret) }},
		{"channel", "Channel that the bot writes to: a name with # or an id.", "\"#api-drift\"", func(b *slackBlock) setting { return a(&b.channel, aText) }},
		{"app_token", "Token of the app (xapp-…) with the scope `connections:write`: messages get buttons, and the app answers when it is mentioned, without any port to open. Only with `bot_token`.", "\"${SLACK_APP_TOKEN}\"", func(b *slackBlock) setting { return a(&b.appToken, aSecret) }},
		{"broadcast", "Show the thread's reply in the channel too when an incident gets worse or comes back. Only with `bot_token`.", "true", func(b *slackBlock) setting { return a(&b.broadcast, aFlag) }},
		{"template", "What messages say between the header and the links, instead of the list of changes: Go's text/template over the model in [channels](channels.md), in Slack's mrkdwn.", "\"{{.Title}}\"", func(b *slackBlock) setting { return a(&b.template, aTemplate) }},
		{"api_url", "Where Slack's Web API is, for GovSlack or a proxy; only with `bot_token`. Without it, Slack's own.", "https://slack-gov.com/api/", func(b *slackBlock) setting { return a(&b.apiURL, anAPIURL) }},
	},
	later: map[string]string{"routes": "routes belong under `alerts:`"},
	after: func(r *reader, b *slackBlock, f fields) { r.afterSlack(b, f) },
}

var alertsKeys = block[alertsBlock]{
	name: "Alerts", fresh: func() alertsBlock { return alertsBlock{life: freshLife()} },
	keys: append([]key[alertsBlock]{
		{"channels", "Whom to tell beside Slack. A channel that no route names hears of what no route takes.", "[{ name: ops, webhook: { url: \"${HOOK_URL}\" } }]",
			func(b *alertsBlock) setting {
				return blocks[channelBlock]{into: &b.channels, block: &channelKeys, fresh: freshChannel}
			}},
		{"routes", "Tried in order. The first that matches an incident names its channels, and the search ends unless it says `continue`. What no route matches goes to `slack` and to the channels that no route names.", "[{ severity: breaking, channels: [\"#oncall\"] }]",
			func(b *alertsBlock) setting {
				return blocks[routeBlock]{into: &b.routes, block: &routeKeys, fresh: func() (b routeBlock) { return b }}
			}},
	}, lifeRows()...),
}

var routeKeys = block[routeBlock]{
	name: "Route", doc: "Every condition that is written must hold; of a list, one must. `*` stands for anything within a word.",
	fresh: func() (b routeBlock) { return b }, needs: []string{"channels"},
	keys: []key[routeBlock]{
		{"api", "Names of APIs.", "stripe", func(b *routeBlock) setting { return many[string]{&b.apis, aText} }},
		{"group", "Groups.", "payments", func(b *routeBlock) setting { return many[string]{&b.groups, aText} }},
		{"owner", "Owners.", "\"@payments\"", func(b *routeBlock) setting { return many[string]{&b.owners, aText} }},
		{"operation", "Operations, as alerts print them.", "\"GET /v1/*\"", func(b *routeBlock) setting { return many[string]{&b.actions, aText} }},
		{"kind", "Detectors.", "[field-removed, kind-changed]", func(b *routeBlock) setting { return many[string]{&b.kinds, aText} }},
		{"severity", "At least this severe.", "warning", func(b *routeBlock) setting { return a(&b.severity, choice("breaking", "warning", "info")) }},
		{"labels", "Labels of the API.", "{ team: checkout }", func(b *routeBlock) setting { return pairs[string]{into: &b.labels, kind: aText} }},
		{"channels", "Who hears of it: names of `channels`, Slack channels, or `slack` for the one under `slack:`. An empty list tells nobody.", "[\"#oncall\"]", func(b *routeBlock) setting { return many[string]{&b.channels, aText} }},
		{"quiet", "Hours in which its channels wait.", "{ from: \"22:00\", to: \"07:00\", timezone: Europe/Paris }", func(b *routeBlock) setting { return in(&b.quiet, &quietKeys) }},
		{"continue", "Also try the routes after this one.", "true", func(b *routeBlock) setting { return a(&b.goOn, aFlag) }},
	},
	after: func(_ *reader, b *routeBlock, f fields) { b.at = f.at[""] },
}

var storeKeys = block[storeBlock]{
	name: "Store", fresh: func() storeBlock { return freshFile().store },
	keys: []key[storeBlock]{
		{"path", "File of the embedded database, relative to the folder where shapewatch runs.", "/var/lib/shapewatch/shapewatch.db", func(b *storeBlock) setting { return a(&b.path, aText) }},
		{"keep", "How long what is kept.", "{ checks: 7d, hours: 90d, incidents: 365d }", func(b *storeBlock) setting { return in(&b.keep, &keepKeys) }},
		{"max_size", "How large the file may grow.", "1GiB", func(b *storeBlock) setting { return a(&b.maxSize, aSize) }},
	},
}

var keepKeys = block[keepBlock]{
	name: "Keep", fresh: func() keepBlock { return freshFile().store.keep },
	keys: []key[keepBlock]{
		{"checks", "Single checks.", "7d", func(b *keepBlock) setting { return a(&b.checks, aDuration) }},
		{"hours", "Hourly sums, and all of a probe that is gone from the configuration.", "90d", func(b *keepBlock) setting { return a(&b.hours, aDuration) }},
		{"incidents", "Resolved incidents.", "365d", func(b *keepBlock) setting { return a(&b.incidents, aDuration) }},
	},
}
