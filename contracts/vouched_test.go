package contracts_test

import (
	"testing"

	"shapewatch/contracts"
)

// soonBack accepts a change after six answers and lets what was before return
// after some more.
func soonBack(t *testing.T, before, after string, more int) contracts.Verdict {
	t.Helper()
	d := newDiary(t)
	d.answers(60, before)
	v := d.answers(6, after)
	var told []string
	for _, f := range v.Confirmed {
		told = append(told, f.Fingerprint())
	}
	if len(d.baseline.Accept(contracts.Acceptance{By: "ada", At: d.at}, told...)) == 0 {
		t.Fatal("nothing was there to be accepted")
	}
	if v := d.answers(more, after); len(v.Confirmed)+len(v.Suspected) > 0 {
		t.Errorf("what was accepted: confirmed %q, suspected %q", kindsOf(v.Confirmed), kindsOf(v.Suspected))
	}
	return d.answers(5, before)
}

func TestAccept_ATypeThatReturnsSoonIsTold(t *testing.T) {
	for _, more := range []int{0, 1, 5, 12, 20} {
		v := soonBack(t, `{"id":7,"price":5}`, `{"id":7,"price":"5"}`, more)
		if kindsOf(v.Confirmed) != "kind-changed /price" {
			t.Errorf("after %d answers: confirmed %q, suspected %q", more, kindsOf(v.Confirmed), kindsOf(v.Suspected))
		}
	}
}

func TestAccept_AnAnswerThatReturnsSoonIsTold(t *testing.T) {
	before, after := `{"id":7,"a":1,"b":2,"c":3,"d":4,"e":5}`, `{"id":"7","a":"1","b":"2","c":"3","d":"4","e":"5"}`
	for _, more := range []int{0, 1, 5, 12} {
		v := soonBack(t, before, after, more)
		if kindsOf(v.Confirmed) != "degraded-response " {
			t.Errorf("after %d answers: confirmed %q, suspected %q", more, kindsOf(v.Confirmed), kindsOf(v.Suspected))
		}
	}
}

// TestAccept_SaysNothingOfOtherPlaces: a field as rare is still too new to be
// judged where nobody said a word.
func TestAccept_SaysNothingOfOtherPlaces(t *testing.T) {
	d := newDiary(t)
	d.answers(60, `{"id":7,"price":5}`)
	v := d.answers(6, `{"id":7,"price":"5","note":"n"}`)
	if i := len(v.Confirmed); i == 0 {
		t.Fatal("nothing was confirmed")
	}
	for _, f := range v.Confirmed {
		if f.Kind == "kind-changed" {
			d.baseline.Accept(contracts.Acceptance{By: "ada", At: d.at}, f.Fingerprint())
		}
	}
	if v := d.answers(4, `{"id":7,"price":"5","note":7}`); kindsOf(v.Suspected) != "" {
		t.Errorf("suspected %q of a field that six answers had", kindsOf(v.Suspected))
	}
}
