package demo

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
)

// An orderSystem takes test orders and hands them to a warehouse, which packs
// what it has been asked about once.
type orderSystem struct {
	mu     sync.Mutex
	placed int
	orders map[string]*testOrder // by id
}

type testOrder struct {
	ref   string
	looks int // how often the warehouse was asked for it
}

func (v *Vendor) serveOrders() {
	v.orders.orders = map[string]*testOrder{}
	v.mux.HandleFunc("POST /v1/test-orders", v.orders.place)
	v.mux.HandleFunc("GET /v1/test-orders", v.orders.find)
	v.mux.HandleFunc("DELETE /v1/test-orders/{id}", v.orders.remove)
	v.mux.HandleFunc("GET /v1/parcels", func(w http.ResponseWriter, r *http.Request) {
		v.orders.parcels(w, r, v.has("stuck"))
	})
}

func (o *orderSystem) place(w http.ResponseWriter, r *http.Request) {
	var order struct{ Ref string }
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&order) != nil || order.Ref == "" {
		answer(w, http.StatusBadRequest, object{"error": "a test order needs a ref"})
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.placed++
	id := fmt.Sprintf("ord_t%04d", o.placed)
	o.orders[id] = &testOrder{ref: order.Ref}
	answer(w, http.StatusCreated, object{"id": id, "ref": order.Ref, "state": "accepted", "amount": 4200})
}

// find is the list of the orders with a reference.
func (o *orderSystem) find(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	found := []object{}
	for id, order := range o.orders {
		if order.ref == r.URL.Query().Get("ref") {
			found = append(found, object{"id": id, "ref": order.ref})
		}
	}
	answer(w, http.StatusOK, found)
}

func (o *orderSystem) remove(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, known := o.orders[r.PathValue("id")]; !known {
		answer(w, http.StatusNotFound, object{"error": "no such order"})
		return
	}
	delete(o.orders, r.PathValue("id"))
	w.WriteHeader(http.StatusNoContent)
}

// parcels is what the warehouse has packed of an order: nothing at the first
// look, and nothing ever when it is stuck.
func (o *orderSystem) parcels(w http.ResponseWriter, r *http.Request, stuck bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	packed := []object{}
	if order := o.orders[r.URL.Query().Get("order")]; order != nil {
		if order.looks++; order.looks > 1 && !stuck {
			packed = append(packed, object{"order": r.URL.Query().Get("order"), "state": "packed", "weight_g": 1250})
		}
	}
	answer(w, http.StatusOK, packed)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone misses nothing
}
