package shape_test

import (
	"testing"

	"shapewatch/contracts/shape"
)

// TestMainList_IsOneRule: what an answer's list of entities is, is decided in
// one place, for the first of [shape.Shape.Lists] too.
func TestMainList_IsOneRule(t *testing.T) {
	for body, want := range map[string]string{
		`{"data":[],"errors":[{"message":"x"}]}`:            "/data",
		`{"data":[{"id":1}],"errors":[{"message":"x"},{}]}`: "/data",
		`{"errors":[{"message":"x"}]}`:                      "/errors",
		`{"warnings":[],"r":{"items":[{"a":1}]}}`:           "/r/items",
		`{"a":[{"b":[{},{}]}]}`:                             "/a",
		`{"id":1,"tags":["x"]}`:                             "none",
	} {
		s := learned(t, body)
		got := "none"
		if list, ok := shape.MainList(s.Fields()); ok {
			got = list.Path
		}
		if got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
		if lists := s.Lists(); len(lists) > 0 && lists[0].Path != got && want != "/data" {
			t.Errorf("%s: the first list is %s", body, lists[0].Path)
		}
	}
}
