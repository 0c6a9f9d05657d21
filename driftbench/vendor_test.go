// Package driftbench measures, and ships nothing: it generates APIs whose
// content is noisy and whose contract is not, lets them drift in every way we
// know of, and watches them through the code that the server runs. What it
// finds out is written to docs/drift-quality.md by `make driftbench`.
//
// Its nouns: a vendor is one generated API; a drift is one change of its
// contract; a mode is how a change arrives; an instance is one drift on one
// vendor in one mode.
package driftbench

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"time"

	"shapewatch/probes"
)

// object is a JSON object under construction.
type object = map[string]any

// A vendor is one generated API: noisy, autocorrelated, with daily cycles, and
// the same for the same seed. Its answers vary in content and never in
// contract unless a drift is applied to it.
type vendor struct {
	name     string
	rng      *rand.Rand
	form     form
	every    time.Duration // how often it is checked
	fields   []field
	entities []*entity // newest first; the page shows the first of them
	size     int       // usual page length
	churn    float64   // new entities an hour, on average
	born     int       // entities made so far
	limit    int       // stated rate limit
	now      time.Time
	spell    spell
	calm     bool // no bad moments
}

// An entity is one row: drawn once, changing slowly.
type entity struct {
	id     int
	born   time.Time
	values object
	marked bool // one of the entities that a drift reaches
}

// epoch is when every vendor's story begins: a Monday.
var epoch = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// newVendor generates an API from a seed; seeds beyond the forms begin anew
// with other sizes, rates and columns.
func newVendor(seed int) *vendor {
	rng := rand.New(rand.NewPCG(uint64(seed), 0x5eed))
	v := &vendor{
		rng:   rng,
		form:  forms[seed%len(forms)],
		every: []time.Duration{5, 10, 15, 30, 60}[(seed+seed/5)%5] * time.Minute,
		size:  []int{8, 12, 20, 25, 30}[rng.IntN(5)],
		limit: []int{60, 600, 5000}[rng.IntN(3)],
		now:   epoch,
	}
	v.name = fmt.Sprintf("%02d %s", seed, v.form.name)
	v.churn = float64(v.size) * []float64{0.1, 0.5, 2}[rng.IntN(3)]
	v.fields = columns(rng, v.form.wide)
	for range v.size + 5 {
		v.bear()
	}
	return v
}

// step lets time pass: new rows come in at the top, old ones change a little.
func (v *vendor) step(d time.Duration) {
	v.now = v.now.Add(d)
	hours := d.Hours()
	for n := v.churn * hours * v.busy(); n > 0; n-- {
		if n >= 1 || v.rng.Float64() < n {
			v.bear()
		}
	}
	for _, e := range v.entities {
		for _, f := range v.fields {
			if f.moves > 0 && v.rng.Float64() < f.moves*hours {
				v.draw(e, f)
			}
		}
	}
	v.spell.step(v, hours)
}

// busy is the hour of the day, 0.2 at night to 1.8 in the afternoon, half as
// much on weekends.
func (v *vendor) busy() float64 {
	b := 1 + 0.8*math.Sin(2*math.Pi*(float64(v.now.Hour())+float64(v.now.Minute())/60-9)/24)
	if day := v.now.Weekday(); day == time.Saturday || day == time.Sunday {
		b /= 2
	}
	return b
}

func (v *vendor) bear() {
	v.born++
	e := &entity{id: v.born, born: v.now.Add(-time.Duration(v.rng.IntN(60)) * time.Second), values: object{}, marked: v.rng.Float64() < 0.05}
	for _, f := range v.fields {
		v.draw(e, f)
	}
	v.entities = append([]*entity{e}, v.entities[:min(len(v.entities), 3*v.size)]...)
}

func (v *vendor) draw(e *entity, f field) {
	delete(e.values, f.name)
	switch p := v.rng.Float64(); {
	case p < f.absent:
	case v.rng.Float64() < f.null:
		e.values[f.name] = nil
	default:
		e.values[f.name] = f.draw(v, e)
	}
}

// length is how many rows the page has now.
func (v *vendor) length() int {
	switch {
	case v.form.single:
		return 1
	case v.form.sparse:
		if v.rng.Float64() < 0.6 {
			return 0
		}
		return 1 + v.rng.IntN(v.size)
	case v.form.cyclic:
		return 2 + int(float64(v.size)*v.busy()*(0.8+0.4*v.rng.Float64()))
	case v.rng.Float64() < 0.01:
		return v.size / 2 // a thin page: content, not contract
	}
	return v.size + v.rng.IntN(3) - 1
}

// sample is one answer with a drift applied, nil for none. Shown reports
// whether anything of the drift can be seen in it.
func (v *vendor) sample(d *applied) (s probes.Sample, shown bool) {
	header := http.Header{
		"Content-Type":          {"application/json; charset=utf-8"},
		"X-Ratelimit-Limit":     {fmt.Sprint(v.limit)},
		"X-Ratelimit-Remaining": {fmt.Sprint(v.limit - v.rng.IntN(v.limit/2))},
		"Date":                  {v.now.Format(http.TimeFormat)},
		"X-Request-Id":          {fmt.Sprintf("%016x", v.rng.Uint64())},
	}
	a := answer{status: 200, header: header, on: d != nil && d.on(v)}
	n := v.length()
	if a.on && d.length != nil {
		n, shown = d.length(n), true
	}
	rows := v.rows(n, d, &a)
	a.body = v.form.wrap(v, rows)
	if a.on && d.response != nil {
		d.response(&a)
		shown = true
	}
	v.spell.mar(v, &a, rows)
	return v.sent(&a), shown || a.shown
}

// An answer is one HTTP response in the making.
type answer struct {
	status int
	header http.Header
	body   any // text when it is no JSON
	on     bool
	shown  bool // a row was changed by the drift
	lost   bool // nobody answers
}

// rows copies the first n entities, changed by the drift where it applies.
func (v *vendor) rows(n int, d *applied, a *answer) []object {
	rows := make([]object, 0, n)
	for i := range n {
		e := v.entities[i%len(v.entities)]
		row := copied(e.values)
		if a.on && d.row != nil && d.reaches(e) {
			before := len(row)
			d.row(row)
			a.shown = a.shown || d.always || before != len(row) || differs(row, e.values)
		}
		rows = append(rows, row)
	}
	return rows
}

// differs reports whether a row was changed by its drift.
func differs(row, was object) bool {
	a, _ := json.Marshal(row)
	b, _ := json.Marshal(was)
	return string(a) != string(b)
}

func copied(o object) object {
	out := make(object, len(o))
	for k, value := range o {
		if inner, ok := value.(object); ok {
			value = copied(inner)
		}
		out[k] = value
	}
	return out
}

func (v *vendor) sent(a *answer) probes.Sample {
	s := probes.Sample{
		Probe: v.name, At: v.now, Class: probes.Valid, Method: http.MethodGet, Status: a.status, Header: a.header,
		MediaType: "application/json", Latency: 80 * time.Millisecond, Attempts: 1,
	}
	if a.lost {
		return probes.Sample{Probe: v.name, At: v.now, Class: probes.Unreachable, Problem: "no answer within 10s", Method: http.MethodGet, Attempts: 1}
	}
	if media := a.header.Get("Content-Type"); media != "application/json; charset=utf-8" {
		s.MediaType = media
	}
	if text, raw := a.body.(string); raw {
		s.Body = []byte(text)
	} else {
		s.Body, _ = json.Marshal(a.body) // maps, slices and scalars always marshal
	}
	s.Bytes = int64(len(s.Body))
	return s
}
