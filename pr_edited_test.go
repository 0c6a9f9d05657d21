package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"shapewatch/alerting"
	"shapewatch/alerting/pullrequest"
	"shapewatch/contracts"
)

// baseOnly is a forge that has one contract at its base.
type baseOnly struct {
	pullrequest.Forge
	text string
}

func (b baseOnly) Name() string { return "git here" }

func (b baseOnly) Traits() pullrequest.Traits { return pullrequest.Traits{Requests: true} }

func (b baseOnly) Read(context.Context, string, string) ([]byte, error) { return []byte(b.text), nil }

// recalling is a store that remembers one probe.
type recalling struct {
	memory
	remembered alerting.Memory
}

func (r recalling) Recall(context.Context, string, string) (alerting.Memory, error) {
	return r.remembered, nil
}

// TestDrafter_StandsForWhatItEdits holds a request to the findings that it does
// something about: not what an earlier one brought to the base, nor what a
// contract has no word for.
func TestDrafter_StandsForWhatItEdits(t *testing.T) {
	c, remembered := agreedShop(t)
	found := map[string]contracts.Finding{}
	for name, f := range map[string]contracts.Finding{
		"mismatch": {Path: "/region", Kind: "contract-mismatch", Was: "contract: integer", Now: "answers: string", Severity: contracts.Breaking},
		"retyped":  {Path: "/region", Kind: "kind-changed", Was: "integer", Now: "string", Severity: contracts.Breaking},
		"new":      {Path: "/status", Kind: "field-new", Severity: contracts.Info},
		"frozen":   {Path: "header:x-version", Kind: "version-changed", Severity: contracts.Warning},
	} {
		f.API, f.Operation = "shop", "GET /v1/status"
		found[name] = f
	}
	merged := strings.Replace(wrongStatus, "type: integer", "type: string", 1)
	for name, test := range map[string]struct {
		base  string
		want  []string
		title string
	}{
		"nothing is merged":         {wrongStatus, []string{"mismatch", "retyped", "new"}, "fix(contract): shop GET /v1/status: region is not as described (+2 more)"},
		"the first part is merged":  {merged, []string{"new"}, "fix(contract): shop GET /v1/status: status is new"},
		"all of it":                 {strings.Replace(merged, "properties:", "properties:\n                  status: { type: string }", 1), nil, ""},
		"the second part is merged": {strings.Replace(wrongStatus, "properties:", "properties:\n                  status: { type: string }", 1), []string{"mismatch", "retyped"}, "fix(contract): shop GET /v1/status: region is not as described (+1 more)"},
	} {
		s := &subject{agreement: c.contractFiles()[0], api: "shop", branch: "shapewatch/shop", watches: c.Watches()[:1], hold: map[string][]pullrequest.Ground{}}
		for _, f := range found {
			s.hold["shop/GET /v1/status"] = append(s.hold["shop/GET /v1/status"], pullrequest.Ground{Finding: f, Since: time.Now(), Incident: "inc_1"})
		}
		d := &drafter{config: c, store: recalling{remembered: remembered}, forge: baseOnly{text: test.base}, now: time.Now()}
		w := d.wish(t.Context(), s)
		var want []string
		for _, key := range test.want {
			want = append(want, found[key].Fingerprint())
		}
		slices.Sort(want)
		if slices.Sort(w.Prints); w.Unknown != nil || !slices.Equal(w.Prints, want) || w.Title != test.title {
			t.Errorf("%s: %v, %q stands for %d findings, want %v, %q", name, w.Unknown, w.Title, len(w.Prints), test.want, test.title)
		}
		if strings.Contains(w.Body, "already") {
			t.Errorf("%s: tells of what asks for nothing:\n%s", name, w.Body)
		}
	}
}
