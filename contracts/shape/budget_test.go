package shape_test

import (
	"fmt"
	"testing"
	"time"

	"shapewatch/contracts/shape"
)

// TestLimits_ARecordSurvivesItsMaps folds three maps of ever-new keys inside a
// record of a list; the record stays a record.
func TestLimits_ARecordSurvivesItsMaps(t *testing.T) {
	s := shape.New(shape.Limits{})
	for i := range 1500 {
		body := fmt.Sprintf(`{"data":[{"id":%d,"total":1,"meta":{"k%d":"a"},"labels":{"l%d":1},"names":{"n%d":true}}]}`, i, i, i, i)
		if err := s.Observe([]byte(body), time.Unix(int64(i), 0)); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]bool{"/data/[]": false, "/data/[]/meta": true, "/data/[]/labels": true, "/data/[]/names": true} {
		f, ok := s.Field(path)
		if !ok || f.IsMap != want {
			t.Errorf("%s: map %v (found %v), want %v", path, f.IsMap, ok, want)
		}
	}
}
