package main

import (
	"slices"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/alerting/pullrequest"
	"shapewatch/contracts"
)

// A saga is one incident with one entry, as the store may hold it.
type saga struct {
	id, path, kind string
	severity       contracts.Severity
	since, ended   int // hours; 0 means not ended
	handling       alerting.Handling
	reopened       int
}

func hour(n int) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Hour)
}

func (s saga) incident() alerting.Incident {
	inc := alerting.Incident{ID: s.id, API: "stripe", Severity: s.severity, Condition: alerting.Firing, Handling: s.handling, Opened: hour(s.since), Changed: hour(s.since), Resolved: hour(s.ended)}
	if s.ended > 0 {
		inc.Condition = alerting.Resolved
	}
	if s.reopened > 0 {
		inc.Timeline = []alerting.Event{{At: hour(s.reopened), Kind: alerting.Reopened}}
	}
	inc.Entries = []alerting.Entry{{Probe: "p", Since: hour(s.since), Ended: hour(s.ended),
		Finding: contracts.Finding{API: "stripe", Operation: "GET /c", Path: s.path, Kind: s.kind, Severity: s.severity}}}
	return inc
}

// TestGroundsOf_SaysWhatAsksForAnEdit lists what may have become of a finding.
func TestGroundsOf_SaysWhatAsksForAnEdit(t *testing.T) {
	const breaking, info = contracts.Breaking, contracts.Info
	retype := saga{id: "a", path: "/amount", kind: "kind-changed", severity: breaking, since: 1, handling: alerting.New}
	with := func(s saga, change func(*saga)) saga { change(&s); return s }
	accepted := with(retype, func(s *saga) { s.handling = alerting.Accepted })
	over := with(accepted, func(s *saga) { s.ended = 3 })
	for name, test := range map[string]struct {
		sagas          []saga
		accepted       map[string]int
		auto           []contracts.Severity
		hold, reverted []string
	}{
		"nobody has said a word":             {sagas: []saga{retype}},
		"accepted":                           {sagas: []saga{accepted}, accepted: map[string]int{"a": 2}, hold: []string{"/amount"}},
		"accepted, and so over":              {sagas: []saga{over}, accepted: map[string]int{"a": 2}, hold: []string{"/amount"}},
		"accepted after it was over":         {sagas: []saga{over}, accepted: map[string]int{"a": 4}},
		"joined after the rest was accepted": {sagas: []saga{with(accepted, func(s *saga) { s.since = 5 })}, accepted: map[string]int{"a": 2}},
		"rejected afterwards":                {sagas: []saga{with(retype, func(s *saga) { s.handling = alerting.Rejected })}, reverted: []string{"/amount"}},
		"accepted, and changed again":        {sagas: []saga{with(retype, func(s *saga) { s.since, s.reopened = 5, 5 })}, accepted: map[string]int{"a": 2}, reverted: []string{"/amount"}},
		"accepted, changed again, accepted":  {sagas: []saga{with(accepted, func(s *saga) { s.since, s.reopened = 5, 5 })}, accepted: map[string]int{"a": 6}, hold: []string{"/amount"}},
		"accepted, and changed again in another incident": {sagas: []saga{over, with(retype, func(s *saga) { s.id, s.since = "b", 9 })},
			accepted: map[string]int{"a": 2}, reverted: []string{"/amount"}},
		"accepted twice": {sagas: []saga{over, with(accepted, func(s *saga) { s.id, s.since = "b", 9 })},
			accepted: map[string]int{"a": 2, "b": 10}, hold: []string{"/amount"}},
		"automatic":                {sagas: []saga{retype}, auto: []contracts.Severity{breaking}, hold: []string{"/amount"}},
		"automatic, and as before": {sagas: []saga{with(retype, func(s *saga) { s.ended = 3 })}, auto: []contracts.Severity{breaking}, reverted: []string{"/amount"}},
		"additive": {sagas: []saga{{id: "n", path: "/note", kind: "field-new", severity: info, since: 1, ended: 2, handling: alerting.Accepted}},
			auto: []contracts.Severity{info}, hold: []string{"/note"}},
		"additive, without auto": {sagas: []saga{{id: "n", path: "/note", kind: "field-new", severity: info, since: 1, ended: 2, handling: alerting.Accepted}}},
		"gone, accepted, and back": {sagas: []saga{
			{id: "g", path: "/id", kind: "field-removed", severity: breaking, since: 1, ended: 3, handling: alerting.Accepted},
			{id: "n", path: "/id", kind: "field-new", severity: info, since: 5, ended: 6, handling: alerting.Accepted},
		}, accepted: map[string]int{"g": 2}, reverted: []string{"/id"}},
	} {
		t.Run(name, func(t *testing.T) {
			var incidents []alerting.Incident
			for _, s := range test.sagas {
				incidents = append(incidents, s.incident())
			}
			said, auto := map[string]time.Time{}, map[contracts.Severity]bool{}
			for id, at := range test.accepted {
				said[id] = hour(at)
			}
			for _, s := range test.auto {
				auto[s] = true
			}
			hold, reverted := groundsOf(incidents, said, auto, hour(20), func(string) string { return "" })
			if got := pathsOf(hold["p"]); !slices.Equal(got, test.hold) {
				t.Errorf("hold %v, want %v", got, test.hold)
			}
			if got := pathsOf(reverted["p"]); !slices.Equal(got, test.reverted) {
				t.Errorf("reverted %v, want %v", got, test.reverted)
			}
		})
	}
}

func TestAcceptedAt_TheLastWordCounts(t *testing.T) {
	act := func(kind alerting.ActKind, at int) alerting.Act {
		return alerting.Act{Kind: kind, Incident: "a", At: hour(at)}
	}
	newestFirst := []alerting.Act{act(alerting.Acknowledge, 9), act(alerting.Accept, 8), act(alerting.Reject, 7)}
	if at := acceptedAt(newestFirst); !at["a"].Equal(hour(8)) {
		t.Errorf("accepted %v", at)
	}
	if at := acceptedAt(append([]alerting.Act{act(alerting.Reject, 10)}, newestFirst...)); !at["a"].IsZero() {
		t.Errorf("rejected afterwards, and accepted %v", at)
	}
}

func TestBranchOf_IsOneForEachContract(t *testing.T) {
	taken := map[string]bool{}
	for _, c := range []struct{ api, file, want string }{
		{"stripe", "contracts/stripe.yaml", "shapewatch/stripe"},
		{"stripe", "contracts/events.yaml", "shapewatch/stripe-events"},
		{"stripe", "other/events.yaml", "shapewatch/stripe-events-2"},
		{"Größe & more..", "x.yaml", "shapewatch/Gr-e-more"},
		{"日本", "x.yaml", "shapewatch/api"},
	} {
		if got := branchOf(c.api, c.file, taken); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.api, c.file, got, c.want)
		}
	}
}

func pathsOf(grounds []pullrequest.Ground) (paths []string) {
	for _, g := range grounds {
		paths = append(paths, g.Finding.Path)
	}
	return paths
}
