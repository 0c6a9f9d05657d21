package main

import (
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shapewatch/monitor"
	"shapewatch/probes"
)

func TestConfig_KeepsWhatOneProbeAddsFromItsSiblings(t *testing.T) {
	c := load(t, `
apis:
  - name: a
    base: https://a.example
    headers: { X-All: "1" }
    probes: [{ get: /a, headers: { X-Own: "2" } }, { get: /b }]
`)
	if got := c.Watches()[1].Probe.Header.Get("X-Own"); got != "" {
		t.Errorf("the second probe sends the first one's header: %q", got)
	}
}

func TestConfig_MasksTheDefaultOfASecret(t *testing.T) {
	c := load(t, `apis: [{ name: a, url: "https://a.example", auth: { bearer: "${T:-plain-fallback}" } }]`, "T", "real-value")
	shown, err := c.Show()
	if err != nil || strings.Contains(string(shown), "plain-fallback") || !strings.Contains(string(shown), "${T:-"+mask+"}") {
		t.Errorf("%v\n%s", err, shown)
	}
	if !containsAny(c.Secrets(), []string{"plain-fallback"}) {
		t.Error("a default that is not used is a secret all the same")
	}
}

func TestConfig_WebhookHasNoChannels(t *testing.T) {
	c := load(t, `
apis: [{ name: a, url: "https://a.example" }]
slack: { webhook: "https://hooks.example/x" }
alerts: { routes: [{ severity: breaking, channels: slack }] }
`)
	if diff := cmp.Diff(SlackConfig{Webhook: "https://hooks.example/x"}, c.Slack()); diff != "" {
		t.Error(diff)
	}
}

func TestChannels_AreNamesOrIDs(t *testing.T) {
	for name, want := range map[string]bool{"#x": true, "C024BE91L": true, "#": false, "C1": false, "oncall": false, "XYZXYZXYZ": false} {
		if got := looksChannel(name); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if looksToken("aaaaaaaaaaaaaaaaaaaaaaa1") {
		t.Error("a text that repeats itself is no token")
	}
}

func TestPublicURL_IsOursOnlyOnThisMachine(t *testing.T) {
	c := load(t, `apis: [{ name: a, url: "https://a.example" }]`)
	for address, want := range map[string][2]string{"127.0.0.1:0": {"http://127.0.0.1:", "http://127.0.0.1:"}, "0.0.0.0:0": {"", "http://localhost:"}} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		p := &program{programOptions: programOptions{Listener: l}}
		if got := p.publicURL(c); !strings.HasPrefix(got, want[0]) || (want[0] == "") != (got == "") {
			t.Errorf("%s: links lead to %q", address, got)
		}
		if got := pageAddress(l); !strings.HasPrefix(got, want[1]) {
			t.Errorf("%s: the page is at %q", address, got)
		}
		l.Close()
	}
}

func TestCheckReport_DriftOutweighsSilence(t *testing.T) {
	r := &checkReport{Checks: []checkLine{{Outcome: drifted}, {Outcome: unobserved}, {Outcome: agreed}}}
	if r.sum(); r.Exit != 1 || r.Drifted != 1 || r.Unobserved != 1 || r.Agreed != 1 {
		t.Errorf("%+v", r)
	}
}

func TestChosen_TakesAProbeOnceHoweverManyPatternsFit(t *testing.T) {
	watches := []monitor.Watch{{Probe: probes.Probe{ID: "a/x", API: "a"}}, {Probe: probes.Probe{ID: "b/x", API: "b"}}}
	taken, err := chosen(watches, []string{"a", "a*"})
	if err != nil || len(taken) != 1 || taken[0].Probe.API != "a" {
		t.Errorf("%v, %v", taken, err)
	}
}

func TestInit_AddsDataToTheQueryThatIsThere(t *testing.T) {
	c, err := parseCurl([]string{"curl", "-G", "-d", "a=b", "https://a.example/x?y=z"})
	if err != nil || c.url != "https://a.example/x?y=z&a=b" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestInit_WritesNoUserThatIsAToken(t *testing.T) {
	f := &firstConfig{name: "a"}
	if f.basic("sk_live_123:secret"); strings.Contains(f.auth, "sk_live") {
		t.Error(f.auth)
	}
}
