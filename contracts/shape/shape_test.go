package shape_test

import (
	"errors"
	"testing"
	"time"

	"shapewatch/contracts/shape"
)

func TestObserve_LeavesTheShapeUnchangedOnError(t *testing.T) {
	s := shape.New(shape.Limits{})
	at := time.Unix(1_700_000_000, 0)
	if err := s.Observe([]byte(`{"a":[1,2,{"b":null}]}`), at); err != nil {
		t.Fatal(err)
	}
	before, _ := s.MarshalBinary()
	err := s.Observe([]byte(`{"a":[1,2,{"c":`), at)
	if syntax := new(shape.SyntaxError); !errors.As(err, &syntax) {
		t.Fatalf("err = %v, want a SyntaxError", err)
	}
	after, _ := s.MarshalBinary()
	if string(before) != string(after) {
		t.Error("state changed")
	}
	if f, ok := s.Field("/a/[]/b"); !ok || !f.Has(shape.Null) {
		t.Errorf("field = %+v, %v", f, ok)
	}
}
