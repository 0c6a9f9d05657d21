package contracts_test

import (
	"fmt"
	"slices"
	"testing"

	"shapewatch/contracts"
)

func TestStretches_TellWhatWasLearnedWhenAndWhatIsHeld(t *testing.T) {
	d, kept := restored(t), shelfful{}
	const hours = 60 // past the day after which hours become days
	for i := range hours * 12 {
		d.answer(fmt.Sprintf(`{"id":%d,"name":"lamp"}`, i%9))
		kept.keep(t, d.baseline)
	}
	changed := d.at
	for range 5 {
		d.answer(`{"id":4}`)
		kept.keep(t, d.baseline)
	}
	all, err := d.baseline.Stretches(kept.list())
	must(t, err)
	var answers uint64
	for i, s := range all {
		answers += s.Answers
		if i > 0 && s.From.Before(all[i-1].From) {
			t.Errorf("stretch %d begins at %s, before the one before it", i, s.From)
		}
		f, there := s.Shape.Field("/name")
		if s.Held == there {
			t.Errorf("stretch %d, held %t, has the name: %t (%+v)", i, s.Held, there, f.Probes)
		}
	}
	last := all[len(all)-1]
	if answers != hours*12+5 || !last.Held || last.Answers != 5 || last.From.Before(changed) || !last.To.After(last.From) {
		t.Errorf("%d answers in all; last %+v, changed at %s", answers, last, changed)
	}
	if len(all) < 25 || len(all) > 60 {
		t.Errorf("%d stretches of %d hours", len(all), hours)
	}
}

func TestStretches_OfNothingAreNone(t *testing.T) {
	all, err := contracts.NewBaseline().Stretches(nil)
	if err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
	if _, err := contracts.NewBaseline().Stretches([]contracts.Part{{Key: "h2026-01-01T00", Bytes: []byte("P\x01junk")}}); err == nil {
		t.Error("a part that cannot be decoded is taken")
	}
}

func TestTouched_FindsUsesAboveAndBelow(t *testing.T) {
	p := contracts.Policy{Uses: []string{"/data/[]/customer", "/total", "/data/[]/lines/[]/sku"}}
	for path, want := range map[string][]string{
		"/data/[]/customer": {"/data/[]/customer"}, "/data/[]/customer/id": {"/data/[]/customer"}, "/data/[]/lines": {"/data/[]/lines/[]/sku"},
		"": p.Uses, "/other": nil, "header:x": nil,
	} {
		if got := p.Touched(path); !slices.Equal(got, want) {
			t.Errorf("%q touches %v, want %v", path, got, want)
		}
	}
}
