package contracts_test

import (
	"fmt"
	"testing"

	"shapewatch/contracts"
)

// TestLook_AnAnswerThatSaysNothingIsAskedAgain: an empty list in the moment of
// the second look leaves the suspicion as open as it was.
func TestLook_AnAnswerThatSaysNothingIsAskedAgain(t *testing.T) {
	d := newDiary(t)
	for range 60 { // a list that is empty half of the time
		d.answer(rows(0, 0))
		d.answer(`{"data":[]}`)
	}
	for looks, step := range []func() contracts.Verdict{
		func() contracts.Verdict { return d.answer(rows(20, 20)) },
		func() contracts.Verdict { return d.again(`{"data":[]}`) },
		func() contracts.Verdict { return d.again(`{"data":[]}`) },
	} {
		if v := step(); !v.Ask || v.Looks != looks {
			t.Errorf("after %d looks: ask %t, %d looks", looks, v.Ask, v.Looks)
		}
	}
	if v := d.again(rows(40, 0)); v.Ask {
		t.Error("a clean answer says enough")
	}
	d.answer(rows(20, 20))
	if v := d.answer(`{"data":[]}`); v.Ask {
		t.Error("an empty answer of the schedule is no second look")
	}
}

// TestLook_EachVisitIsAskedAboutAnew: what has come back is another question.
func TestLook_EachVisitIsAskedAboutAnew(t *testing.T) {
	d := newDiary(t)
	d.answers(60, rows(0, 0))
	for visit := range 8 {
		if v := d.answer(rows(0, 20)); len(v.Confirmed) == 0 && (!v.Ask || v.Looks != 0) {
			t.Fatalf("visit %d: ask %t, %d looks", visit, v.Ask, v.Looks)
		}
		d.again(rows(0, 0))
		d.answers(3, rows(0, 0))
	}
}

// TestWeigh_WhatWouldPageIsFirstToldAsAWarning: the budget of warnings is the
// larger one, so that less evidence will do; no more is said than that.
func TestWeigh_WhatWouldPageIsFirstToldAsAWarning(t *testing.T) {
	early, sure := 0, 0
	d := newDiary(t)
	for id := range 200 {
		d.answer(fmt.Sprintf(`{"id":"ord_%08d","name":"n %d","status":"open"}`, id, id))
	}
	for id := 200; id < 240 && sure == 0; id++ {
		v := d.answer(fmt.Sprintf(`{"id":"ord_%08d","status":"open"}`, id))
		switch {
		case len(v.Confirmed) == 0:
		case v.Confirmed[0].Severity == contracts.Warning && early == 0:
			early = id - 199
		case v.Confirmed[0].Severity == contracts.Breaking:
			sure = id - 199
		}
	}
	if early == 0 || sure <= early {
		t.Errorf("a warning after %d things, breaking after %d: want it in this order", early, sure)
	}
	alert := newDiary(t)
	alert.policy.Sensitivity = contracts.Alert
	for id := range 200 {
		alert.answer(fmt.Sprintf(`{"id":"ord_%08d","name":"n %d","status":"open"}`, id, id))
	}
	for id := 200; ; id++ {
		v := alert.answer(fmt.Sprintf(`{"id":"ord_%08d","status":"open"}`, id))
		if len(v.Confirmed) > 0 {
			if v.Confirmed[0].Severity != contracts.Breaking {
				t.Errorf("%s: sensitivity alert knows no hold", v.Confirmed[0].Severity)
			}
			break
		}
	}
}
