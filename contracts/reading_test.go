package contracts_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
	"shapewatch/contracts/shape"
)

// TestReading_WhatWasAMapStaysOne: an answer with the one key that a map
// happens to have today, or with other keys, is read as the map it is.
func TestReading_WhatWasAMapStaysOne(t *testing.T) {
	b := contracts.NewBaseline()
	at := time.Unix(1e9, 0)
	for i := range 40 {
		teach(t, b, fmt.Sprintf(`{"rates":{"EUR":%d,"USD":1,"GBP":2,"CHF":3}}`, i), at.Add(time.Duration(i)*time.Hour))
	}
	for _, body := range []string{`{"rates":{"EUR":1}}`, `{"rates":{"total":1,"other":2}}`} {
		if found := judged(b, body, contracts.Policy{}); len(found) > 0 {
			t.Errorf("%s: %+v", body, found)
		}
	}
	if diff := cmp.Diff([]string{"/rates"}, b.Reading().Maps); diff != "" {
		t.Error(diff)
	}
	encoded, err := b.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	again := contracts.NewBaseline()
	if err := again.UnmarshalBinary(encoded); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.Reading(), again.Reading()); diff != "" {
		t.Errorf("after a restart: %s", diff)
	}
}

// TestReading_IsPinnedByTheUser: a record that looks like a map is judged key
// by key, and a map that looks like a record is not.
func TestReading_IsPinnedByTheUser(t *testing.T) {
	record, data := contracts.NewBaseline(), contracts.NewBaseline()
	at := time.Unix(1e9, 0)
	for i := range 40 {
		teach(t, record, fmt.Sprintf(`{"rates":{"EUR":%d,"USD":1,"GBP":2,"CHF":3}}`, i), at.Add(time.Duration(i)*time.Hour))
		teach(t, data, fmt.Sprintf(`{"stock":{"chair":%d,"table":1}}`, i), at.Add(time.Duration(i)*time.Hour))
	}
	found := judged(record, `{"rates":{"EUR":1,"USD":1,"GBP":2}}`, contracts.Policy{View: shape.View{Records: []string{"/rates"}}})
	if len(found) != 1 || found[0].Path != "/rates/CHF" || found[0].Kind != "field-removed" {
		t.Errorf("a pinned record: %+v", found)
	}
	body := `{"stock":{"chair":1,"lamp":1}}`
	if found := judged(data, body, contracts.Policy{}); len(found) == 0 {
		t.Error("a record is judged key by key")
	}
	if found := judged(data, body, contracts.Policy{View: shape.View{Maps: []string{"/stock"}}}); len(found) > 0 {
		t.Errorf("a pinned map: %+v", found)
	}
}

func teach(t *testing.T, b *contracts.Baseline, body string, at time.Time) {
	t.Helper()
	o := contracts.Observe(answered(body, at), nil)
	b.Learn(&o, contracts.Verdict{Learned: true})
}

func judged(b *contracts.Baseline, body string, p contracts.Policy) []contracts.Finding {
	o := contracts.Observe(answered(body, time.Unix(2e9, 0)), nil)
	found := contracts.Compare(&contracts.Comparison{Baseline: b, Observation: &o, Policy: p}, detectors.All())
	return slices.DeleteFunc(found, func(f contracts.Finding) bool { return f.Severity == contracts.Info })
}
