package demo

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// A salesBook is what the shop has sold, one thing each time it is asked, and
// how much of it the warehouse has imported by then.
type salesBook struct {
	mu       sync.Mutex
	began    time.Time
	sold     int
	imported float64
}

const (
	salesListed = 300 // the newest of both lists
	importsSlow = 0.3 // of each sale, once the warehouse falls behind
)

func (v *Vendor) serveSales() {
	v.mux.HandleFunc("GET /v1/sales", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, v.sales.sell(v.has("behind")))
	})
	v.mux.HandleFunc("GET /v1/warehouse/sales", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, v.sales.list(v.sales.taken()))
	})
}

// sell is the shop's list, with one sale more than before.
func (b *salesBook) sell(slow bool) []object {
	b.mu.Lock()
	if b.sold == 0 {
		b.began = time.Now().UTC().Truncate(time.Second)
	}
	b.sold++
	if slow {
		b.imported += importsSlow
	} else {
		b.imported = float64(b.sold)
	}
	n := b.sold
	b.mu.Unlock()
	return b.list(n)
}

func (b *salesBook) taken() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return int(b.imported)
}

// list is the sales up to the n-th that are new enough to be listed.
func (b *salesBook) list(n int) []object {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := []object{}
	for i := max(1, b.sold-salesListed); i <= n; i++ {
		list = append(list, object{"id": fmt.Sprintf("sale_%06d", i), "amount": 100 + i*37%5000, "sold_at": b.began.Add(time.Duration(i) * time.Second).Format(time.RFC3339)})
	}
	return list
}
