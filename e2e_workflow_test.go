package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// An orderSystem takes orders and hands them to a warehouse, which packs them.
// Tests break it at a step, before or after the work of the step is done.
type orderSystem struct {
	*httptest.Server
	mu       sync.Mutex
	orders   map[string]string // id → reference
	accepted int               // orders ever
	fault    string            // "POST before", "GET after" …: which request goes wrong, and when
	how      func(http.ResponseWriter)
	stuck    bool // the warehouse packs nothing
	arrived  int  // requests so far
	at       func(n int, done bool)
}

func newOrderSystem(t *testing.T) *orderSystem {
	o := &orderSystem{orders: map[string]string{}}
	o.Server = httptest.NewServer(http.HandlerFunc(o.serve))
	t.Cleanup(o.Close)
	return o
}

func (o *orderSystem) serve(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.arrived++
	if o.at != nil {
		o.at(o.arrived, false)
	}
	if o.fault == r.Method+" before" {
		o.how(w)
		return
	}
	status, answer := o.work(r)
	if o.at != nil {
		o.at(o.arrived, true)
	}
	if o.fault == r.Method+" after" {
		o.how(w)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if status != http.StatusNoContent {
		_ = json.NewEncoder(w).Encode(answer) // the client may have gone
	}
}

func (o *orderSystem) work(r *http.Request) (status int, answer any) {
	id := strings.TrimPrefix(r.URL.Path, "/orders/")
	switch {
	case r.Method == http.MethodPost:
		var order struct{ Ref string }
		if json.NewDecoder(r.Body).Decode(&order) != nil || r.Header.Get("Idempotency-Key") == "" {
			return http.StatusBadRequest, map[string]string{"error": "no reference or no key"}
		}
		o.accepted++
		id = fmt.Sprint(4710 + o.accepted)
		o.orders[id] = order.Ref
		return http.StatusCreated, map[string]any{"id": id, "ref": order.Ref}
	case r.URL.Path == "/orders":
		found := []map[string]string{}
		for id, ref := range o.orders {
			if ref == r.URL.Query().Get("ref") {
				found = append(found, map[string]string{"id": id})
			}
		}
		return http.StatusOK, found
	case o.orders[id] == "":
		return http.StatusNotFound, map[string]string{"error": "no such order"}
	case r.Method == http.MethodDelete:
		delete(o.orders, id)
		return http.StatusNoContent, nil
	case o.stuck:
		return http.StatusOK, map[string]string{"state": "new"}
	}
	return http.StatusOK, map[string]string{"state": "packed"}
}

// left are the orders that are there.
func (o *orderSystem) left() (ids []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for id := range o.orders {
		ids = append(ids, id)
	}
	return ids
}

func (o *orderSystem) breaks(fault string, how func(http.ResponseWriter)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fault, o.how = fault, how
}

const workflowConfig = `
apis:
  - name: shop
    base: %s
    allow_private: true
    every: 1s
    timeout: 1s
    limits: { per_second: 1000 }
    probes:
      - name: order
        workflow:
          - name: create
            post: /orders
            headers: { Idempotency-Key: "${run.key}" }
            json: { ref: "${run.name}" }
            extract: { id: /id }
            assert: ["/ref = ${run.name}"]
            makes: "order ${steps.create.id}"
          - name: packed
            get: /orders/${steps.create.id}
            wait: { until: ["/state = packed"], within: 1s, every: 200ms }
        cleanup:
          - { name: find, get: /orders, query: { ref: "${run.name}" }, extract: { id: /0/id } }
          - { name: remove, delete: "/orders/${steps.find.id}" }
`

// incidentsOf asks a running server for all that it tells of its incidents.
func incidentsOf(t *testing.T, s *server) string {
	t.Helper()
	var list struct{ Incidents []struct{ ID string } }
	if json.Unmarshal(fetched(s, "/api/v1/incidents"), &list) != nil {
		return ""
	}
	var all strings.Builder
	for _, incident := range list.Incidents {
		all.Write(fetched(s, "/api/v1/incidents/"+incident.ID))
	}
	return all.String()
}

func fetched(s *server, path string) []byte {
	response, err := http.Get("http://" + s.addr + path)
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body) // what is missing shows in the test
	return body
}

// TestEndToEnd_TellsHalfDoneOrders injects a fault at every step of an order
// and wants it told, with what was made and what became of it.
func TestEndToEnd_TellsHalfDoneOrders(t *testing.T) {
	t.Parallel()
	bin := builtBinary(t)
	hang := func(http.ResponseWriter) { time.Sleep(1500 * time.Millisecond) }
	broken := func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) }
	for name, test := range map[string]struct {
		fault string
		how   func(http.ResponseWriter)
		stuck bool
		says  []string
		left  bool
	}{
		"never packed":               {stuck: true, says: []string{"half-done", "order 47", "never within 1s", "clean-up done"}},
		"answer lost after success":  {fault: "POST after", how: hang, says: []string{"half-done", "perhaps made", "clean-up done"}},
		"broken after success":       {fault: "POST after", how: broken, says: []string{"half-done", "perhaps made", "clean-up done"}},
		"clean-up impossible":        {fault: "DELETE before", how: broken, says: []string{"left-behind", "clean-up step remove: answered 500"}, left: true},
		"removed, and answers wrong": {fault: "DELETE after", how: broken, says: []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop, dir := newOrderSystem(t), t.TempDir()
			shop.stuck = test.stuck // before anybody asks
			writeFile(t, dir, "shapewatch.yaml", fmt.Sprintf(workflowConfig, shop.URL))
			shop.breaks(test.fault, test.how)
			s := startServer(t, bin, dir)
			within(t, 30*time.Second, "what is told", func() bool {
				text := incidentsOf(t, s)
				for _, want := range test.says {
					if !strings.Contains(text, want) {
						return false
					}
				}
				return shop.ordered() > 1
			})
			s.stop()
			if left := shop.left(); len(left) > 0 && !test.left {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// watch calls at with each request, before and after its work is done.
func (o *orderSystem) watch(at func(n int, done bool)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.at = at
}

func (o *orderSystem) ordered() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.accepted
}

// TestEndToEnd_CleansUpAfterEveryCrash kills the server at each request of a
// run, before and after its work is done, and wants no order left when it has
// been started again.
func TestEndToEnd_CleansUpAfterEveryCrash(t *testing.T) {
	t.Parallel()
	bin := builtBinary(t)
	for n := 1; n <= 4; n++ {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("request %d, work done: %v", n, done), func(t *testing.T) {
				t.Parallel()
				shop, dir := newOrderSystem(t), t.TempDir()
				writeFile(t, dir, "shapewatch.yaml", fmt.Sprintf(workflowConfig, shop.URL))
				reached := make(chan struct{})
				killed := make(chan struct{})
				var once sync.Once
				shop.watch(func(at int, after bool) {
					if at == n && after == done {
						once.Do(func() { close(reached) })
						<-killed
					}
				})
				s := startServer(t, bin, dir)
				<-reached
				s.kill()
				close(killed)
				s = startServer(t, bin, dir)
				before := shop.ordered()
				within(t, 30*time.Second, "two more runs", func() bool { return shop.ordered() >= before+2 })
				text := incidentsOf(t, s)
				s.stop()
				if left := shop.left(); len(left) > 0 {
					t.Errorf("left behind: %v; told: %s", left, text)
				}
				if made := n > 1 || done; made && n < 4 && !strings.Contains(text, "cut off when shapewatch ended") {
					t.Errorf("the order that was cut off is not told: %s", text)
				}
			})
		}
	}
}
