package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/probes"
	"shapewatch/workflows"
)

// A shop is an order system and a warehouse in memory: what an Asker would
// reach over the network.
type shop struct {
	orders map[string]string // id → reference
	asked  []string
	packed time.Duration            // after which an order is packed; negative for never
	since  map[string]time.Time     // orders, by id
	faults map[string]probes.Sample // "POST" → what is answered instead, after the work was done
	before map[string]probes.Sample // the same, instead of the work
}

func newShop() *shop {
	return &shop{orders: map[string]string{}, since: map[string]time.Time{}, faults: map[string]probes.Sample{}, before: map[string]probes.Sample{}}
}

func (s *shop) Do(_ context.Context, p probes.Probe) probes.Sample {
	s.asked = append(s.asked, p.Method+" "+strings.TrimPrefix(p.URL, "https://shop.example"))
	if fault, broken := s.before[p.Method]; broken {
		fault.Attempts = 1
		return fault
	}
	sample := s.answer(p)
	if fault, broken := s.faults[p.Method]; broken {
		sample = fault
	}
	sample.Attempts = 1
	return sample
}

func (s *shop) answer(p probes.Probe) probes.Sample {
	path := strings.TrimPrefix(p.URL, "https://shop.example/orders")
	switch {
	case p.Method == http.MethodPost:
		var order struct{ Ref string }
		if err := json.Unmarshal(p.Body, &order); err != nil {
			return answered(400, `{}`)
		}
		id := fmt.Sprint(4711 + len(s.since))
		s.orders[id], s.since[id] = order.Ref, time.Now()
		return answered(201, `{"id":`+id+`,"ref":"`+order.Ref+`"}`)
	case strings.HasPrefix(path, "?ref="):
		for id, ref := range s.orders {
			if "?ref="+ref == path {
				return answered(200, `[{"id":`+id+`}]`)
			}
		}
		return answered(404, `{}`)
	}
	id := strings.TrimPrefix(path, "/")
	if _, known := s.orders[id]; !known {
		return answered(404, `{}`)
	}
	if p.Method == http.MethodDelete {
		delete(s.orders, id)
		return probes.Sample{Class: probes.NotJSON, Status: 204, Problem: "the body is empty"}
	}
	if s.packed >= 0 && time.Since(s.since[id]) >= s.packed {
		return answered(200, `{"state":"packed"}`)
	}
	return answered(200, `{"state":"new"}`)
}

func answered(status int, body string) probes.Sample {
	s := probes.Sample{Class: probes.Valid, Status: status, Body: []byte(body), Header: http.Header{}}
	if status >= 300 {
		s.Class, s.Problem = probes.Status, fmt.Sprintf("status %d", status)
	}
	return s
}

// A journal remembers in memory, and can be made to fail.
type journal map[string]workflows.Trace

func (j journal) KeepRun(_ context.Context, t workflows.Trace) error {
	t.Values, t.Reached, t.Made = maps.Clone(t.Values), slices.Clone(t.Reached), slices.Clone(t.Made)
	j[t.ID] = t
	return nil
}

func (j journal) SettleRuns(_ context.Context, _ string, ids []string) error {
	for _, id := range ids {
		delete(j, id)
	}
	return nil
}

func (j journal) LeftRuns(context.Context, string) ([]workflows.Trace, error) {
	return slices.Collect(maps.Values(j)), nil
}

func ask(method, path, body string) probes.Probe {
	p := probes.Probe{Method: method, URL: "https://shop.example" + path, Operation: method + " " + path, Header: http.Header{}}
	if body != "" {
		p.Body = []byte(body)
		p.Header.Set("Content-Type", "application/json")
	}
	return p
}

func must(text string) workflows.Assertion {
	a, err := workflows.ParseAssertion(text)
	if err != nil {
		panic(err)
	}
	return a
}

// order places an order, waits until it is packed and takes it back.
func order() workflows.Workflow {
	return workflows.Workflow{
		Steps: []workflows.Step{
			{Name: "create", Ask: ask("POST", "/orders", `{"ref":"${run.name}"}`), Extract: map[string]string{"id": "/id"}, Makes: "order ${steps.create.id}"},
			{Name: "packed", Ask: ask("GET", "/orders/${steps.create.id}", ""), Wait: workflows.Wait{Until: []workflows.Assertion{must("/state = packed")}}},
		},
		Cleanup: []workflows.Step{
			{Name: "find", Ask: ask("GET", "/orders?ref=${run.name}", ""), Extract: map[string]string{"id": "/0/id"}},
			{Name: "remove", Ask: ask("DELETE", "/orders/${steps.find.id}", "")},
		},
	}
}

func run(ctx context.Context, s *shop, j workflows.Journal, w workflows.Workflow) probes.Sample {
	return workflows.Runner{Asker: s, Journal: j}.Run(ctx, probes.Probe{ID: "shop/order", API: "shop"}, w)
}

func TestRun_TakesEveryStepAndCleansUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop()
		s.packed = 12 * time.Second
		sample := run(t.Context(), s, journal{}, order())
		if sample.Class != probes.Valid || len(s.orders) != 0 {
			t.Fatalf("class %s (%s), orders left: %v", sample.Class, sample.Problem, s.orders)
		}
		var body map[string]struct {
			Status int
			Body   any
		}
		if err := json.Unmarshal(sample.Body, &body); err != nil {
			t.Fatal(err)
		}
		if body["create"].Status != 201 || body["packed"].Body.(map[string]any)["state"] != "packed" {
			t.Errorf("body: %s", sample.Body)
		}
		if got := sample.Run.Steps[1].Tries; got != 4 {
			t.Errorf("asked %d times until it was packed, want 4 in 15 s", got)
		}
		if sample.Run.Cleanup != probes.CleanedUp || sample.Run.Failed != "" {
			t.Errorf("run: %+v", sample.Run)
		}
	})
}

