package contracts_test

import (
	"strings"
	"testing"
)

// frozen has a confirmed change that nobody accepted, and 30 answers since.
func frozen(t *testing.T) *diary {
	d := newDiary(t)
	d.answers(200, `{"id":7,"name":"lamp","status":"open","note":"x","n":1}`)
	if v := d.answers(30, `{"id":7,"status":"open","note":"x","n":1}`); kindsOf(v.Confirmed) != "field-removed /name" {
		t.Fatalf("confirmed %q", kindsOf(v.Confirmed))
	}
	return d
}

func TestHeld_GoesOnLearningBesideAnUnacceptedChange(t *testing.T) {
	d := frozen(t)
	odd := `{"id":7,"status":"open","note":7,"n":1}`
	if v := d.answer(odd); kindsOf(v.Suspected) != "kind-changed /note" {
		t.Fatalf("suspected %q: new to both what was learned and what is held", kindsOf(v.Suspected))
	}
	d.answers(400, `{"id":7,"status":"open","note":"x","n":1}`) // the suspicion dies
	if v := d.answer(odd); len(v.Suspected) > 0 || kindsOf(v.Confirmed) != "field-removed /name" {
		t.Errorf("suspected %q, confirmed %q: a number that came before is content", kindsOf(v.Suspected), kindsOf(v.Confirmed))
	}
}

func TestHeld_IsNoCoverForAnotherChange(t *testing.T) {
	d := frozen(t)
	v := d.answers(30, `{"id":7,"status":"open","note":"x","n":"one"}`)
	if got := kindsOf(v.Confirmed); !strings.Contains(got, "kind-changed /n") || !strings.Contains(got, "field-removed /name") {
		t.Errorf("confirmed %q", got)
	}
}
