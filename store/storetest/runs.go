package storetest

import (
	"testing"

	"shapewatch/alerting"
	"shapewatch/workflows"
)

// runs are the promises to workflows.
var runs = map[string]func(*testing.T, Store){
	"a run stays until an outcome settles it": func(t *testing.T, s Store) {
		due := start()
		register(t, s, due, "shop/order", "shop/orders")
		first := workflows.Trace{ID: "run_1", Probe: "shop/order", Values: map[string]string{"steps.create.id": "4711"}, Reached: []string{"create"}}
		second, other := first, first
		second.ID, second.Made = "run_2", []string{"order 4712"}
		other.Probe = "shop/orders"
		for _, run := range []workflows.Trace{first, second, other} {
			must(t, s.KeepRun(t.Context(), run))
		}
		same(t, []workflows.Trace{first, second}, left(t, s, "shop/order"))

		first.Clean = true
		must(t, s.KeepRun(t.Context(), first))
		same(t, []workflows.Trace{first, second}, left(t, s, "shop/order"))

		claims, _ := claim(t, s, due, 1)
		must(t, s.Commit(t.Context(), alerting.Outcome{Claim: claims[0], Next: due.Add(lease), Runs: []string{"run_1", "run_unknown"}}))
		same(t, []workflows.Trace{second}, left(t, s, "shop/order"))
		same(t, []workflows.Trace{other}, left(t, s, "shop/orders"))
	},
}

func left(t *testing.T, s Store, probe string) []workflows.Trace {
	t.Helper()
	left, err := s.LeftRuns(t.Context(), probe)
	must(t, err)
	return left
}
