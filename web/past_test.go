package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/alerting"
	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
	"shapewatch/probes"
	"shapewatch/web"
)

// A diary lives through the answers of one probe as the monitor does: what is
// learned, kept in parts and told is real.
type diary struct {
	t         testing.TB
	probe     probes.Probe
	baseline  *contracts.Baseline
	parts     map[string][]byte
	incidents map[string]alerting.Incident
}

func newDiary(t testing.TB, p probes.Probe) *diary {
	t.Helper()
	b, err := contracts.Restore(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &diary{t: t, probe: p, baseline: b, parts: map[string][]byte{}, incidents: map[string]alerting.Incident{}}
}

// answer judges and learns one answer.
func (d *diary) answer(at time.Time, body string) {
	d.t.Helper()
	o := contracts.Observe(probes.Sample{
		Probe: d.probe.ID, At: at, Method: "GET", Status: 200, MediaType: "application/json", Header: http.Header{},
		Body: []byte(body), Bytes: int64(len(body)), Latency: 80 * time.Millisecond, Attempts: 1,
	}, nil)
	policy := contracts.Policy{API: d.probe.API, Operation: d.probe.Operation, Sensitivity: contracts.Calm}
	c := contracts.Comparison{Baseline: d.baseline, Observation: &o, Policy: policy}
	verdict := contracts.Weigh(d.baseline, contracts.Compare(&c, detectors.All()), &o, policy)
	d.baseline.Learn(&o, verdict)
	d.fold(&o, verdict)
	d.keep()
}

func (d *diary) fold(o *contracts.Observation, v contracts.Verdict) {
	var told []alerting.Incident
	for _, i := range d.incidents {
		told = append(told, i)
	}
	changed, _ := alerting.Fold(told, alerting.Update{
		API: d.probe.API, Probe: d.probe.ID, Operation: d.probe.Operation, At: o.At, Class: o.Class, Verdict: v,
	})
	for _, i := range changed {
		d.incidents[i.ID] = i
	}
}

func (d *diary) keep() {
	d.t.Helper()
	if d.baseline.Crowded() {
		changed, err := d.baseline.RollUp(d.list())
		if err != nil {
			d.t.Fatal(err)
		}
		d.put(changed)
	}
	k, err := d.baseline.Keep()
	if err != nil {
		d.t.Fatal(err)
	}
	d.put(k.Parts)
}

func (d *diary) list() (parts []contracts.Part) {
	for key, encoded := range d.parts {
		parts = append(parts, contracts.Part{Key: key, Bytes: encoded})
	}
	return parts
}

func (d *diary) put(parts []contracts.Part) {
	for _, p := range parts {
		if d.parts[p.Key] = p.Bytes; p.Bytes == nil {
			delete(d.parts, p.Key)
		}
	}
}

// live has a probe of the world answer every ten minutes for some time, and
// otherwise since three hours ago, and puts what was told into the world.
func (w *world) live(t testing.TB, now time.Time, probe int, lived time.Duration, before, after func(i int) string) {
	t.Helper()
	d := newDiary(t, w.probes[probe])
	changed := now.Add(-3 * time.Hour)
	for i, at := 0, now.Add(-lived); at.Before(now); i, at = i+1, at.Add(10*time.Minute) {
		if at.Before(changed) {
			d.answer(at, before(i))
		} else {
			d.answer(at, after(i))
		}
	}
	encoded, err := d.baseline.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	w.baselines[d.probe.ID], w.parts[d.probe.ID] = encoded, d.list()
	for _, i := range d.incidents {
		w.incidents = append([]alerting.Incident{i}, w.incidents...)
	}
}

const oneDay = 24 * time.Hour

// orders is a list that renames a field, changes a type and has a new value
// once it has changed.
func orders(changed bool) func(i int) string {
	return func(i int) string {
		var rows []string
		for k := range 4 {
			customer, total, status := `"customer"`, fmt.Sprint(1200+k), []string{"open", "paid", "sent"}[(i+k)%3]
			if changed {
				customer, total = `"customer_id"`, fmt.Sprintf("%q", total)
				if k == 0 {
					status = "disputed"
				}
			}
			note := "null"
			if (i+k)%5 == 0 {
				note = `"ring twice"`
			}
			rows = append(rows, fmt.Sprintf(`{"id":"ord_%06d",%s:"cus_%06d","total":%s,"status":%q,"note":%s}`, i*4+k, customer, i*3+k, total, status, note))
		}
		return `{"data":[` + strings.Join(rows, ",") + `],"has_more":false}`
	}
}

// changedWorld is one in which an operation has really changed.
func changedWorld(t testing.TB, now time.Time) (w *world, incident string) {
	t.Helper()
	w = newWorld(now)
	known := len(w.incidents)
	w.live(t, now, 2, 5*oneDay, orders(false), orders(true))
	if len(w.incidents) != known+1 {
		t.Fatalf("%d incidents told, want one", len(w.incidents)-known)
	}
	w.uses = map[string][]string{w.probes[2].ID: {"/data/[]/total", "/elsewhere"}}
	w.edits = []web.Edit{{
		File: "contracts/adyen.yaml", Words: []string{"line 21: `total` is a string", "line 19: `customer` is deprecated"},
		Left: []string{"enum-new at `/data/[]/status`: the contract lists no values"},
		Diff: "diff contracts/adyen.yaml contracts/adyen.yaml (proposed)\n--- contracts/adyen.yaml\n+++ contracts/adyen.yaml (proposed)\n@@ -18,4 +18,5 @@\n                   properties:\n                     customer: { type: string }\n+                    customer_id: { type: string }\n-                    total: { type: integer } # in cents\n+                    total: { type: string } # in cents\n                     status: { type: string }\n",
	}}
	return w, w.incidents[0].ID
}

func TestIncident_ShowsWasAndNowAsShapesAndOverTime(t *testing.T) {
	w, id := changedWorld(t, time.Now())
	body := page(t, w.handler(), "/incidents/"+id)
	for _, want := range []string{
		`<del><span aria-hidden="true">−</span>      customer: string (slug), always</del>`,
		`<ins><span aria-hidden="true">+</span>      customer_id: string (slug), always</ins>`,
		`<del><span aria-hidden="true">−</span>      total: integer, always`,
		`<ins><span aria-hidden="true">+</span>      total: string (integer), always`,
		`customer: objects that have it`, `100 % before`, `0 % since`, `total: values that are of type`,
		`You read <code>/data/[]/total</code>`,
		`<li>line 21: <code>total</code> is a string</li>`, `<ins><span aria-hidden="true">+</span>                    total: { type: string } # in cents</ins>`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the incident does not show %s", want)
		}
	}
	if strings.Contains(body, "/elsewhere") {
		t.Error("a use that is not touched is called touched")
	}
	if strings.Contains(body, "ord_") || strings.Contains(body, "ring twice") {
		t.Error("a payload is shown")
	}
	if t.Failed() {
		t.Log(body[strings.Index(body, "What changed"):])
	}
}

