package driftbench

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

// A field is one column of a vendor's rows.
type field struct {
	name   string
	absent float64 // share of rows without it
	null   float64 // share of the others where it is null
	moves  float64 // chance an hour that a row's value is drawn anew
	draw   func(v *vendor, e *entity) any
}

// columns are the ones that every vendor has, to drift, and a random choice of
// optional, nullable, rare and growing ones, to vary.
func columns(r *rand.Rand, wide bool) []field {
	fields := []field{
		{name: "id", draw: func(_ *vendor, e *entity) any { return fmt.Sprintf("ord_%012x", uint64(e.id)*2654435761) }},
		{name: "number", draw: func(_ *vendor, e *entity) any { return 100000 + e.id }},
		{name: "status", moves: 0.1, draw: rarely("open", "paid", "shipped", "closed", "disputed")},
		{name: "amount", draw: func(v *vendor, _ *entity) any { return 100 + int(math.Exp(v.rng.NormFloat64()*0.7+8)) }},
		{name: "currency", draw: oneOf("EUR", "USD", "GBP", "SEK")},
		{name: "created_at", draw: func(_ *vendor, e *entity) any { return stamp(e.born) }},
		{name: "synced", moves: 0.05, draw: func(v *vendor, _ *entity) any { return v.now.Unix() }},
		{name: "customer", draw: customer},
		{name: "lines", draw: lines},
		{name: "title", draw: func(v *vendor, _ *entity) any { return words(v.rng, 3) }},
		{name: "active", moves: 0.03, draw: func(v *vendor, _ *entity) any { return v.rng.IntN(3) > 0 }},
		{name: "score", moves: 0.02, draw: func(v *vendor, _ *entity) any { return math.Round(v.rng.Float64()*1000)/100 + 0.001 }},
		{name: "price", draw: func(v *vendor, _ *entity) any { return fmt.Sprintf("%.2f", v.rng.Float64()*900+1) }},
		{name: "link", draw: func(_ *vendor, e *entity) any { return fmt.Sprintf("https://api.example.com/v1/orders/%d", e.id) }},
	}
	n := 5 + r.IntN(8)
	if wide {
		n = 60
	}
	for i := range n {
		fields = append(fields, extra(r, i))
	}
	return fields
}

// extra draws a column that is sometimes absent, sometimes null, from common
// to very rare.
func extra(r *rand.Rand, i int) field {
	f := field{name: "extra_" + string(rune('a'+i%26)) + strings.Repeat("x", i/26), moves: 0.01}
	switch i % 5 {
	case 0:
		f.absent = 0.1 + 0.8*r.Float64()
	case 1:
		f.null = 0.05 + 0.9*r.Float64()
	case 2:
		f.absent, f.null = 0.3, 0.3
	case 3:
		f.absent = 0.97 + 0.029*r.Float64()
	case 4:
		f.null = 0.002 * r.Float64() // null once in a blue moon
	}
	f.draw = draws[r.IntN(len(draws))]
	return f
}

var draws = []func(*vendor, *entity) any{
	func(v *vendor, _ *entity) any { return words(v.rng, 2) },
	func(v *vendor, _ *entity) any { return v.rng.IntN(1000) },
	func(_ *vendor, e *entity) any { return stamp(e.born.Add(time.Hour)) },
	oneOf("low", "high"),
	func(v *vendor, _ *entity) any { return whole(v.rng, 0.5) },
	func(v *vendor, _ *entity) any { return tags(v.rng) },
	func(v *vendor, _ *entity) any {
		return object{fmt.Sprintf("k%d", v.rng.IntN(500)): v.rng.IntN(9), fmt.Sprintf("k%d", 500+v.rng.IntN(500)): v.rng.IntN(9)}
	},
	func(v *vendor, _ *entity) any {
		return object{"kind": "card", "last4": fmt.Sprintf("%04d", v.rng.IntN(10000)), "expires": "2029-0" + fmt.Sprint(1+v.rng.IntN(9))}
	},
}

// whole is a number that is whole now and then.
func whole(r *rand.Rand, p float64) any {
	if r.Float64() < p {
		return r.IntN(1000)
	}
	return float64(r.IntN(1e5))/100 + 0.001
}

func tags(r *rand.Rand) []string {
	out := []string{}
	for range r.IntN(4) {
		out = append(out, []string{"gift", "rush", "b2b", "vip", "return"}[r.IntN(5)])
	}
	return out
}

func oneOf(values ...string) func(*vendor, *entity) any {
	return func(v *vendor, _ *entity) any { return values[v.rng.IntN(len(values))] }
}

// rarely picks values with falling odds; the last one in a hundred.
func rarely(values ...string) func(*vendor, *entity) any {
	return func(v *vendor, _ *entity) any {
		if v.rng.Float64() < 0.01 {
			return values[len(values)-1]
		}
		return values[min(int(v.rng.ExpFloat64()*1.2), len(values)-2)]
	}
}

func customer(v *vendor, _ *entity) any {
	c := object{"email": fmt.Sprintf("u%d@example.com", v.rng.IntN(1e6)), "name": words(v.rng, 2), "vip": v.rng.IntN(5) == 0}
	if v.rng.IntN(4) == 0 {
		c["company"] = words(v.rng, 1)
	}
	return c
}

func lines(v *vendor, _ *entity) any {
	out := []object{}
	for range v.rng.IntN(4) {
		line := object{"sku": fmt.Sprintf("SKU-%05d", v.rng.IntN(99999)), "qty": 1 + v.rng.IntN(5), "cost": 100 * (1 + v.rng.IntN(90))}
		if v.rng.IntN(3) == 0 {
			line["discount"] = v.rng.IntN(50)
		}
		out = append(out, line)
	}
	return out
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

var vocabulary = []string{"amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "haven", "iris", "juniper", "kelp", "lumen"}

func words(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(vocabulary[r.IntN(len(vocabulary))] + " ")
	}
	fmt.Fprint(&b, r.IntN(10000))
	return b.String()
}
