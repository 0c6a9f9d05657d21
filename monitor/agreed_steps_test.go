package monitor

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts"
)

// TestAgreed_PutsStepsTogether wants what documents at addresses and files say
// of the steps of one workflow to hold side by side.
func TestAgreed_PutsStepsTogether(t *testing.T) {
	step := func(name string) *contracts.Contract { return &contracts.Contract{Operation: name} }
	far := gathered(map[string]*contracts.Contract{"shop/order#create": step("createOrder"), "shop/order#packed": step("getParcel"), "shop/list": step("listOrders")})
	if diff := cmp.Diff(step("listOrders"), far["shop/list"]); diff != "" || len(far) != 2 {
		t.Errorf("%d contracts; the plain one: %s", len(far), diff)
	}
	near := &contracts.Contract{Source: "warehouse.yaml", Steps: map[string]*contracts.Contract{"packed": step("old"), "remove": step("removeOrder")}}
	both := laidOver(near, far["shop/order"])
	want := map[string]*contracts.Contract{"create": step("createOrder"), "packed": step("getParcel"), "remove": step("removeOrder")}
	if diff := cmp.Diff(want, both.Steps); diff != "" {
		t.Error(diff)
	}
	if near.Steps["packed"].Operation != "old" {
		t.Error("what the file said was changed")
	}
	if laidOver(near, nil) != near || laidOver(nil, near) != near {
		t.Error("one alone is not itself")
	}
}
