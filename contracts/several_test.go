package contracts_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts"
)

// A shop answers with a page of orders, like the demo's: a new order comes with
// every third answer, the rest is as random as content is.
type shop struct {
	*rand.Rand
	n       int
	changed bool // customer renamed, status may be disputed, currency gone from some
}

func (s *shop) orders(t *testing.T) string {
	t.Helper()
	s.n++
	var data []map[string]any
	for i := range 8 + s.IntN(5) {
		data = append(data, s.order(i))
	}
	body, err := json.Marshal(map[string]any{"object": "list", "has_more": true, "data": data})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func (s *shop) order(i int) map[string]any {
	o := map[string]any{
		"id": fmt.Sprintf("ord_%08d", 40_000_000+s.n/3-i), "amount": 100 + s.IntN(90_000),
		"currency": s.pick("EUR", "USD", "GBP"), "status": s.pick("pending", "paid", "shipped", "cancelled"),
		"customer": fmt.Sprintf("cus_%06x", s.IntN(1<<24)), "shipped_at": nil,
	}
	if s.IntN(2) == 0 {
		o["shipped_at"] = time.Unix(1767600000+int64(s.n), 0).UTC().Format(time.RFC3339)
	}
	if s.IntN(100) < 35 {
		o["note"] = s.pick("leave at the door", "call first", "")
	}
	if !s.changed {
		return o
	}
	o["customer_id"] = o["customer"]
	delete(o, "customer")
	if s.IntN(100) < 40 {
		o["status"] = "disputed"
	}
	if s.IntN(100) < 40 {
		delete(o, "currency")
	}
	return o
}

func (s *shop) pick(words ...string) string { return words[s.IntN(len(words))] }

func TestWeigh_SeveralChangesOfOneListInOneAnswerAreAllConfirmed(t *testing.T) {
	want := []string{
		"enum-new /data/[]/status", "field-new /data/[]/customer_id",
		"field-optional /data/[]/currency", "field-removed /data/[]/customer",
	}
	for seed := range uint64(10) {
		d, s := newDiary(t), &shop{Rand: rand.New(rand.NewPCG(7, seed))}
		for range 45 {
			if v := d.answer(s.orders(t)); len(v.Confirmed) > 0 {
				t.Fatalf("seed %d: confirmed %q before anything changed", seed, kindsOf(v.Confirmed))
			}
		}
		s.changed = true
		var v contracts.Verdict
		for range 12 {
			v = d.answer(s.orders(t))
		}
		var got []string
		for _, f := range v.Confirmed {
			got = append(got, f.Kind+" "+f.Path)
			renamed := strings.HasSuffix(f.Path, "/customer") || strings.HasSuffix(f.Path, "/customer_id")
			if (f.Cause == "`customer` was renamed `customer_id`") != renamed {
				t.Errorf("seed %d: %s of %s has the cause %q", seed, f.Kind, f.Path, f.Cause)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("seed %d: confirmed (-want +got):\n%s", seed, diff)
		}
	}
}
