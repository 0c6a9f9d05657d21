package detectors_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"time"

	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
	"shapewatch/probes"
)

type object = map[string]any

// A world is a vendor whose content varies and whose contract does not. Every
// style draws from the same seed, so that a run can be repeated.
type world struct {
	*rand.Rand
	tick int
	memo map[string]object // things that live longer than one answer
}

func newWorld(seed uint64) *world {
	return &world{Rand: rand.New(rand.NewPCG(seed, 7)), memo: map[string]object{}}
}

func (w *world) chance(p float64) bool { return w.Float64() < p }

func (w *world) word(words ...string) string { return words[w.IntN(len(words))] }

// rare picks values with falling odds: 70 %, 20 %, 9 %, 1 %.
func (w *world) rare(words ...string) string {
	r := w.Float64()
	for i, p := range []float64{0.7, 0.9, 0.99} {
		if r < p || i == len(words)-1 {
			return words[i]
		}
	}
	return words[len(words)-1]
}

func (w *world) at() time.Time { return start.Add(time.Duration(w.tick) * time.Second) }

// styles are the ways in which the worlds answer.
var styles = map[string]func(*world) any{
	"list of new things": (*world).feed, // a window that slides over entities: content is autocorrelated
	"one object":         (*world).one,
	"map of rates":       (*world).rates,
	"events of a union":  (*world).events,
	"graph":              (*world).graph,
	"sparse search":      (*world).search,
	"moody object":       (*world).moody,
}

// entity is a thing that keeps its fields for as long as it is listed.
func (w *world) entity(id int) object {
	key := fmt.Sprint("e", id)
	if o, ok := w.memo[key]; ok {
		return o
	}
	o := object{
		"id": 70000 + id, "uuid": fmt.Sprintf("%08x-0000-4000-8000-%012x", w.Uint32(), w.Int64N(1<<40)),
		"state": w.rare("open", "closed", "merged", "locked"), "score": w.IntN(50), "price": math.Round(w.Float64()*10000) / 100,
		"title": fmt.Sprint("thing ", w.IntN(1e6)), "created": w.at().Add(-time.Duration(w.IntN(9e5)) * time.Second).Format(time.RFC3339),
		"seen_by": w.word("public", "members", "owners"), "tags": w.tags(), "owner": object{"login": fmt.Sprint("u", w.IntN(900)), "admin": w.chance(0.02)},
	}
	if w.chance(0.3) {
		o["closed_at"] = nil
	} else {
		o["closed_at"] = w.at().Format(time.RFC3339)
	}
	for i, p := range []float64{0.999, 0.99, 0.9, 0.6, 0.3, 0.1, 0.03, 0.005} {
		if w.chance(p) {
			o[fmt.Sprint("opt", i)] = w.IntN(100)
		}
	}
	if w.chance(0.002) {
		o["title"] = nil // once in a blue moon
	}
	w.memo[key] = o
	return o
}

func (w *world) tags() []any {
	tags := make([]any, w.IntN(4))
	for i := range tags {
		tags[i] = w.word("a", "bug", "help", "ui", "core")
	}
	return tags
}

func (w *world) feed() any {
	items := make([]any, 20+w.IntN(11))
	for i := range items {
		items[i] = w.entity(2*w.tick - i)
	}
	return object{"data": items, "has_more": w.chance(0.8), "next": w.word("c1", "c2", "c3")}
}

func (w *world) one() any {
	o := object{
		"id": "ch_1", "amount": 100 + w.IntN(1e5), "currency": "eur", "status": w.rare("paid", "pending", "failed", "disputed"),
		"balance": w.number(), "updated": w.at().Unix(), "url": fmt.Sprintf("https://x.example/%d", w.IntN(1e6)), "flags": object{},
	}
	for i, p := range []float64{0.995, 0.97, 0.9, 0.5, 0.2, 0.05, 0.01} {
		if w.chance(p) {
			o[fmt.Sprint("opt", i)] = w.word("x", "y")
		}
		if w.chance(p) {
			o[fmt.Sprint("nul", i)] = w.IntN(9)
		} else {
			o[fmt.Sprint("nul", i)] = nil
		}
	}
	return o
}

// number is whole now and then.
func (w *world) number() any {
	if w.chance(0.5) {
		return w.IntN(1000)
	}
	return float64(w.IntN(1e5)) / 100
}

