package demo

import (
	"fmt"
	"time"
)

const balancesPath = "/v1/balances"

// An operation is one path of the API and what it answers.
type operation struct {
	name, path string
	body       func(*scene) any
}

var operations = []operation{
	{"list orders", "/v1/orders", (*scene).orders},
	{"get order", "/v1/orders/ord_4711", (*scene).order},
	{"list customers", "/v1/customers", (*scene).customers},
	{"list invoices", "/v1/invoices", (*scene).invoices},
	{"list products", "/v1/products", (*scene).products},
	{"get balances", balancesPath, (*scene).balances},
	{"get status", "/v1/status", (*scene).status},
}

// Paths returns the path of every operation; all answer to GET.
func Paths() (paths []string) {
	for _, op := range operations {
		paths = append(paths, op.path)
	}
	return paths
}

type object = map[string]any

// epoch is when the vendor's story begins; each answer is a second later.
var epoch = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

func (s *scene) now() time.Time { return epoch.Add(time.Duration(s.n) * time.Second) }

func (s *scene) stamp(before time.Duration) string {
	return s.now().Add(-time.Duration(s.Int64N(int64(before)))).Format("2006-01-02T15:04:05.000Z")
}

func (s *scene) chance(percent int) bool { return s.IntN(100) < percent }

func (s *scene) pick(words ...string) string { return words[s.IntN(len(words))] }

// id is that of the i-th newest thing of a list into which a new one comes
// every third answer.
func (s *scene) id(prefix string, i int) string {
	return fmt.Sprintf("%s_%08d", prefix, 40_000_000+int(s.n/3)-i)
}

func page(items []object) object {
	return object{"object": "list", "has_more": true, "data": items}
}

func (s *scene) list(n int, one func(i int) object) object {
	items := make([]object, n)
	for i := range items {
		items[i] = one(i)
	}
	return page(items)
}

func (s *scene) orders() any {
	return s.list(8+s.IntN(5), func(i int) object { return s.oneOrder(s.id("ord", i)) })
}

func (s *scene) order() any { return s.oneOrder("ord_4711") }

func (s *scene) oneOrder(id string) object {
	o := object{
		"id":         id,
		"amount":     100 + s.IntN(90_000),
		"currency":   s.pick("EUR", "USD", "GBP"),
		"status":     s.orderStatus(id),
		"created_at": s.stamp(72 * time.Hour),
		"shipped_at": nil,
		"lines":      s.lines(),
		"metadata":   s.metadata(),
	}
	customer := "customer"
	if s.changed["rename"] {
		customer = "customer_id"
	}
	o[customer] = fmt.Sprintf("cus_%06x", s.IntN(1<<24))
	if s.chance(50) {
		o["shipped_at"] = s.stamp(24 * time.Hour)
	}
	if s.chance(35) {
		o["note"] = s.pick("leave at the door", "call first", "gift, no invoice please", "")
	}
	return o
}

func (s *scene) orderStatus(id string) string {
	if s.changed["enum"] && id != "ord_4711" && s.chance(40) {
		return "disputed"
	}
	return s.pick("pending", "paid", "shipped", "cancelled")
}

func (s *scene) lines() []object {
	lines := make([]object, 1+s.IntN(4))
	for i := range lines {
		lines[i] = object{
			"sku":      fmt.Sprintf("SKU-%05d", s.IntN(100_000)),
			"quantity": 1 + s.IntN(9),
			"price":    float64(s.IntN(10_000)) / 100,
		}
	}
	return lines
}

// metadata is a map: its keys belong to the shop's customers, not to the API.
func (s *scene) metadata() object {
	m := object{}
	for range s.IntN(4) {
		m[fmt.Sprintf("key_%04x", s.IntN(1<<16))] = s.pick("a", "b", "c")
	}
	return m
}

func (s *scene) customers() any {
	return s.list(10, func(i int) object {
		c := object{
			"id":        s.id("cus", i),
			"name":      s.pick("Ada", "Grace", "Edsger", "Barbara", "Tony") + " " + s.pick("Lopez", "Singh", "Moreau", "Novak"),
			"email":     fmt.Sprintf("user%d@shop.example", s.IntN(1_000_000)),
			"country":   s.pick("DE", "FR", "US", "IN", "BR", "JP"),
			"vat_id":    nil,
			"addresses": []object{},
			"since":     s.stamp(8000 * time.Hour),
		}
		if s.changed["gone"] && s.chance(40) {
			delete(c, "country")
		}
		if s.chance(40) {
			c["vat_id"] = fmt.Sprintf("DE%09d", s.IntN(1_000_000_000))
		}
		if s.chance(60) {
			c["addresses"] = []object{{"street": "Main St " + fmt.Sprint(1+s.IntN(200)), "zip": fmt.Sprintf("%05d", s.IntN(100_000)), "city": s.pick("Berlin", "Lyon", "Pune")}}
		}
		return c
	})
}

func (s *scene) invoices() any {
	return s.list(6+s.IntN(4), func(i int) object {
		total := 500 + s.IntN(500_000)
		inv := object{
			"id":       s.id("inv", i),
			"order":    s.id("ord", s.IntN(50)),
			"total":    total,
			"tax_rate": s.pick("0.07", "0.19", "0.20"),
			"paid":     s.chance(70),
			"due":      s.now().Add(time.Duration(s.IntN(30)) * 24 * time.Hour).Format(time.DateOnly),
		}
		if s.changed["retype"] {
			inv["total"] = fmt.Sprintf("%d.%02d", total/100, total%100)
		}
		return inv
	})
}

func (s *scene) products() any {
	n := 10
	if s.changed["grow"] {
		n = 4000
	}
	return s.list(n, func(i int) object {
		return object{
			"id":       s.id("prd", i),
			"title":    s.pick("Lamp", "Chair", "Desk", "Shelf") + " " + s.pick("One", "Two", "Pro"),
			"price":    100 + s.IntN(50_000),
			"in_stock": s.chance(80),
		}
	})
}

func (s *scene) balances() any {
	available, pending := object{}, object{}
	for _, currency := range []string{"EUR", "USD", "GBP"} {
		available[currency] = s.IntN(5_000_000)
		pending[currency] = s.IntN(90_000)
	}
	return object{"available": available, "pending": pending, "as_of": s.stamp(time.Minute)}
}

func (s *scene) status() any {
	incidents := []object{}
	if s.chance(20) {
		incidents = append(incidents, object{"component": s.pick("checkout", "webhooks"), "impact": s.pick("minor", "none"), "started_at": s.stamp(time.Hour)})
	}
	return object{
		"status":      "operational",
		"region":      "eu-central",
		"uptime":      99.9 + float64(s.IntN(99))/1000,
		"checked_at":  s.stamp(time.Minute),
		"maintenance": nil,
		"incidents":   incidents,
	}
}
