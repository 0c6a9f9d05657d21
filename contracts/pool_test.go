package contracts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/shape"
)

// TestReading_ManyMapsLeaveTheRecordARecord: what is in a record is judged
// however many keys the maps in it come to, and a map that the user calls a
// record is one again.
func TestReading_ManyMapsLeaveTheRecordARecord(t *testing.T) {
	b := contracts.NewBaseline()
	at := time.Unix(1e9, 0)
	for i := range 400 {
		body := `{"data":[{"id":1,"price":1`
		for _, name := range []string{"north", "south", "east", "west"} {
			body += fmt.Sprintf(`,%q:{"a-%d":1,"b-%d":2}`, name, i, i)
		}
		o := contracts.Observe(answered(body+`}]}`, at.Add(time.Duration(i)*time.Hour)), nil)
		contracts.Compare(&contracts.Comparison{Baseline: b, Observation: &o}, nil)
		b.Learn(&o, contracts.Verdict{Learned: true})
	}
	found := judged(b, `{"data":[{"id":1,"north":{"a":1}}]}`, contracts.Policy{})
	if !strings.Contains(fmt.Sprint(found), "/data/[]/price") {
		t.Errorf("the record is not judged: %+v", found)
	}
	encoded, err := b.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	restarted, err := contracts.Restore(encoded, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*contracts.Baseline{"while it runs": b, "with a restart": restarted} {
		judged(b, `{"data":[]}`, contracts.Policy{View: shape.View{Records: []string{"/data/[]/north"}}})
		if b.Shape.Wide("/data/[]/north") || !b.Shape.Wide("/data/[]/south") {
			t.Errorf("%s: only what is called a record is learned anew", name)
		}
	}
}
