package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting"
	"shapewatch/monitor"
)

func lifeConfig(t *testing.T, alerts string) (*Config, error) {
	t.Helper()
	return parseConfig("shapewatch.yaml", []byte("apis: [{ name: a, url: \"https://a.example/\" }]\nslack: { bot_token: xoxb-1234567890, channel: \"#all\" }\nalerts: "+alerts), anyValue)
}

func TestConfig_ReadsTheLifeOfIncidents(t *testing.T) {
	c, err := lifeConfig(t, `{ reminders: [1h, 2d], digest: { at: "07:30", timezone: UTC }, mentions: { "@x": "<@U1>" }, fallback: "#oncall",
  canaries: "https://c.example/", maintenance: [{ cron: "0 2 * * 0", for: 2h, api: "a*", labels: { k: v } }] }`)
	if err != nil {
		t.Fatal(err)
	}
	a := c.Alerts()
	a.Routes = nil
	want := monitor.Alerts{
		Reminders: []time.Duration{time.Hour, 48 * time.Hour}, Digest: &monitor.Daily{Hour: 7, Minute: 30, Zone: time.UTC}, Canaries: []string{"https://c.example/"},
		Maintenance: []monitor.Maintenance{{Name: "0 2 * * 0", Cron: "0 2 * * 0", For: 2 * time.Hour, Matcher: alerting.Matcher{API: "a*", Labels: map[string]string{"k": "v"}}}},
	}
	if diff := cmp.Diff(want, a, cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })); diff != "" {
		t.Error(diff)
	}
	if c.Fallback() != "slack:#oncall" || c.Mentions()["@x"] != "<@U1>" || len(c.Slack().Channels) != 2 {
		t.Errorf("fallback %q, mentions %v, channels %v", c.Fallback(), c.Mentions(), c.Slack().Channels)
	}
}

func TestConfig_RemindsAndDigestsByDefault(t *testing.T) {
	c, err := lifeConfig(t, "{}")
	if err != nil {
		t.Fatal(err)
	}
	a := c.Alerts()
	if diff := cmp.Diff(alerting.DefaultReminders, a.Reminders); diff != "" || a.Digest == nil || a.Digest.Hour != 9 {
		t.Errorf("reminders %v, digest %+v", a.Reminders, a.Digest)
	}
	if c, err = lifeConfig(t, "{ digest: { at: off }, reminders: [] }"); err != nil || c.Alerts().Digest != nil || len(c.Alerts().Reminders) != 0 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestConfig_RefusesALifeThatCannotBe(t *testing.T) {
	for alerts, want := range map[string]string{
		"{ reminders: [4h, 1h] }":                                            "write them rising",
		"{ digest: { at: 25h } }":                                            "no time of day",
		"{ maintenance: [{ cron: never, for: 1h }] }":                        "cron",
		"{ maintenance: [{ cron: \"0 2 * * *\", for: 30d }] }":               "up to 7d",
		"{ fallback: nobody }":                                               "is no channel",
		"{ routes: [{ channels: [], quiet: { from: off, to: \"7:00\" } }] }": "cannot be off",
	} {
		if _, err := lifeConfig(t, alerts); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", alerts, err, want)
		}
	}
}