func (w *world) rates() any {
	rates := object{}
	for i := range 20 + w.IntN(20) {
		rates[fmt.Sprintf("%c%c%c", 'A'+i%26, 'A'+w.IntN(4), 'A'+w.IntN(4))] = w.Float64()
	}
	byDay := object{}
	for i := range 5 {
		byDay[w.at().Add(time.Duration(-i)*24*time.Hour).Format(time.DateOnly)] = object{"open": w.Float64(), "close": w.Float64()}
	}
	return object{"base": "EUR", "rates": rates, "days": byDay, "meta": object{"n": w.IntN(5)}}
}

func (w *world) events() any {
	items := make([]any, w.IntN(12))
	for i := range items {
		switch w.rare("push", "issue", "star", "fork") {
		case "push":
			items[i] = object{"type": "push", "ref": "main", "commits": w.IntN(9)}
		case "issue":
			items[i] = object{"type": "issue", "number": w.IntN(900), "labels": w.tags()}
		case "star":
			items[i] = object{"type": "star", "user": object{"id": w.IntN(1e6)}}
		default:
			items[i] = object{"type": "fork", "to": "somewhere"}
		}
	}
	return items
}

func (w *world) graph() any {
	nodes := make([]any, 1+w.IntN(5))
	for i := range nodes {
		nodes[i] = object{"node": object{"id": fmt.Sprint("gid://", w.IntN(1e9)), "note": w.maybe(0.5), "parent": w.parent()}}
	}
	return object{"data": object{"viewer": object{"items": object{"edges": nodes, "total": w.IntN(1000)}}}, "errors": []any{}}
}

func (w *world) parent() any {
	if w.chance(0.6) {
		return nil
	}
	return object{"id": fmt.Sprint("gid://", w.IntN(1e9)), "depth": w.IntN(5)}
}

func (w *world) maybe(p float64) any {
	if w.chance(p) {
		return fmt.Sprint("n", w.IntN(1e6))
	}
	return nil
}

// search is empty most of the time, and what it holds is of any size.
func (w *world) search() any {
	n := 0
	if w.chance(0.3) {
		n = int(math.Exp(w.Float64() * 5))
	}
	items := make([]any, n)
	for i := range items {
		items[i] = object{"id": w.IntN(1e6), "rank": w.number(), "hit": w.maybe(0.95)}
	}
	return object{"total": n, "results": items, "took_ms": w.IntN(90)}
}

// moody is one entity that changes its state for a while: fields stay away for
// ten answers and come back.
func (w *world) moody() any {
	o := object{"id": 7, "state": "idle", "note": "x"}
	phase := w.tick / 10
	if phase%3 == 1 {
		o["state"], o["job"] = "busy", object{"started": w.at().Unix(), "step": w.IntN(9)}
	}
	if phase%2 == 1 {
		o["note"] = nil
	}
	return o
}

// A watch is a probe's memory as the monitor keeps it.
type watch struct {
	baseline *contracts.Baseline
	policy   contracts.Policy
	contract *contracts.Contract
	list     []contracts.Detector
}

func newWatch() *watch {
	return &watch{baseline: contracts.NewBaseline(), policy: contracts.Policy{API: "acme", Operation: "GET /things"}, list: detectors.All()}
}

// check takes one sample through observe, compare, weigh and learn.
func (w *watch) check(s probes.Sample, reprobe bool) contracts.Verdict {
	o := contracts.Observe(s, nil)
	o.Reprobe = reprobe
	found := contracts.Compare(&contracts.Comparison{Contract: w.contract, Baseline: w.baseline, Observation: &o, Policy: w.policy}, w.list)
	v := contracts.Weigh(w.baseline, found, &o, w.policy)
	w.baseline.Learn(&o, v)
	return v
}

// answer is a world's next sample.
func (w *world) answer(style func(*world) any) probes.Sample {
	w.tick++
	body, err := json.Marshal(style(w))
	if err != nil {
		panic(err)
	}
	s := sample(string(body), "", w.at())
	s.Header = http.Header{"X-Ratelimit-Limit": {"5000"}, "X-Ratelimit-Remaining": {fmt.Sprint(5000 - w.tick)}}
	return s
}
