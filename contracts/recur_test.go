package contracts_test

import (
	"fmt"
	"strings"
	"testing"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// rows is a list of twenty things, some of them without a name.
func rows(from, without int) string {
	var items []string
	for id := from; id < from+20; id++ {
		name := fmt.Sprintf(`,"name":"lamp %d"`, id)
		if id-from < without {
			name = ""
		}
		items = append(items, fmt.Sprintf(`{"id":%d%s}`, id, name))
	}
	return `{"data":[` + strings.Join(items, ",") + `]}`
}

// canary answers oddly once in twenty checks, and as ever when asked again.
func (d *diary) canary(checks int, odd, even string) (told string, v contracts.Verdict) {
	for i := range checks {
		if i%20 > 0 {
			v = d.answer(even)
		} else {
			d.answer(odd)
			v = d.again(even)
		}
		if len(v.Confirmed) > 0 {
			return kindsOf(v.Confirmed), v
		}
	}
	return "", v
}

func TestRecurrence_OneServerOfTwentyIsToldAsAWarning(t *testing.T) {
	d := newDiary(t)
	d.answers(300, rows(0, 0))
	since := d.at
	told, v := d.canary(200, rows(0, 20), rows(0, 0))
	if told != "field-removed /data/[]/name" {
		t.Fatalf("told %q", told)
	}
	f := v.Confirmed[0]
	if e := f.Evidence; f.Severity != contracts.Warning || e.Checks < 3 || e.Of <= 20*(e.Checks-1) || !e.Since.Equal(since) || !strings.Contains(f.Now, fmt.Sprintf("in %d of %d answers", e.Checks, e.Of)) {
		t.Errorf("severity %v, evidence %+v, now %q", f.Severity, e, f.Now)
	}
	if n, _ := d.baseline.Shape.Field("/data/[]/name"); n.Probes.None+n.Probes.Some > 0 {
		t.Errorf("presence %+v: what came back was learned meanwhile", n.Probes)
	}
}

func TestRecurrence_BecomesBreakingWhenItStays(t *testing.T) {
	d := newDiary(t)
	d.answers(300, rows(0, 0))
	d.canary(300, rows(0, 20), rows(0, 0))
	v := d.answers(12, rows(0, 20))
	if len(v.Confirmed) == 0 || v.Confirmed[0].Severity != contracts.Breaking {
		t.Errorf("confirmed %q, worst %v: want it breaking", kindsOf(v.Confirmed), v.Confirmed)
	}
}

func TestRecurrence_IsNotForgottenWithTheProgram(t *testing.T) {
	d := newDiary(t)
	d.answers(300, rows(0, 0))
	for range 12 {
		if told, _ := d.canary(20, rows(0, 20), rows(0, 0)); told != "" {
			return
		}
		encoded, err := d.baseline.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		d.baseline = contracts.NewBaseline()
		if err := d.baseline.UnmarshalBinary(encoded); err != nil {
			t.Fatal(err)
		}
	}
	t.Error("never told, after a dozen restarts")
}

func TestRecurrence_OneThingThatChangesItsMindIsContent(t *testing.T) {
	d := newDiary(t)
	d.answers(100, whole)
	for i := range 300 {
		body := whole
		if i%20 == 0 {
			body = without
		}
		if v := d.answer(body); len(v.Confirmed) > 0 {
			t.Fatalf("check %d: told %q of the only thing there is", i, kindsOf(v.Confirmed))
		}
	}
}

// TestRecurrence_OneThingThatIsBackWithinSecondsIsNot: nobody edits a thing back
// in the moment in which we ask again, time after time.
func TestRecurrence_OneThingThatIsBackWithinSecondsIsNot(t *testing.T) {
	d := newDiary(t)
	d.answers(100, whole)
	told, v := d.canary(200, without, whole)
	if told != "field-removed /name" || v.Confirmed[0].Severity != contracts.Warning {
		t.Errorf("told %q, want a warning of what comes and goes", told)
	}
}

// TestRecurrence_WhatCameAndWentAllAlongIsContent: an answer that has a field
// or not by chance is back within seconds as well.
func TestRecurrence_WhatCameAndWentAllAlongIsContent(t *testing.T) {
	d := newDiary(t)
	d.answers(10, whole)
	d.answer(without)
	d.answers(100, whole)
	if told, _ := d.canary(200, without, whole); told != "" {
		t.Errorf("told %q", told)
	}
}

func TestRecurrence_ThingsBornSoAreContent(t *testing.T) {
	d := newDiary(t)
	d.answers(200, rows(0, 0))
	for i := range 300 {
		v := d.answer(rows(40*i, 20*(i%20/19))) // now and then a page of new things without names
		if len(v.Confirmed) > 0 && v.Confirmed[0].Severity > contracts.Info {
			t.Fatalf("check %d: told %q", i, kindsOf(v.Confirmed))
		}
		v = d.answer(rows(40*i+20, 0))
		if len(v.Confirmed) > 0 && v.Confirmed[0].Severity > contracts.Info {
			t.Fatalf("check %d: told %q", i, kindsOf(v.Confirmed))
		}
	}
}

func TestRecurrence_CountsWhatIsNoPassingTrouble(t *testing.T) {
	for status, want := range map[int]string{410: "status-changed ", 503: ""} {
		d := newDiary(t)
		d.answers(300, whole)
		told := ""
		for i := range 200 {
			if i%20 == 0 {
				s := answered(`{"message":"no"}`, d.at)
				s.Status = status
				d.observe(contracts.Observe(s, nil))
			}
			v := d.answer(whole)
			if told == "" {
				told = kindsOf(v.Confirmed)
			}
		}
		if told != want {
			t.Errorf("status %d in one of twenty answers: told %q, want %q", status, told, want)
		}
	}
}

func TestRecurrence_NobodyAnsweringIsNoClean(t *testing.T) {
	d := newDiary(t)
	d.answers(300, rows(0, 0))
	d.answer(rows(0, 20))
	for range 400 {
		d.observe(contracts.Observation{At: d.at, Class: probes.Unreachable, Problem: "timed out"})
	}
	if n := d.baseline.Answers(); n != 300 {
		t.Errorf("%d answers learned, want the odd one held for as long as nothing was asked in vain", n)
	}
}
