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

// TestKeyOf_InXML: an id may be an attribute or an element, which is a list of
// one under its name.
func TestKeyOf_InXML(t *testing.T) {
	for body, want := range map[string]string{
		`<r><o id="a1"><n>x</n></o><o id="a2"><n>y</n></o></r>`:               "@id",
		`<r><o><id>a1</id><n>x</n></o><o><id>a2</id><n>y</n></o></r>`:         "id/[]",
		`<r><o><orderId>1</orderId></o><o><orderId>2</orderId></o></r>`:       "orderId/[]",
		`<r><o><id>1</id><id>2</id></o><o><id>3</id></o></r>`:                 "",
		`<r><o><id>1</id></o><o><n>x</n></o></r>`:                             "",
		`<r><o id="a1"><guid>g1</guid></o><o id="a2"><guid>g2</guid></o></r>`: "@id",
	} {
		text, err := shape.XML.JSON([]byte(body), shape.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		lists := learned(t, string(text)).Lists()
		if len(lists) != 1 || lists[0].Key != want {
			t.Errorf("%s: %+v, want the key %q", body, lists, want)
		}
	}
}
