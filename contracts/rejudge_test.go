package contracts_test

import (
	"testing"

	"shapewatch/contracts"
)

func TestRejudge_SaysWhatAnotherPolicyWouldHaveTold(t *testing.T) {
	found := contracts.Finding{Path: "/data/[]/total", Kind: "kind-changed", Severity: contracts.Breaking}
	unread := found
	unread.Severity, unread.Usual = contracts.Info, "breaking"
	cases := map[string]struct {
		found  contracts.Finding
		policy contracts.Policy
		want   string
	}{
		"as it was":      {found, contracts.Policy{}, "breaking"},
		"milder":         {found, contracts.Policy{Severity: map[string]contracts.Severity{"kind-changed": contracts.Warning}}, "warning"},
		"not read":       {found, contracts.Policy{Uses: []string{"/data/[]/id"}}, "info"},
		"read after all": {unread, contracts.Policy{Uses: []string{"/data/[]/total"}}, "breaking"},
		"off":            {found, contracts.Policy{Off: map[string]bool{"kind-changed": true}}, "none"},
		"ignored":        {found, contracts.Policy{Ignore: []contracts.Ignore{{Path: "/data"}}}, "none"},
	}
	for name, c := range cases {
		as, told := c.policy.Rejudge(c.found)
		got := "none"
		if told {
			got = as.Severity.String()
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if again, _ := (contracts.Policy{}).Rejudge(as); told && again.Severity != contracts.Breaking {
			t.Errorf("%s: the severity of its own is lost: %s", name, again.Severity)
		}
	}
}
