package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/probes"
	"shapewatch/store"
)

// variables is an environment for configurations under test.
func variables(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

// load reads a configuration that must be good.
func load(t *testing.T, text string, env ...string) *Config {
	t.Helper()
	c, err := parseConfig("shapewatch.yaml", []byte(text), variables(env...))
	if err != nil {
		t.Fatalf("%v", err)
	}
	return c
}

// TestConfig_ExplainsMistakes holds what people get wrong most against the
// texts that they read then: testdata/config/*.yml and .golden.
func TestConfig_ExplainsMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/config/*.yml")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yml"), func(t *testing.T) {
			_, err := LoadConfig(file, variables("KEY", "value-of-key"))
			if err == nil {
				t.Fatal("it loads")
			}
			var exit *exitError
			if !errors.As(err, &exit) || exit.code != 2 {
				t.Errorf("exit code of %T: want 2", err)
			}
			golden(t, strings.TrimSuffix(file, ".yml")+".golden", err.Error()+"\n")
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites):\n%s", file, diff)
	}
}

func TestConfig_MakesProbesOfOneURL(t *testing.T) {
	c := load(t, `
apis:
  - name: stripe
    group: payments
    owner: "@payments"
    labels: { team: checkout }
    url: https://api.stripe.com/v1/charges/${CHARGE_ID}?limit=3&api_key=${STRIPE_KEY}
    every: 90s
`, "CHARGE_ID", "ch_9", "STRIPE_KEY", "sk_live_1234")
	got := c.Watches()[0].Probe
	want := probes.Probe{
		ID: "stripe/GET /v1/charges/{CHARGE_ID}", API: "stripe", Name: "GET /v1/charges/{CHARGE_ID}",
		Operation: "GET /v1/charges/{CHARGE_ID}", Group: "payments", Owner: "@payments", Labels: map[string]string{"team": "checkout"},
		Method: "GET", URL: "https://api.stripe.com/v1/charges/ch_9?limit=3", Header: http.Header{},
		Query: http.Header{"api_key": {"sk_live_1234"}}, Secrets: []string{"sk_live_1234"},
		Timeout: 10 * time.Second, MaxBody: 8 << 20, Limits: probes.HostLimits{PerSecond: 10, Concurrent: 4},
		Schedule: probes.Schedule{Every: 90 * time.Second},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("probe (-want +got):\n%s", diff)
	}
}

func TestConfig_InheritsAndOverrides(t *testing.T) {
	c := load(t, `
apis:
  - name: a
    base: https://a.example/api/
    headers: { X-One: "1", X-Two: "2" }
    ignore: [/metadata]
    cron: "0 9 * * *"
    probes:
      - get: /orders/{id}?expand={what}
        params: { id: "a/b", what: "x&y" }
        headers: { X-Two: two }
        ignore: [{ path: /status, kind: enum-new }]
        expect: { status: [200, 404] }
      - name: search
        post: /search
        json: { b: 1.50, a: [true, null, "${WHO}"] }
        every: 1h
        severity: { field-new: "off", field-removed: warning }
        limits: { concurrent: 1 }
defaults: { timeout: 5s, timezone: Europe/Paris, limits: { per_second: 0.5 } }
`, "WHO", `me "quoted"`)
	order, search := c.Watches()[0], c.Watches()[1]
	if got, want := order.Probe.URL, "https://a.example/api/orders/a%2Fb?expand=x%26y"; got != want {
		t.Errorf("URL %s, want %s", got, want)
	}
	if got, want := order.Probe.Operation, "GET /api/orders/{id}"; got != want {
		t.Errorf("operation %s, want %s", got, want)
	}
	if diff := cmp.Diff(http.Header{"X-One": {"1"}, "X-Two": {"two"}}, order.Probe.Header); diff != "" {
		t.Errorf("headers add name by name:\n%s", diff)
	}
	if diff := cmp.Diff([]contracts.Ignore{{Path: "/metadata"}, {Path: "/status", Kind: "enum-new"}}, order.Policy.Ignore); diff != "" {
		t.Errorf("ignore adds:\n%s", diff)
	}
	if diff := cmp.Diff(probes.Schedule{Cron: "0 9 * * *", Timezone: "Europe/Paris"}, order.Probe.Schedule); diff != "" {
		t.Errorf("cron takes the place of every:\n%s", diff)
	}
	if got := search.Probe.Schedule; got.Every != time.Hour || got.Cron != "" {
		t.Errorf("every takes the place of cron: %+v", got)
	}
	if got, want := string(search.Probe.Body), `{"b":1.50,"a":[true,null,"me \"quoted\""]}`; got != want {
		t.Errorf("body %s, want %s", got, want)
	}
	if diff := cmp.Diff(probes.HostLimits{PerSecond: 0.5, Concurrent: 1}, search.Probe.Limits); diff != "" {
		t.Errorf("limits add:\n%s", diff)
	}
	if !search.Policy.Off["field-new"] || search.Policy.Severity["field-removed"] != contracts.Warning || order.Policy.Off["field-new"] {
		t.Errorf("severity is the probe's own: %+v, %+v", search.Policy, order.Policy)
	}
}

func TestConfig_RoutesWhatNoRouteTakesToTheDefaultChannel(t *testing.T) {
	c := load(t, `
apis: [{ name: a, url: "https://a.example" }]
slack: { bot_token: "${BOT}", channel: "#drift" }
alerts: { routes: [{ severity: breaking, api: "a*", channels: ["#oncall", slack], continue: true }] }
`, "BOT", "xoxb-1-2-3")
	want := alerting.Routes{
		{Match: alerting.Match{APIs: []string{"a*"}, Severity: contracts.Breaking}, Channels: []string{"slack:#oncall", "slack:#drift"}, Continue: true},
		{Channels: []string{"slack:#drift"}},
	}
	if diff := cmp.Diff(want, c.Routes()); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(SlackConfig{BotToken: "xoxb-1-2-3", Channels: []string{"#drift", "#oncall"}}, c.Slack()); diff != "" {
		t.Errorf("slack (-want +got):\n%s", diff)
	}
}

func TestConfig_SharesOneCredentialAmongProbes(t *testing.T) {
	c := load(t, `
apis:
  - name: a
    base: https://a.example
    auth: { oauth2: { token_url: "https://a.example/token", client_id: me, client_secret: "${S}" } }
    probes: [{ get: /a }, { get: /b }, { get: /c, auth: { bearer: "${S}" } }]
`, "S", "secret-value")
	w := c.Watches()
	if w[0].Probe.Auth != w[1].Probe.Auth || w[0].Probe.Auth == w[2].Probe.Auth {
		t.Error("two probes of an API must share a token, a third with its own auth must not")
	}
}

func TestConfig_SaysWhereStateAndPageAre(t *testing.T) {
	c := load(t, `
apis: [{ name: a, url: "https://a.example" }]
store: { path: x.db, max_size: 2GiB, keep: { checks: 1w } }
page: { listen: ":9000", url: "https://drift.example/", title: T }
`)
	const day = 24 * time.Hour
	want := store.Options{Path: "x.db", MaxSize: 2 << 30, Keep: store.Retention{Checks: 7 * day, Hours: 90 * day, Incidents: 365 * day}}
	if diff := cmp.Diff(want, c.Store()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(PageConfig{Listen: ":9000", URL: "https://drift.example", Title: "T"}, c.Page()); diff != "" {
		t.Error(diff)
	}
}

func TestConfig_IncludesFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "shapewatch.yaml", "include: ['apis/*.yaml', shapewatch.yaml]\ndefaults: { every: 1h }\n")
	write(t, dir, "apis/b.yaml", "apis: [{ name: b, url: 'https://b.example' }]\n")
	write(t, dir, "apis/a.yaml", "\ufeffapis:\r\n  - name: a\r\n    url: https://a.example\r\n")
	c, err := LoadConfig(filepath.Join(dir, "shapewatch.yaml"), variables())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range c.Watches() {
		got = append(got, w.Probe.API, w.Probe.Schedule.Every.String())
	}
	if diff := cmp.Diff([]string{"a", "1h0m0s", "b", "1h0m0s"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(c.Files()) != 3 {
		t.Errorf("files %v: want the three that were read", c.Files())
	}
	write(t, dir, "apis/c.yaml", "apis: [{ name: a, url: 'https://c.example', evry: 1 }]\nstore: {}\n")
	_, err = LoadConfig(filepath.Join(dir, "shapewatch.yaml"), variables())
	for _, want := range []string{"c.yaml:1:16: apis[0].name", "c.yaml:1:45: apis[0]: unknown key", "c.yaml:2:1: unknown key \"store\"", "\"store\" belongs at the top"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %q", err, want)
		}
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestConfig_WarnsOfSecretsInPlainText(t *testing.T) {
	c := load(t, `
apis:
  - { name: a, url: "https://a.example?api_key=abcd1", auth: { bearer: plain-secret-1 } }
  - { name: b, url: "https://b.example", headers: { X-Api-Key: plain-secret-2, Accept: text/json } }
`)
	if len(c.Warnings()) != 3 {
		t.Errorf("want 3 warnings: %v", c.Warnings())
	}
	shown, err := c.Show()
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"abcd1", "plain-secret-1", "plain-secret-2"} {
		if strings.Contains(strings.Join(c.Warnings(), "\n")+string(shown), secret) {
			t.Errorf("%s is printed", secret)
		}
		if !strings.Contains(strings.Join(c.Secrets(), " "), secret) {
			t.Errorf("%s is not known as a secret", secret)
		}
	}
}

func TestConfig_ForURL(t *testing.T) {
	c, err := ConfigForURL("http://127.0.0.1:9/x?q=${HOME}", 5*time.Second, true)
	if err != nil {
		t.Fatal(err)
	}
	p := c.Watches()[0].Probe
	if p.URL != "http://127.0.0.1:9/x?q=${HOME}" || !p.AllowPrivate || p.Schedule.Every != 5*time.Second || p.API != "127.0.0.1" {
		t.Errorf("%+v", p)
	}
	if _, err := ConfigForURL("nonsense", time.Minute, false); err == nil {
		t.Error("nonsense is no URL")
	}
}
