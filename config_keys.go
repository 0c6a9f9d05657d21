package main

import (
	"slices"
	"strings"
	"time"

	"shapewatch/contracts"
)

// The table of keys. The parser, the JSON Schema, docs/configuration.md and
// `config show` are made of it: a key that is not here does not exist, and
// one that is here is documented.

var topKeys = block[configFile]{
	name:  "The file",
	doc:   "`shapewatch.yaml`, or the file named by `--config`. Only `apis` is needed.",
	fresh: freshFile,
	keys: []key[configFile]{
		{"defaults", "What holds for every API unless the API says otherwise: any key of *Settings* below.", "{ every: 10m, timeout: 5s }",
			func(f *configFile) setting { return in(&f.defaults, &settingsKeys) }},
		apisKey,
		{"include", "More files with `apis`, relative to this file. A pattern may match none; a plain name must exist.", "[apis/*.yaml]",
			func(f *configFile) setting { return many[string]{&f.include, aPattern} }},
		{"slack", "Where Slack hears of incidents. Without it nothing is sent to Slack.", "{ webhook: \"${SLACK_WEBHOOK}\" }",
			func(f *configFile) setting { return in(&f.slack, &slackKeys) }},
		{"alerts", "Who hears of what.", "{ routes: [{ severity: breaking, channels: [\"#oncall\"] }] }",
			func(f *configFile) setting { return in(&f.alerts, &alertsKeys) }},
		{"pr", "Pull requests that make contracts say what was accepted. Without it, `shapewatch contract propose --write` makes the edits.", "{ forge: github, repository: acme/contracts, token: \"${GITHUB_TOKEN}\" }",
			func(f *configFile) setting {
				return optional(in(&f.pr, &prKeys), func() bool { return f.pr.forge.text == "" })
			}},
		{"contact", "Where a vendor can reach you: a mail address or a URL. It goes into the User-Agent of every request; change it with a restart.", "api-team@acme.example",
			func(f *configFile) setting { return a(&f.contact, aHeader) }},
		{"page", "The status page.", "{ listen: \"127.0.0.1:8080\" }",
			func(f *configFile) setting { return in(&f.page, &pageKeys) }},
		{"store", "Where state is kept, and for how long.", "{ path: shapewatch.db }",
			func(f *configFile) setting { return in(&f.store, &storeKeys) }},
		{"learned", "Folder into which the contract of an API that names none is written once what was learned of it has settled: an OpenAPI document, API.yaml, never over a file that is there. Nothing is written without it. It is held against answers once contract: names it.", "contracts",
			func(f *configFile) setting { return a(&f.learned, aFile) }},
		tracingKey,
	},
	later: map[string]string{
		"version": "the file has no version: remove it",
	},
}

// includedKeys is what an included file may say.
var includedKeys = block[configFile]{
	name: "Included file", doc: "A file named by `include` holds `apis` and nothing else.", fresh: freshFile,
	keys: []key[configFile]{apisKey},
}

var apisKey = key[configFile]{"apis", "The APIs to watch.", "[{ name: stripe, url: \"https://api.stripe.com/v1/charges/ch_1\" }]",
	func(f *configFile) setting {
		return blocks[apiBlock]{into: &f.apis, block: &apiKeys, fresh: func() apiBlock { return apiBlock{settings: f.defaults, spec: freshSpec()} }}
	}}

var settingsKeys = block[settings]{
	name:  "Settings",
	doc:   "Allowed under `defaults`, in an API and in a probe. A probe starts with what its API says, an API with the defaults. Maps (`labels`, `headers`, `query`, `severity`, `limits`) and `ignore` add to what is inherited; everything else replaces it.",
	fresh: freshSettings,
	keys:  settingsRows(func(s *settings) *settings { return s }),
	after: func(r *reader, s *settings, f fields) { r.checkSchedule(s, f) },
}