// TestEvidence_NeverTakesTextForMarkup has a vendor take away a field of a
// hostile name: the shapes and the pictures show the name and nothing else.
func TestEvidence_NeverTakesTextForMarkup(t *testing.T) {
	now := time.Now()
	evidenceOf := func(text string) string {
		w := &world{checks: map[string][]contracts.Check{}, hours: map[string][]contracts.Hour{}, baselines: map[string][]byte{}, parts: map[string][]contracts.Part{}}
		w.add(now, history{api: "shop", operation: "GET /v1/orders", every: time.Minute, count: 40, items: 5})
		before, err := json.Marshal(map[string]any{"id": 7, text: text})
		if err != nil {
			t.Fatal(err)
		}
		w.live(t, now, 0, oneDay, func(int) string { return string(before) }, func(int) string { return `{"id":7}` })
		line := strings.Map(func(r rune) rune {
			if r == '\n' || r == '\r' {
				return ' '
			}
			return r
		}, text)
		w.edits = []web.Edit{
			{File: text, Diff: "--- a\n+++ b\n@@ -1 +1 @@\n " + line + "\n-" + line + "\n+" + line + "\n", Words: []string{text}, Left: []string{text}},
			{File: text, Refused: text, Patch: text},
		}
		if len(w.incidents) != 1 {
			t.Fatalf("%q: %d incidents", text, len(w.incidents))
		}
		w.uses = map[string][]string{w.probes[0].ID: {w.incidents[0].Entries[0].Finding.Path}}
		body := page(t, w.handler(), "/incidents/"+w.incidents[0].ID)
		for _, want := range []string{"<figure class=\"course\"", "<del>", "JSON Patch"} {
			if !strings.Contains(body, want) {
				t.Errorf("%q: the incident shows no %s", text, want)
			}
		}
		return body
	}
	kinds := func(text string) []string {
		return slices.Compact(slices.Sorted(slices.Values(skeleton(t, evidenceOf(text)))))
	}
	want := kinds(harmless)
	for _, payload := range payloads {
		if diff := cmp.Diff(want, kinds(payload)); diff != "" {
			t.Errorf("%.60q changes the page (-tame +hostile):\n%.2000s", payload, diff)
		}
	}
}

// TestOperation_TellsWhenValuesWereFirstSeen has a new value come after days,
// accepted by somebody, and asks twice: the second time no part is decoded.
func TestOperation_TellsWhenValuesWereFirstSeen(t *testing.T) {
	now := time.Date(2000, 1, 11, 15, 30, 0, 0, time.UTC) // soon after bubbles begin: the page says how long ago
	w := newWorld(now)
	d := newDiary(t, w.probes[2])
	for i, at := 0, now.Add(-6*oneDay); at.Before(now); i, at = i+1, at.Add(10*time.Minute) {
		last := "paid"
		if i > 5*144+100 && i%2 == 0 { // since somewhat over five days of answers
			last = "disputed"
		}
		d.answer(at, fmt.Sprintf(`{"data":[{"id":%d,"status":"open"},{"id":%d,"status":%q}]}`, i, i+1, last))
		for _, incident := range d.incidents {
			d.baseline.Accept(contracts.Acceptance{By: "ada", At: at}, incident.Entries[0].Finding.Fingerprint())
		}
		clear(d.incidents)
	}
	encoded, err := d.baseline.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	w.baselines[d.probe.ID], w.parts[d.probe.ID] = encoded, d.list()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(now))
		h := w.handler()
		for range 2 {
			body := page(t, h, "/apis/adyen")
			if !regexp.MustCompile(`<code>disputed</code><span class="dim">first seen (0[89]|1[0-5]):00</span>`).MatchString(body) {
				t.Error("a value that came today has no time")
			}
			if !strings.Contains(body, `<span class="dim">since 5 Jan, 00:00</span>`) || strings.Contains(body, "<code>paid</code><span class=\"dim\">first") {
				t.Error("values that came with the field are told one by one, or not at all")
			}
		}
	})
}
