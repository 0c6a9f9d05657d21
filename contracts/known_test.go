package contracts_test

import (
	"slices"
	"testing"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
	"shapewatch/probes"
)

// orders is a contract that says of orders what they do not keep.
var orders = &contracts.Contract{Answers: []contracts.Agreed{{Statuses: "200", Media: "application/json", Body: &contracts.Schema{
	Properties: map[string]*contracts.Schema{"region": {Kinds: []string{"integer"}}, "total": {Kinds: []string{"number"}}},
}}}}

// listed is a line of the file beside a contract.
func listed(path, now string) contracts.Finding { return contracts.Finding{Path: path, Now: now} }

// answer lets a baseline see one answer of orders.
func answer(t *testing.T, b *contracts.Baseline, n int, body string, p contracts.Policy) contracts.Verdict {
	t.Helper()
	at := time.Date(2026, 11, 1, 0, n, 0, 0, time.UTC)
	o := contracts.Observe(probes.Sample{Class: probes.Valid, At: at, Status: 200, MediaType: "application/json", Body: []byte(body)}, nil)
	c := contracts.Comparison{Contract: orders, Baseline: b, Observation: &o, Policy: p}
	found := contracts.Compare(&c, detectors.All())
	v := contracts.Weigh(b, found, &o, p)
	b.Learn(&o, v)
	return v
}

func told(v contracts.Verdict, path string) bool {
	return slices.ContainsFunc(v.Confirmed, func(f contracts.Finding) bool { return f.Path == path && f.Severity > contracts.Info })
}

const wrong, right = `{"region":"eu","total":"7"}`, `{"region":3,"total":7}`

func TestKnown_WhatTheFileListsIsNoNewsAnywhere(t *testing.T) {
	p := contracts.Policy{API: "shop", Sensitivity: contracts.Snapshot, Known: []contracts.Finding{listed("/region", "string")}}
	v := answer(t, contracts.NewBaseline(), 0, wrong, p)
	if told(v, "/region") || !told(v, "/total") {
		t.Errorf("want /total alone told, got %v", v.Confirmed)
	}
}

func TestKnown_WhatIsTakenOutOfTheFileIsNews(t *testing.T) {
	b := contracts.NewBaseline()
	both := contracts.Policy{API: "shop", Known: []contracts.Finding{listed("/region", "string"), listed("/total", "string")}}
	for n := range 8 {
		if v := answer(t, b, n, wrong, both); told(v, "/region") || told(v, "/total") {
			t.Fatalf("answer %d: known, and told: %v", n, v.Confirmed)
		}
	}
	one := contracts.Policy{API: "shop", Known: both.Known[:1]}
	news := false
	for n := range 8 {
		v := answer(t, b, 8+n, wrong, one)
		if news = news || told(v, "/total"); told(v, "/region") {
			t.Fatalf("answer %d: /region is listed, and told", n)
		}
	}
	if !news {
		t.Error("/total was taken out of the file and shows: it was never told")
	}
}

func TestKnown_WithoutAFileTheFirstDayCounts(t *testing.T) {
	b, p := contracts.NewBaseline(), contracts.Policy{API: "shop"}
	for n := range 12 {
		if v := answer(t, b, n, wrong, p); told(v, "/region") {
			t.Fatalf("answer %d: %v", n, v.Confirmed)
		}
	}
	if len(b.Known) != 2 || b.Known[0].Listed || b.Known[0].Shown != 12 || b.Known[0].Of != 12 {
		t.Errorf("known: %+v", b.Known)
	}
}

func TestKnown_IsOverWhenAnswersKeepTheContract(t *testing.T) {
	b, p := contracts.NewBaseline(), contracts.Policy{API: "shop"}
	for n := range 6 {
		answer(t, b, n, wrong, p)
	}
	for n := range 40 {
		over := b.Known[0].Over()
		if n < 20 && over {
			t.Fatalf("over after %d clean answers", n)
		}
		answer(t, b, 6+n, right, p)
	}
	if !b.Known[0].Over() {
		t.Errorf("not over after 40 clean answers: %+v", b.Known[0])
	}
	answer(t, b, 60, wrong, p)
	if b.Known[0].Over() {
		t.Error("over, and it shows")
	}
}

// TestKnown_RareOnesRest: what showed in one of fifty answers may rest for long.
func TestKnown_RareOnesRest(t *testing.T) {
	m := contracts.Mismatch{Shown: 10, Of: 500 + 60, Quiet: 60}
	if m.Over() {
		t.Error("one in fifty, and over after 60")
	}
	if m.Of, m.Quiet = 500+300, 300; !m.Over() {
		t.Error("one in fifty, and not over after 300")
	}
}

// TestKnown_UncountedOnesAreNotOverEarly: how often one showed that was known
// before answers were counted, nobody knows; it may be a rare one.
func TestKnown_UncountedOnesAreNotOverEarly(t *testing.T) {
	for quiet := range uint64(459) {
		if m := (contracts.Mismatch{Of: quiet, Quiet: quiet}); m.Over() {
			t.Fatalf("over after %d", quiet)
		}
	}
	if m := (contracts.Mismatch{Of: 459, Quiet: 459}); !m.Over() {
		t.Error("never over")
	}
}

func TestKnown_CountsOutliveARestart(t *testing.T) {
	b, p := contracts.NewBaseline(), contracts.Policy{API: "shop"}
	var whole []byte
	var lessons [][]byte
	for n := range 14 {
		body := wrong
		if n > 8 {
			body = right
		}
		answer(t, b, n, body, p)
		k, err := b.Keep()
		if err != nil {
			t.Fatal(err)
		}
		if k.Whole != nil {
			whole, lessons = k.Whole, nil
			continue
		}
		lessons = append(lessons, k.Lesson)
	}
	if len(lessons) < 3 {
		t.Fatalf("%d lessons: nothing is tried", len(lessons))
	}
	again, err := contracts.Restore(whole, lessons)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := again.Known[0], b.Known[0]; got.Shown != want.Shown || got.Of != want.Of || got.Quiet != want.Quiet || want.Quiet != 5 {
		t.Errorf("counts %+v, want %+v", got, want)
	}
}