// settingsRows are the rows of [settings] for every block that has them.
func settingsRows[B any](of func(*B) *settings) []key[B] {
	return []key[B]{
		{"group", "Heading under which the page lists it.", "payments",
			func(b *B) setting { return a(&of(b).group, aText) }},
		{"owner", "Who is responsible; shown in alerts, and routes may choose by it.", "\"@payments\"",
			func(b *B) setting { return a(&of(b).owner, aText) }},
		{"labels", "Names and values of your own; routes may choose by them.", "{ team: checkout }",
			func(b *B) setting { return pairs[string]{into: &of(b).labels, kind: aText} }},
		{"contract", "What answers are held against, relative to this file: an OpenAPI document (3.0 to 3.2), a Swagger 2 document, a JSON Schema alone, or a folder of documents. Files that it refers to are read from its own folder and below. A URL is read once an hour, conditionally, and kept in the store: a start needs no vendor. Without one, what was learned is the contract.", "contracts/stripe.yaml",
			func(b *B) setting { return a(&of(b).contract, aContract) }},
		{"known", "File that lists where answers are known to differ from the contract, written by `shapewatch contract status --write` and read at start and when it changes. Beside a contract file it is there without being named: `stripe.known.yaml` beside `stripe.yaml`; of a contract at a URL it is named here.", "contracts/stripe.known.yaml",
			func(b *B) setting { return a(&of(b).known, aFile) }},
		{"allow_remote_refs", "Follow what documents at addresses (`contract`, `spec`) refer to at others, over the same guard and with credentials at their own origin only. Off, so that a document leads nowhere: what it refers to then allows anything, and is told as a fault.", "true",
			func(b *B) setting { return a(&of(b).remoteRefs, aFlag) }},
		{"auth", "How to authenticate.", "{ bearer: \"${STRIPE_KEY}\" }",
			func(b *B) setting { return in(&of(b).auth, &authKeys) }},
		{"headers", "Request headers.", "{ Stripe-Version: \"2024-06-20\" }",
			func(b *B) setting {
				return pairs[string]{into: &of(b).headers, kind: aHeader, name: checkHeaderName, secret: looksSecretName}
			}},
		{"query", "Query parameters, added to the URL.", "{ limit: \"100\" }",
			func(b *B) setting {
				return pairs[string]{into: &of(b).query, kind: aParam, secret: looksSecretName}
			}},
		{"every", "How often to ask. The moment within the interval is fixed for each probe, so that they spread.", "5m",
			func(b *B) setting {
				return instead{a(&of(b).every, anInterval), func() { of(b).cron = leaf[string]{} }}
			}},
		{"cron", "When to ask, instead of `every`: minute, hour, day of month, month, day of week.", "\"0 9 * * 1-5\"",
			func(b *B) setting {
				return instead{a(&of(b).cron, aCron), func() { of(b).every = leaf[time.Duration]{} }}
			}},
		{"timezone", "Time zone of `cron`; UTC when nothing is said.", "Europe/Paris",
			func(b *B) setting {
				return hidden{a(&of(b).timezone, aTimezone), func() bool { return of(b).cron.text == "" }}
			}},
		{"timeout", "How long one request may take, from first byte to last.", "10s",
			func(b *B) setting { return a(&of(b).timeout, aDuration) }},
		{"max_body", "The largest answer that is read, after decompression. A larger one is a finding, and teaches nothing.", "2MiB",
			func(b *B) setting { return a(&of(b).maxBody, aSize) }},
		{"allow_private", "Allow loopback, private and link-local addresses. Off, so that no redirect and no DNS answer leads into your own network.", "true",
			func(b *B) setting { return a(&of(b).allowPrivate, aFlag) }},
		{"limits", "How hard all probes of one host together may ask it.", "{ per_second: 2, concurrent: 1 }",
			func(b *B) setting { return in(&of(b).limits, &limitsKeys) }},
		{"uses", "The paths your code reads, with all below them. Then only these can break you; elsewhere a change is at most a line to know.", "[/id, \"/data/[]/amount\"]",
			func(b *B) setting { return many[string]{&of(b).uses, aPath} }},
		{"uses_from", usesFromKey, "[client/charge.ts#Charge]",
			func(b *B) setting { return usesFromList(&of(b).usesFrom) }},
		{"maps", "Paths of objects whose keys are data, whatever they look like: no key of theirs is a field that can go away.", "[/rates]",
			func(b *B) setting { return many[string]{&of(b).maps, aPath} }},
		{"records", "Paths of objects that are no maps, whatever they look like: each key is a field. The only way back from a map that was learned.", "[/reactions]",
			func(b *B) setting { return many[string]{&of(b).records, aPath} }},
		{"ignore", "What is never reported: a path with all below it, a detector, or both.", "[/metadata, { path: /status, kind: enum-new }]",
			func(b *B) setting { return ignoreList(&of(b).ignore) }},
		{"severity", "Severity by detector (see docs/detectors.md): `breaking`, `warning`, `info`, or `off`.", "{ field-new: off }",
			func(b *B) setting {
				return pairs[string]{into: &of(b).severity, kind: choice("breaking", "warning", "info", "off"), name: checkDetector}
			}},
		{"sensitivity", "How much evidence an alarm needs: `calm` alarms falsely about once a month, `alert` ten times as often, `snapshot` is for few samples months apart.", "alert",
			func(b *B) setting {
				return a(&of(b).sensitivity, choice(string(contracts.Calm), string(contracts.Alert), string(contracts.Snapshot)))
			}},
	}
}

