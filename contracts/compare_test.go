package contracts_test

import (
	"fmt"
	"strings"
	"testing"

	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
)

// compare learns thirty answers and compares one more.
func compare(t *testing.T, learned, now string, p contracts.Policy) []contracts.Finding {
	t.Helper()
	d := newDiary(t)
	d.answers(30, learned)
	o := contracts.Observe(answered(now, d.at), nil)
	p.API, p.Operation = "acme", "GET /things"
	return contracts.Compare(&contracts.Comparison{Baseline: d.baseline, Observation: &o, Policy: p}, detectors.All())
}

func TestCompare_TellsARenameAsOneStory(t *testing.T) {
	for _, c := range []struct{ name, was, now, cause string }{
		{"shared word", `{"id":1,"customer":"cus_000001"}`, `{"id":1,"customer_id":"cus_000002"}`, "`customer` was renamed `customer_id`"},
		{"same value", `{"id":1,"user":"ada"}`, `{"id":1,"account":"ada"}`, "`user` was renamed `account`"},
		{"camel case", `{"id":1,"createdAt":5}`, `{"id":1,"created_at":9}`, "`createdAt` was renamed `created_at`"},
		{"another kind", `{"id":1,"customer":"cus_000001"}`, `{"id":1,"customer_count":3}`, ""},
		{"unlike", `{"id":1,"note":"x"}`, `{"id":1,"region":"eu"}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := compare(t, c.was, c.now, contracts.Policy{})
			if len(found) != 2 || found[0].Cause != c.cause || found[1].Cause != c.cause {
				t.Errorf("found %+v, want two with the cause %q", found, c.cause)
			}
		})
	}
}

func TestCompare_HeedsThePolicy(t *testing.T) {
	const was, now = `{"id":1,"a":{"x":1,"y":2},"b":3}`, `{"id":1,"a":{"x":1}}`
	for _, c := range []struct {
		name   string
		policy contracts.Policy
		want   string
	}{
		{"all matter", contracts.Policy{}, "breaking /a/y, breaking /b"},
		{"uses a field below", contracts.Policy{Uses: []string{"/a"}}, "breaking /a/y, info /b"},
		{"uses something else", contracts.Policy{Uses: []string{"/id"}}, "info /a/y, info /b"},
		{"own severity", contracts.Policy{Severity: map[string]contracts.Severity{"field-removed": contracts.Warning}}, "warning /a/y, warning /b"},
		{"ignore a path", contracts.Policy{Ignore: []contracts.Ignore{{Path: "/a"}}}, "breaking /b"},
		{"ignore a kind", contracts.Policy{Ignore: []contracts.Ignore{{Kind: "field-removed"}}}, ""},
		{"ignore another kind there", contracts.Policy{Ignore: []contracts.Ignore{{Path: "/b", Kind: "field-new"}}}, "breaking /a/y, breaking /b"},
		{"off", contracts.Policy{Off: map[string]bool{"field-removed": true}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, f := range compare(t, was, now, c.policy) {
				got = append(got, f.Severity.String()+" "+f.Path)
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}

func TestCompare_AContractSoftensOnlyWhatItForesees(t *testing.T) {
	const was = `{"at":1700000000,"n":7,"s":"x"}`
	for _, c := range []struct {
		name, now, want string
		policy          contracts.Policy
	}{
		{"an optional field goes", `{"at":1700000000,"n":7}`, "warning field-removed /s", contracts.Policy{}},
		{"a required field goes", `{"at":1700000000,"s":"x"}`, "breaking field-removed /n", contracts.Policy{}},
		{
			"a required field goes and contracts are ignored", `{"at":1700000000,"s":"x"}`, "breaking field-removed /n",
			contracts.Policy{Ignore: []contracts.Ignore{{Kind: "contract-mismatch"}}},
		},
		{
			"a required field goes and contracts are off", `{"at":1700000000,"s":"x"}`, "breaking field-removed /n",
			contracts.Policy{Off: map[string]bool{"contract-mismatch": true}},
		},
		{"a unit changes, of which no schema speaks", `{"at":1700000000000,"n":7,"s":"x"}`, "breaking scale-shift /at", contracts.Policy{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDiary(t)
			d.contract = agreed(t, `{type: object, required: [n], properties: {at: {type: integer}, n: {type: integer}, s: {type: string}}}`)
			d.answers(30, was)
			o := contracts.Observe(answered(c.now, d.at), nil)
			var got []string
			for _, f := range contracts.Compare(&contracts.Comparison{Contract: d.contract, Baseline: d.baseline, Observation: &o, Policy: c.policy}, detectors.All()) {
				got = append(got, f.Severity.String()+" "+f.Kind+" "+f.Path)
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("found %q, want %q", s, c.want)
			}
		})
	}
}

func TestCompare_IsQuietAboutItself(t *testing.T) {
	for _, body := range []string{whole, `[]`, `{}`, `null`, `17`, `{"a":[{"b":null}],"c":{}}`} {
		if found := compare(t, body, body, contracts.Policy{}); len(found) > 0 {
			t.Errorf("%s: %+v", body, found)
		}
	}
}

func TestCompare_BoundsWhatOneAnswerCanReport(t *testing.T) {
	var many strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&many, `,"k%d":%d`, i, i)
	}
	found := compare(t, whole, strings.TrimSuffix(whole, "}")+many.String()+"}", contracts.Policy{})
	if len(found) > 256 {
		t.Errorf("%d findings from one answer", len(found))
	}
}

func TestFingerprint_HoldsNoValue(t *testing.T) {
	a := compare(t, whole, without, contracts.Policy{})[0]
	b := a
	b.Was, b.Now, b.Severity, b.Evidence = "x", "y", contracts.Info, contracts.Evidence{}
	if a.Fingerprint() != b.Fingerprint() || len(a.Fingerprint()) != 16 {
		t.Errorf("%q and %q", a.Fingerprint(), b.Fingerprint())
	}
}
