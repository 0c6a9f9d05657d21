package contracts_test

import "testing"

const (
	pushes    = `[{"type":"push","id":1,"ref":"main"},{"type":"push","id":2,"ref":"dev"},{"type":"fork","id":3,"to":"x"}]`
	noRefs    = `[{"type":"push","id":4},{"type":"push","id":5},{"type":"fork","id":3,"to":"x"}]`
	onlyForks = `[{"type":"fork","id":3,"to":"x"},{"type":"fork","id":6,"to":"x"}]`
)

func TestWeigh_AVariantThatIsNotThereSaysNothing(t *testing.T) {
	d := newDiary(t)
	d.answers(60, pushes)
	v := d.answers(10, noRefs)
	if kindsOf(v.Confirmed) != "field-removed /[]/ref" {
		t.Fatalf("confirmed %q", kindsOf(v.Confirmed))
	}
	if v := d.answers(10, onlyForks); len(v.Cleared) > 0 {
		t.Errorf("cleared %v by answers without a push", v.Cleared)
	}
	var cleared []string
	for range 3 {
		cleared = append(cleared, d.answer(pushes).Cleared...)
	}
	if len(cleared) != 1 {
		t.Errorf("cleared %v by three that have it again", cleared)
	}
}
