package contracts_test

import (
	"fmt"
	"testing"

	"shapewatch/contracts"
)

// thing is one answer that shows one thing.
func thing(id int, status string) string {
	return fmt.Sprintf(`{"id":"ord_%08d","status":%q,"note":"n %d"}`, id, status, id)
}

// TestCensus_AThingOfManyIsCountedOnce: more things are known than are told
// apart, and one has a new status, however often it is asked about.
func TestCensus_AThingOfManyIsCountedOnce(t *testing.T) {
	d := newDiary(t)
	for id := range 600 {
		d.answer(thing(id/2, []string{"open", "paid", "sent"}[id/2%3]))
	}
	for id := 300; id < 303; id++ {
		for range 10 {
			if v := d.again(thing(id, "disputed")); len(v.Confirmed) > 0 {
				t.Fatalf("told %q of one thing", kindsOf(v.Confirmed))
			}
		}
		if v := d.answer(thing(id, "disputed")); len(v.Confirmed) > 0 {
			t.Fatalf("thing %d: told %q", id, kindsOf(v.Confirmed))
		}
	}
}

// TestCensus_AThingThatChangesUnderOurEyesIsMilder until others have it too.
func TestCensus_AThingThatChangesUnderOurEyesIsMilder(t *testing.T) {
	d := newDiary(t)
	for id := range 600 {
		d.answer(thing(id/2, []string{"open", "paid", "sent"}[id/2%3]))
	}
	v := d.answers(20, thing(299, "disputed"))
	if len(v.Confirmed) != 1 || v.Confirmed[0].Severity != contracts.Info {
		t.Errorf("one known thing was edited: %+v, want a line in the digest", v.Confirmed)
	}
}