func ignoreList(into *[]ignoreBlock) setting {
	return blocks[ignoreBlock]{into: into, block: &ignoreKeys,
		fresh: func() ignoreBlock { return ignoreBlock{} },
		short: func(i *ignoreBlock) setting { return a(&i.path, aPath) }}
}

var apiKeys = block[apiBlock]{
	name: "API", doc: "One provider you integrate: a `name`, and either the one `url` to ask or a `base` with `probes`. All *Settings* are allowed too.",
	fresh: func() apiBlock { return apiBlock{settings: freshSettings(), spec: freshSpec()} },
	needs: []string{"name"}, rules: exactlyOne("url", "probes"),
	keys: append([]key[apiBlock]{
		{"name", "Name on the page and in alerts. State belongs to it: a renamed API learns anew.", "stripe",
			func(b *apiBlock) setting { return a(&b.name, aName) }},
		{"url", "The one URL to ask with GET. A variable in its path, such as ${CHARGE_ID}, shows as {CHARGE_ID}.", "\"https://api.stripe.com/v1/charges/${CHARGE_ID}\"",
			func(b *apiBlock) setting { return a(&b.url, anURL) }},
		{"base", "What the paths of `probes` are added to.", "https://api.stripe.com",
			func(b *apiBlock) setting { return a(&b.base, anURL) }},
		specKey,
	}, append(settingsRows(func(b *apiBlock) *settings { return &b.settings }), key[apiBlock]{
		"probes", "What to ask, when it is more than one `url`.", "[{ get: /v1/balance }]",
		func(b *apiBlock) setting {
			return blocks[probeBlock]{into: &b.probes, block: &probeKeys, fresh: func() probeBlock { return probeBlock{settings: b.settings} }}
		},
	})...),
	after: func(r *reader, b *apiBlock, f fields) {
		b.at = f.at[""]
		r.checkSchedule(&b.settings, f)
		r.checkZone(&b.settings, f)
		r.checkAPI(b, f)
	},
}

