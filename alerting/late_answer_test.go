package alerting_test

import (
	"testing"

	"shapewatch/alerting"
	"shapewatch/contracts"
)

// TestFold_WhatWasAcceptedEndsNoEarlier folds an answer that was asked for
// before a person accepted the change, and came after: what was accepted was so
// when it was accepted.
func TestFold_WhatWasAcceptedEndsNoEarlier(t *testing.T) {
	w := &world{t: t}
	w.wants(checked("GET /orders", minutes(0), found("GET /orders", "/total", "kind-changed", contracts.Breaking)), alerting.Opened)
	accepted, _, err := alerting.Handle(w.incidents[0], alerting.Act{Kind: alerting.Accept, Actor: "ada", At: minutes(5)}, alerting.Policy{})
	if err != nil {
		t.Fatal(err)
	}
	w.incidents[0] = accepted
	w.fold(checked("GET /orders", minutes(4)))
	if e := w.incidents[0].Entries[0]; !e.Ended.Equal(minutes(5)) || w.incidents[0].Open() {
		t.Errorf("ended at %v, want %v: %+v", e.Ended, minutes(5), w.incidents[0])
	}
}
