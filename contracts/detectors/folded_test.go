package detectors_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"shapewatch/contracts"
)

// TestFieldNew_IsToldBesideAFoldedMap gives a record whose map outgrew the cap
// a new field: detail was lost below it, not in it.
func TestFieldNew_IsToldBesideAFoldedMap(t *testing.T) {
	w := newWatch()
	w.policy.Sensitivity = contracts.Snapshot
	page := map[string]any{"name": "pkg", "releases": map[string]any{}}
	for i := range 900 {
		page["releases"].(map[string]any)[fmt.Sprintf("%d.%d.0", i/30, i%30)] = []any{map[string]any{"size": i, "url": "https://x.example/" + fmt.Sprint(i), "yanked": false}}
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	check := func(n int) contracts.Verdict {
		body, err := json.Marshal(page)
		if err != nil {
			t.Fatal(err)
		}
		return w.check(sample(string(body), "", at.AddDate(0, n, 0)), false)
	}
	for n := range 5 {
		check(n)
	}
	if f, ok := w.baseline.Shape.Field("/releases"); !ok || !f.IsMap || !f.Truncated {
		t.Fatalf("the map is not folded: %+v", f)
	}
	page["alternate-locations"] = []any{}
	v := check(5)
	if len(v.Confirmed) != 1 || v.Confirmed[0].Path != "/alternate-locations" || v.Confirmed[0].Kind != "field-new" {
		t.Errorf("told %+v, want the new field alone", v.Confirmed)
	}
}