var probeKeys = block[probeBlock]{
	name:  "Probe",
	doc:   "One question: exactly one of `get`, `post`, `put`, `patch`, `delete`, `head`, a `workflow` of several, a `heartbeat` that a job calls, a `webhook` that a vendor calls, a `reconcile` of two sides, a `file` that is read, a `websocket` that is listened to, or a `grpc` method. All *Settings* are allowed too.",
	fresh: func() probeBlock { return probeBlock{settings: freshSettings()} },
	rules: exactlyOne(append(methods[:len(methods):len(methods)], "workflow", "heartbeat", "webhook", "reconcile", "file", "websocket", "grpc")...),
	keys: slices.Concat(methodRows(func(b *probeBlock) []leaf[string] { return b.targets[:] }), []key[probeBlock]{
		{"body", "Request body as it is sent.", "\"grant_type=client_credentials\"",
			func(b *probeBlock) setting { return a(&b.body, aParam) }},
		{"json", "Request body, written as YAML and sent as JSON.", "{ query: \"{ viewer { login } }\" }",
			func(b *probeBlock) setting { return jsonSetting{&b.json} }},
		{"name", "Name within the API; else its method and path. State belongs to it.", "balance",
			func(b *probeBlock) setting { return a(&b.name, aText) }},
		{"operation", "operationId in the contract, when method and path do not tell.", "getCharge",
			func(b *probeBlock) setting { return a(&b.operation, aText) }},
		{"params", "Values for the {names} in the path.", "{ id: ch_1 }",
			func(b *probeBlock) setting { return pairs[string]{into: &b.params, kind: aText} }},
		{"expect", "What counts as an answer.", "{ status: [200, 404] }",
			func(b *probeBlock) setting { return in(&b.expect, &expectKeys) }},
		{"workflow", "Steps that are taken one after the other, instead of one request: what one brings, the next uses. The answers of all make one shape, under their names.", "[{ name: create, post: /orders, json: { ref: \"${run.name}\" }, extract: { id: /id } }]",
			func(b *probeBlock) setting { return steps(&b.workflow) }},
		{"cleanup", "Steps that are always taken at the end of a workflow, also after a crash of ours. What they remove may be gone already (404, 410).", "[{ name: remove, delete: \"/orders/${steps.create.id}\" }]",
			func(b *probeBlock) setting { return steps(&b.cleanup) }},
		{"within", "How long all steps of a workflow may take together; 5m when nothing is said.", "5m",
			func(b *probeBlock) setting { return a(&b.within, aDuration) }},
		{"webhook", "A source of events that a vendor sends to us.", "{ name: orders, signed: stripe, secrets: [\"${STRIPE_WEBHOOK_SECRET}\"] }",
			func(b *probeBlock) setting { return in(&b.webhook, &sourceKeys) }},
	}, heartbeatRows, reconcileRows, pagingRows, eventsRows, socketRows, fileRows, graphqlRows, grpcRows, settingsRows(func(b *probeBlock) *settings { return &b.settings })),
	later: map[string]string{
		"extract": notYet,
	},
	after: func(r *reader, b *probeBlock, f fields) {
		b.at = f.at[""]
		r.checkSchedule(&b.settings, f)
		r.checkZone(&b.settings, f)
		r.checkProbe(b, f)
	},
}

const notYet = "it is not part of this version: remove it"

// methodRows are the rows get, post … of a probe or a step.
func methodRows[B any](of func(*B) []leaf[string]) []key[B] {
	var rows []key[B]
	for i, m := range methods {
		rows = append(rows, key[B]{m, "Path to ask with " + strings.ToUpper(m) + ", under `base`, or a whole URL. {name} is filled from `params`.", "\"/v1/charges/{id}\"",
			func(b *B) setting { return a(&of(b)[i], aTarget) }})
	}
	return rows
}

var authKeys = block[authBlock]{
	name: "Auth", doc: "Exactly one of these. Secrets are references; they appear in no log, page or alert.", fresh: func() (b authBlock) { return b }, resets: true,
	rules: object{"minProperties": 1, "maxProperties": 1},
	keys: []key[authBlock]{
		{"bearer", "`Authorization: Bearer …`", "\"${STRIPE_KEY}\"",
			func(b *authBlock) setting { return a(&b.bearer, aSecret) }},
		{"basic", "User and password.", "{ user: watcher, password: \"${PASSWORD}\" }",
			func(b *authBlock) setting { return in(&b.basic, &basicKeys) }},
		{"header", "A header of the vendor's own.", "{ name: X-Api-Key, value: \"${API_KEY}\" }",
			func(b *authBlock) setting { return in(&b.header, &headerKeys) }},
		{"query", "A query parameter.", "{ name: api_key, value: \"${API_KEY}\" }",
			func(b *authBlock) setting { return in(&b.query, &queryKeys) }},
		{"login", "A login of the vendor's own, whose answer holds the token; renewed.", "{ post: \"https://api.acme.dev/login\", json: { user: watcher, password: \"${PASSWORD}\" }, token: /token }",
			func(b *authBlock) setting { return in(&b.login, &loginKeys) }},
		{"oauth2", "OAuth 2 client credentials; the token is fetched and renewed.", "{ token_url: \"https://login.acme.dev/token\", client_id: watcher, client_secret: \"${SECRET}\" }",
			func(b *authBlock) setting { return in(&b.oauth2, &oauth2Keys) }},
		{"mtls", "A client certificate. The files are read again for each connection, so they may be rotated.", "{ cert: client.crt, key: client.key }",
			func(b *authBlock) setting { return in(&b.mtls, &mtlsKeys) }},
	},
	after: func(r *reader, b *authBlock, f fields) { r.afterAuth(b, f) },
}
