package alerting_test

import (
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

func TestRoutes_WaitForTheEndOfQuietHours(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 4, 22, 30, 0, 0, time.UTC) // 23:30 in Paris
	morning := time.Date(2026, 3, 5, 6, 0, 0, 0, time.UTC)
	routes := alerting.Routes{
		{Channels: []string{"night"}, Continue: true, Quiet: &alerting.Hours{From: 22 * 60, To: 7 * 60, Zone: paris, Except: contracts.Breaking}},
		{Channels: []string{"day"}},
	}
	for severity, want := range map[contracts.Severity]time.Time{contracts.Warning: morning, contracts.Breaking: at} {
		inc := alerting.Incident{ID: "inc_1", API: "shop", Severity: severity}
		for _, row := range routes.Deliveries([]alerting.Incident{inc}, []alerting.Transition{{Incident: "inc_1", Kind: alerting.Opened}}, at) {
			if expected := map[string]time.Time{"night": want, "day": at}[row.Channel]; !row.NotBefore.Equal(expected) {
				t.Errorf("%s hears of %s at %v, want %v", row.Channel, severity, row.NotBefore, expected)
			}
		}
	}
}

// TestSilence_UntilItChangesEndsWithTheChange: the same finding stays hushed,
// a worse one is told at once.
func TestSilence_UntilItChangesEndsWithTheChange(t *testing.T) {
	first := found("GET /a", "/a", "kind-changed", contracts.Warning)
	known, _ := alerting.Fold(nil, checked("GET /a", noon, first))
	policy := alerting.Policy{Quiet: alerting.Quiet{Silences: []alerting.Silence{
		{ID: "sil_1", From: noon.Add(time.Minute), UntilChange: true, Matcher: alerting.Matcher{API: "shop"}, Actor: "ada"}}}}
	known, _ = alerting.Tend(known, noon.Add(2*time.Minute), policy)
	if known[0].Muted.Mute != alerting.Silenced {
		t.Fatalf("not hushed: %+v", known[0].Muted)
	}
	u := checked("GET /a", noon.Add(time.Hour), first)
	u.Policy = policy
	if _, steps := alerting.Fold(known, u); len(steps) != 0 {
		t.Errorf("told %v although nothing changed", steps)
	}
	worse := first
	worse.Severity = contracts.Breaking
	u = checked("GET /a", noon.Add(2*time.Hour), worse)
	u.Policy = policy
	changed, steps := alerting.Fold(known, u)
	if len(steps) != 1 || steps[0].Kind != alerting.Worsened || changed[0].Muted.Mute != "" {
		t.Errorf("told %v", steps)
	}
}

// TestHandle_ResolvedByHandStaysQuietUntilItIsWorse although the probes go on
// finding it.
func TestHandle_ResolvedByHandStaysQuietUntilItIsWorse(t *testing.T) {
	first := found("GET /a", "/a", "kind-changed", contracts.Warning)
	known, _ := alerting.Fold(nil, checked("GET /a", noon, first))
	over, steps, err := alerting.Handle(known[0], alerting.Act{Kind: alerting.Resolve, Actor: "ada", At: noon.Add(time.Minute)}, alerting.Policy{})
	if err != nil || len(steps) != 1 || steps[0].Kind != alerting.Closed {
		t.Fatalf("%v, %v", steps, err)
	}
	known = []alerting.Incident{over}
	if _, steps := alerting.Fold(known, checked("GET /a", noon.Add(time.Hour), first)); len(steps) != 0 {
		t.Errorf("told %v", steps)
	}
	worse := first
	worse.Severity = contracts.Breaking
	if _, steps := alerting.Fold(known, checked("GET /a", noon.Add(2*time.Hour), worse)); len(steps) != 1 {
		t.Errorf("worse, and told %v", steps)
	}
}
