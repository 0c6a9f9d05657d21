package contracts_test

import (
	"testing"

	"shapewatch/contracts"
	"shapewatch/probes"
)

func TestHour_AFailedCheckHasNoItemsToCount(t *testing.T) {
	failed := contracts.Check{Class: probes.Unreachable, Items: -1}
	ten, twelve := contracts.Check{Class: probes.Valid, Items: 10}, contracts.Check{Class: probes.Valid, Items: 12}
	for _, checks := range [][]contracts.Check{{failed, ten, twelve}, {twelve, failed, ten}, {ten, twelve, failed}} {
		var h contracts.Hour
		for _, c := range checks {
			h.Add(c)
		}
		if h.MinItems != 10 || h.MaxItems != 12 {
			t.Errorf("%d to %d items, want 10 to 12", h.MinItems, h.MaxItems)
		}
	}
	var none contracts.Hour
	none.Add(failed)
	if none.MinItems != -1 || none.MaxItems != -1 {
		t.Errorf("%d to %d items of an hour without a list, want -1", none.MinItems, none.MaxItems)
	}
}