// unsent is what an asker brings back when there was no connection.
var unsent = probes.Sample{Class: probes.Unreachable, Problem: "no such host", Attempts: 1, Unsent: true}

func TestRun_TellsHalfDoneWithWhatWasMadeAndWhatTheCleanUpDid(t *testing.T) {
	for name, test := range map[string]struct {
		fault func(*shop)
		class probes.Class
		says  []string
		left  int
	}{
		"never packed":             {func(s *shop) { s.packed = -1 }, probes.HalfDone, []string{"order 4711 made", "step packed: never within 2m: /state is not packed", "clean-up done"}, 0},
		"cannot be removed":        {func(s *shop) { s.packed = -1; s.before["DELETE"] = answered(500, "{}") }, probes.HalfDone, []string{"clean-up failed, left behind: order 4711: clean-up step remove: status 500"}, 1},
		"answer lost":              {func(s *shop) { s.faults["POST"] = probes.Sample{Class: probes.Unreachable, Problem: "timeout"} }, probes.HalfDone, []string{"perhaps made", "step create: timeout", "clean-up done"}, 0},
		"broken after the success": {func(s *shop) { s.faults["POST"] = answered(500, "{}") }, probes.HalfDone, []string{"perhaps made", "clean-up done"}, 0},
		"answers without an id":    {func(s *shop) { s.faults["POST"] = answered(201, "{}") }, probes.HalfDone, []string{"no id at /id", "clean-up done"}, 0},
		"no connection":            {func(s *shop) { s.before["POST"] = unsent }, probes.Unreachable, []string{"step create: no such host; nothing was sent, so nothing was made"}, 0},
		"refused":                  {func(s *shop) { s.before["POST"] = answered(422, "{}") }, probes.Status, []string{"step create: status 422"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newShop()
				test.fault(s)
				sample := run(t.Context(), s, journal{}, order())
				if sample.Class != test.class || len(s.orders) != test.left {
					t.Errorf("class %s, %d orders left; want %s, %d\n%s", sample.Class, len(s.orders), test.class, test.left, sample.Problem)
				}
				for _, want := range test.says {
					if !strings.Contains(sample.Problem, want) {
						t.Errorf("problem %q does not say %q", sample.Problem, want)
					}
				}
			})
		})
	}
}

// TestRun_CleansUpAfterAnEarlierLife cuts a run off at every request it makes,
// before and after the work is done, and lets the next run find the journal.
func TestRun_CleansUpAfterAnEarlierLife(t *testing.T) {
	for cut := 1; cut <= 4; cut++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("request %d, after the work: %v", cut, after), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, j := newShop(), journal{}
					s.packed = 0
					ctx, die := context.WithCancel(t.Context())
					workflows.Runner{Asker: dying{s, cut, after, die, new(int)}, Journal: j}.Run(ctx, probes.Probe{ID: "shop/order"}, order())
					sample := run(t.Context(), s, j, order())
					if len(s.orders) != 0 {
						t.Errorf("left behind: %v", s.orders)
					}
					if sample.Class != probes.Valid || len(sample.Run.Recovered) != 1 {
						t.Fatalf("class %s, recovered %d runs", sample.Class, len(sample.Run.Recovered))
					}
					earlier := sample.Run.Recovered[0]
					if made := cut > 1 || after; made && earlier.Cleanup == probes.CleanupFailed {
						t.Errorf("earlier run: %+v", earlier)
					}
					if want := []string{earlier.ID, sample.Run.ID}; cmp.Diff(want, sample.Run.Settled()) != "" {
						t.Errorf("settles %v, want %v", sample.Run.Settled(), want)
					}
				})
			})
		}
	}
}

// dying ends the process, as far as the run can tell, at its nth request.
type dying struct {
	shop  *shop
	at    int
	after bool
	die   func()
	asked *int
}

func (d dying) Do(ctx context.Context, p probes.Probe) probes.Sample {
	*d.asked++
	if *d.asked < d.at {
		return d.shop.Do(ctx, p)
	}
	if *d.asked == d.at && d.after {
		d.shop.Do(ctx, p)
	}
	d.die()
	return probes.Sample{Class: probes.Unreachable, Problem: "cut off", Attempts: 1}
}

func TestRun_BranchesOnStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop()
		w := order()
		w.Steps[0].Next = map[int]string{201: "packed", 409: workflows.End}
		s.before["POST"] = answered(409, `{}`)
		if sample := run(t.Context(), s, journal{}, w); sample.Class != probes.Status && sample.Run.Failed != "" {
			t.Errorf("%s %s", sample.Class, sample.Problem)
		}
		w.Steps[0].Next[409], w.Steps[0].Extract = workflows.Fail, nil
		if sample := run(t.Context(), s, journal{}, w); sample.Class != probes.Status || sample.Run.Problem != "status 409" {
			t.Errorf("%s %q", sample.Class, sample.Run.Problem)
		}
	})
}

func TestRun_LetsNoVendorWriteTheNextRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop()
		s.faults["POST"] = answered(201, `{"id":"4711/../../admin?x=1\r\nEvil: 1"}`)
		run(t.Context(), s, journal{}, order())
		if got := s.asked[1]; got != "GET /orders/4711%2F..%2F..%2Fadmin%3Fx=1%0D%0AEvil:%201" {
			t.Errorf("asked %q", got)
		}
	})
}
