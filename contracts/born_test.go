package contracts_test

import (
	"fmt"
	"testing"
)

// TestWeigh_CountsWhatAThingWasBornWithOnce shows one thing at a time, each for
// many answers: how often a thing is repeated is no evidence.
func TestWeigh_CountsWhatAThingWasBornWithOnce(t *testing.T) {
	d := newDiary(t)
	for id := range 5 {
		d.answers(20, fmt.Sprintf(`{"id":%d,"note":"x","at":%d}`, id, id))
	}
	for range 20 {
		if v := d.answer(`{"id":77,"at":77}`); len(v.Confirmed) > 0 {
			t.Fatalf("one thing without a note was told as %s", kindsOf(v.Confirmed))
		}
	}
}

func TestWeigh_TellsThatManyThingsLackWhatAllHad(t *testing.T) {
	d := newDiary(t)
	for id := range 30 {
		d.answers(3, fmt.Sprintf(`{"id":%d,"note":"x","at":%d}`, id, id))
	}
	for id := range 10 {
		if v := d.answers(3, fmt.Sprintf(`{"id":%d,"at":%d}`, 100+id, id)); kindsOf(v.Confirmed) == "field-removed /note" {
			return
		}
	}
	t.Error("ten new things without a note were not told")
}

// TestWeigh_TellsWhatAKnownThingLost is the other side: the thing is the same,
// so that no birth explains it.
func TestWeigh_TellsWhatAKnownThingLost(t *testing.T) {
	d := newDiary(t)
	for id := range 5 {
		d.answers(20, fmt.Sprintf(`{"id":%d,"note":"x","at":%d}`, id, id))
	}
	if v := d.answers(6, `{"id":4,"at":4}`); kindsOf(v.Confirmed) != "field-removed /note" {
		t.Errorf("confirmed %q", kindsOf(v.Confirmed))
	}
}
