package contracts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts"
	"shapewatch/contracts/detectors"
	"shapewatch/contracts/openapi"
	"shapewatch/probes"
)

// A diary is a probe's memory and what it was told, one answer after another.
type diary struct {
	t        *testing.T
	baseline *contracts.Baseline
	policy   contracts.Policy
	contract *contracts.Contract
	at       time.Time
}

func newDiary(t *testing.T) *diary {
	return &diary{
		t: t, baseline: contracts.NewBaseline(), at: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC),
		policy: contracts.Policy{API: "acme", Operation: "GET /things"},
	}
}

func (d *diary) observe(o contracts.Observation) contracts.Verdict {
	found := contracts.Compare(&contracts.Comparison{Contract: d.contract, Baseline: d.baseline, Observation: &o, Policy: d.policy}, detectors.All())
	v := contracts.Weigh(d.baseline, found, &o, d.policy)
	d.baseline.Learn(&o, v)
	d.at = d.at.Add(5 * time.Minute)
	return v
}

func (d *diary) answer(body string) contracts.Verdict {
	return d.observe(contracts.Observe(answered(body, d.at), nil))
}

func (d *diary) again(body string) contracts.Verdict {
	o := contracts.Observe(answered(body, d.at), nil)
	o.Reprobe = true
	return d.observe(o)
}

func (d *diary) answers(n int, body string) (v contracts.Verdict) {
	for range n {
		v = d.answer(body)
	}
	return v
}

func answered(body string, at time.Time) probes.Sample {
	return probes.Sample{
		Probe: "acme/things", At: at, Class: probes.Valid, Method: "GET", Status: 200,
		MediaType: "application/json", Body: []byte(body), Bytes: int64(len(body)),
	}
}

func kindsOf(fs []contracts.Finding) string {
	var names []string
	for _, f := range fs {
		names = append(names, f.Kind+" "+f.Path)
	}
	return strings.Join(names, ", ")
}

const (
	whole   = `{"id":7,"name":"lamp","status":"open"}`
	without = `{"id":7,"status":"open"}`
)

func TestWeigh_OneOddAnswerIsOnlySuspected(t *testing.T) {
	d := newDiary(t)
	d.answers(50, whole)
	v := d.answer(without)
	if kindsOf(v.Suspected) != "field-removed /name" || len(v.Confirmed) > 0 || v.Learned {
		t.Errorf("suspected %q, confirmed %q, learned %t", kindsOf(v.Suspected), kindsOf(v.Confirmed), v.Learned)
	}
}

func TestWeigh_ConfirmsWithNumbersSinceTheFirstDeviation(t *testing.T) {
	d := newDiary(t)
	d.answers(50, whole)
	since := d.at
	d.answer(without)
	d.again(without)
	d.again(without)
	d.again(without)
	v := d.answer(without)
	if len(v.Confirmed) != 1 {
		t.Fatalf("confirmed %q, want field-removed", kindsOf(v.Confirmed))
	}
	want := contracts.Finding{
		API: "acme", Operation: "GET /things", Path: "/name", Kind: "field-removed", Severity: contracts.Warning, // for the first half hour
		Was: "string, in 50 of 50 answers", Now: "gone, in 5 of 5 answers",
		Evidence: contracts.Evidence{WasSeen: 50, WasOf: 50, NowOf: 5, WasSince: d.baseline.Since, Since: since, Checks: 5, Of: 5, Reprobes: 3},
	}
	if diff := cmp.Diff(want, v.Confirmed[0]); diff != "" {
		t.Errorf("finding (-want +got):\n%s", diff)
	}
}

func TestWeigh_WakesNobodyForABadQuarterOfAnHour(t *testing.T) {
	d := newDiary(t)
	d.answers(300, whole)
	worst := contracts.Info
	for _, body := range []string{without, without, without, without, whole, whole} {
		for _, f := range append(d.answer(body).Confirmed, d.again(body).Confirmed...) {
			worst = max(worst, f.Severity)
		}
		d.at = d.at.Add(-5 * time.Minute) // asking again takes no time here
	}
	if worst != contracts.Warning {
		t.Errorf("told as %v in a spell of twenty minutes, want a warning", worst)
	}
	if v := d.answers(8, without); len(v.Confirmed) != 1 || v.Confirmed[0].Severity != contracts.Breaking {
		t.Errorf("after forty minutes: %+v, want it breaking", v.Confirmed)
	}
	d.answers(2, whole)
	if v := d.answers(5, strings.Replace(whole, "7", `"7"`, 1)); len(v.Confirmed) != 1 || v.Confirmed[0].Severity != contracts.Breaking {
		t.Errorf("a type changed: %+v, want it breaking at once", v.Confirmed)
	}
}

func TestWeigh_ReprobesAloneConfirmNothing(t *testing.T) {
	d := newDiary(t)
	d.answers(500, whole)
	d.answer(without)
	for i := range 30 {
		if v := d.again(without); len(v.Confirmed) > 0 {
			t.Fatalf("confirmed %q after %d re-probes of one check", kindsOf(v.Confirmed), i+1)
		}
	}
}

func TestWeigh_ClearsAfterTwoCleanAnswers(t *testing.T) {
	d := newDiary(t)
	d.answers(50, whole)
	v := d.answers(6, without)
	fp := v.Confirmed[0].Fingerprint()
	if v = d.answer(whole); len(v.Cleared) > 0 || len(v.Confirmed) != 1 {
		t.Errorf("after one clean answer: cleared %v, confirmed %q; want it to hold", v.Cleared, kindsOf(v.Confirmed))
	}
	v = d.answer(whole)
	if diff := cmp.Diff([]string{fp}, v.Cleared); diff != "" || len(v.Confirmed) > 0 {
		t.Errorf("after two: confirmed %q, cleared (-want +got):\n%s", kindsOf(v.Confirmed), diff)
	}
	if v = d.answer(whole); len(v.Cleared) > 0 {
		t.Errorf("cleared twice: %v", v.Cleared)
	}
}

func TestWeigh_WhatShowsNowAndThenIsNotOverAfterTwoCleanAnswers(t *testing.T) {
	d := newDiary(t)
	d.answers(2000, whole)
	d.answers(2, without)
	d.answers(2, whole)
	d.answers(2, without)
	v := d.answer(without)
	if len(v.Confirmed) != 1 {
		t.Fatalf("confirmed %q, want the flapping field", kindsOf(v.Confirmed))
	}
	if v = d.answers(2, whole); len(v.Cleared) > 0 {
		t.Errorf("cleared after two clean answers although two in seven were clean all along")
	}
}

func TestWeigh_NoDataNeitherConfirmsNorClears(t *testing.T) {
	d := newDiary(t)
	d.answers(50, whole)
	d.answers(6, without)
	for range 10 {
		v := d.observe(contracts.Observation{At: d.at, Class: probes.Unreachable, Problem: "no such host"})
		if len(v.Cleared) > 0 || !strings.Contains(kindsOf(v.Confirmed), "field-removed /name") {
			t.Fatalf("cleared %v, confirmed %q: want the finding to stay as it is", v.Cleared, kindsOf(v.Confirmed))
		}
	}
	d.answers(2, `{}`)
	if v := d.answer(`{}`); len(v.Cleared) > 0 {
		t.Errorf("an empty object cleared %v", v.Cleared)
	}
}

// TestWeigh_NoDataClearsNothingAfterARestartEither: an empty list says nothing
// of its entries, whether or not the baseline was read from the store meanwhile.
func TestWeigh_NoDataClearsNothingAfterARestartEither(t *testing.T) {
	d := restored(t)
	d.answers(50, `{"data":[`+whole+`]}`)
	d.answers(6, `{"data":[`+without+`]}`)
	kept, err := d.baseline.Whole()
	must(t, err)
	d.baseline, err = contracts.Restore(kept.Whole, nil)
	must(t, err)
	for range 10 {
		if v := d.answer(`{"data":[]}`); len(v.Cleared) > 0 || !strings.Contains(kindsOf(v.Confirmed), "field-removed /data/[]/name") {
			t.Fatalf("cleared %v, confirmed %q: want the finding to stay as it is", v.Cleared, kindsOf(v.Confirmed))
		}
	}
}

func TestWeigh_ThreeOfFiveConfirmTheAnswerAsAWhole(t *testing.T) {
	d := newDiary(t)
	d.answers(20, whole)
	down := func() contracts.Verdict {
		return d.observe(contracts.Observation{At: d.at, Class: probes.Unreachable, Problem: "timed out"})
	}
	down()
	d.answer(whole)
	if v := down(); len(v.Confirmed) > 0 {
		t.Errorf("confirmed %q after two of three", kindsOf(v.Confirmed))
	}
	if v := down(); kindsOf(v.Confirmed) != "unreachable " {
		t.Errorf("confirmed %q after three of four, want unreachable", kindsOf(v.Confirmed))
	}
}

func TestWeigh_WhatTheProviderSaysNeedsNoSecondAnswer(t *testing.T) {
	d := newDiary(t)
	s := answered(whole, d.at)
	s.Header = map[string][]string{"Sunset": {"Wed, 11 Mar 2026 00:00:00 GMT"}}
	v := d.observe(contracts.Observe(s, nil))
	if kindsOf(v.Confirmed) != "provider-says header:sunset" || !v.Learned {
		t.Errorf("confirmed %q, learned %t; want the sunset at once, and the answer learned", kindsOf(v.Confirmed), v.Learned)
	}
}

func TestWeigh_SnapshotTellsAtFirstSightOnceAndLearns(t *testing.T) {
	d := newDiary(t)
	d.policy.Sensitivity = contracts.Snapshot
	if v := d.answer(whole); len(v.Confirmed) > 0 {
		t.Errorf("the first sample confirmed %q", kindsOf(v.Confirmed))
	}
	if v := d.answer(without); kindsOf(v.Confirmed) != "field-removed /name" {
		t.Errorf("confirmed %q, want the field gone", kindsOf(v.Confirmed))
	}
	d.answer(without)
	if v := d.answer(without); len(v.Confirmed) > 0 || len(v.Suspected) > 0 {
		t.Errorf("still told: %q", kindsOf(v.Confirmed))
	}
}

func TestLearn_ARareThingIsLearnedWhenTheSuspicionDies(t *testing.T) {
	d := newDiary(t)
	d.answers(100, whole)
	d.answer(without)
	if got := d.baseline.Answers(); got != 100 {
		t.Errorf("%d answers learned, want the odd one held back", got)
	}
	v := d.answers(240, whole)
	if got := d.baseline.Answers(); got != 341 {
		t.Errorf("%d answers learned, want all 341 once nothing is suspected (%q is)", got, kindsOf(v.Suspected))
	}
	if f, _ := d.baseline.Shape.Field("/name"); f.Probes.None != 1 {
		t.Errorf("presence %+v, want the one absence in it", f.Probes)
	}
}

func TestLearn_AConfirmedDeviationNeverTeaches(t *testing.T) {
	d := newDiary(t)
	d.answers(50, whole)
	d.answers(30, without)
	d.answers(5, whole)
	if f, _ := d.baseline.Shape.Field("/name"); f.Probes.None != 0 {
		t.Errorf("presence %+v: the outage was learned", f.Probes)
	}
}

func TestLearn_AnAdditiveFindingIsToldAndLearned(t *testing.T) {
	d := newDiary(t)
	d.answers(50, whole)
	more := strings.Replace(whole, "}", `,"colour":"red"}`, 1)
	d.answer(more)
	v := d.answer(more)
	if kindsOf(v.Confirmed) != "field-new /colour" || v.Confirmed[0].Severity != contracts.Info || !v.Learned {
		t.Fatalf("confirmed %q, learned %t", kindsOf(v.Confirmed), v.Learned)
	}
	if _, ok := d.baseline.Shape.Field("/colour"); !ok {
		t.Error("the new field was not learned")
	}
	if v = d.answers(2, more); len(v.Confirmed) > 0 || len(v.Cleared) != 1 {
		t.Errorf("confirmed %q, cleared %v: want it over", kindsOf(v.Confirmed), v.Cleared)
	}
}

func TestLearn_OnlyAValidAnswerTeaches(t *testing.T) {
	for _, class := range []probes.Class{
		probes.Unreachable, probes.Protocol, probes.Status, probes.NotJSON, probes.InvalidJSON, probes.OverLimit, probes.ErrorEnvelope,
	} {
		d := newDiary(t)
		v := d.observe(contracts.Observation{At: d.at, Class: class})
		if d.baseline.Answers() != 0 || v.Learned {
			t.Errorf("%s taught the baseline", class)
		}
	}
}

func TestAccept_WhatWasHeldBackIsHowTheAPIAnswersNow(t *testing.T) {
	d := newDiary(t)
	d.answers(50, whole)
	v := d.answers(20, without)
	d.baseline.Accept(contracts.Acceptance{By: "ada", At: d.at}, v.Confirmed[0].Fingerprint())
	if v := d.answers(30, without); len(v.Confirmed)+len(v.Suspected) > 0 {
		t.Errorf("after accepting: confirmed %q, suspected %q", kindsOf(v.Confirmed), kindsOf(v.Suspected))
	}
}

func TestAccept_TheContractObjectsToWhatWasAcceptedWithoutAlarm(t *testing.T) {
	d := newDiary(t)
	d.contract = agreed(t, `{type: object, required: [id, name, status], properties: {id: {type: integer}, name: {type: string}, status: {type: string}}}`)
	d.answers(50, whole)
	v := d.answers(20, without)
	if kindsOf(v.Confirmed) != "field-removed /name" {
		t.Fatalf("confirmed %q", kindsOf(v.Confirmed))
	}
	d.baseline.Accept(contracts.Acceptance{By: "ada", At: d.at}, v.Confirmed[0].Fingerprint())
	v = d.answers(30, without)
	if kindsOf(v.Confirmed) != "contract-mismatch /name" || v.Confirmed[0].Severity != contracts.Info || v.Confirmed[0].Evidence.Checks != 0 {
		t.Errorf("after accepting: confirmed %+v, want a known mismatch", v.Confirmed)
	}
	v = d.answers(30, `{"id":7}`)
	if !strings.Contains(kindsOf(v.Confirmed), "/status") || v.Confirmed[0].Severity != contracts.Breaking {
		t.Errorf("another field goes: confirmed %q, want it as breaking", kindsOf(v.Confirmed))
	}
}

func TestAccept_CountsAnswersAnewFromWhatWasHeldBack(t *testing.T) {
	d := newDiary(t)
	d.answers(600, whole)
	accepted := d.at
	v := d.answers(20, without)
	d.baseline.Accept(contracts.Acceptance{By: "ada", At: d.at}, v.Confirmed[0].Fingerprint())
	d.answers(100, without)
	if got := d.baseline.AnswersSince(accepted); got < 100 {
		t.Errorf("%d answers since what was accepted began, want 120", got)
	}
}

func TestSettled_SaysWhatItWaitsFor(t *testing.T) {
	d := newDiary(t)
	d.answers(9, whole)
	ok, why := d.baseline.Settled()
	if ok || why != "learning: 9 of 15 answers seen" {
		t.Errorf("settled %t, %q", ok, why)
	}
	d.answers(6, whole)
	if ok, why := d.baseline.Settled(); !ok || why != "" {
		t.Errorf("settled %t, %q", ok, why)
	}
}

func TestWeigh_ParksWhatTheContractAlwaysHadWrong(t *testing.T) {
	d := newDiary(t)
	d.contract = agreed(t, `{type: object, required: [id, owner], properties: {id: {type: string}, name: {type: string}}}`)
	v := d.answers(30, whole)
	if got := kindsOf(v.Confirmed); got != "contract-mismatch /id, contract-mismatch /owner" || v.Confirmed[0].Severity != contracts.Info || !v.Learned {
		t.Errorf("confirmed %q, learned %t: want two known mismatches at info", got, v.Learned)
	}
	v = d.answers(6, strings.Replace(whole, `"lamp"`, `17`, 1))
	if got := v.Confirmed[0]; got.Kind != "kind-changed" || got.Path != "/name" || got.Severity != contracts.Breaking {
		t.Errorf("confirmed %q, want the change told once, as breaking", kindsOf(v.Confirmed))
	}
	if n := strings.Count(kindsOf(v.Confirmed), "/name"); n != 1 {
		t.Errorf("told %d times: %q", n, kindsOf(v.Confirmed))
	}
}

// agreed wraps a schema into an OpenAPI document and takes its one operation.
func agreed(t *testing.T, schema string) *contracts.Contract {
	t.Helper()
	doc, err := openapi.Load("acme.yaml", []byte(fmt.Sprintf(`openapi: 3.0.3
info: {title: acme, version: "1"}
servers: [{url: "https://api.acme.example/v1"}]
paths:
  /things/{id}:
    get:
      operationId: getThing
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: a thing, content: {application/json: {schema: %s}}}
`, schema)), nil)
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := doc.Contract(openapi.Asked{Method: "get", URL: "https://api.acme.example/v1/things/7?x=1"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLearn_KeysThatAreDataDoNotKeepTheRestFromBeingLearned(t *testing.T) {
	d := newDiary(t)
	for i := range 100 {
		v := d.answer(fmt.Sprintf(`{"id":7,"name":"lamp","meta":{"k%d":1,"j%d":2}}`, i, i))
		if len(v.Confirmed)+len(v.Suspected) > 0 {
			t.Fatalf("answer %d: confirmed %q, suspected %q", i, kindsOf(v.Confirmed), kindsOf(v.Suspected))
		}
	}
	if got := d.baseline.Answers(); got != 100 {
		t.Errorf("%d of 100 answers learned", got)
	}
}

func TestWeigh_OneOddEntityThatStaysListedIsContent(t *testing.T) {
	d := newDiary(t)
	list := func(tick int) string {
		var items []string
		for id := tick; id < tick+20; id++ {
			name := `"lamp"`
			if id == 220 || id == 221 {
				name = "null" // born so; listed for twenty answers
			}
			items = append(items, fmt.Sprintf(`{"id":%d,"name":%s}`, id, name))
		}
		return `{"data":[` + strings.Join(items, ",") + `]}`
	}
	for tick := range 400 {
		if v := d.answer(list(tick)); len(v.Confirmed) > 0 {
			t.Fatalf("answer %d: confirmed %q", tick, kindsOf(v.Confirmed))
		}
	}
}

func TestWeigh_KnownEntitiesThatChangeAreNoContent(t *testing.T) {
	d := newDiary(t)
	list := func(odd int) string {
		var items []string
		for id := range 20 {
			name := `"lamp"`
			if id < odd {
				name = "null"
			}
			items = append(items, fmt.Sprintf(`{"id":%d,"name":%s}`, id, name))
		}
		return `{"data":[` + strings.Join(items, ",") + `]}`
	}
	d.answers(100, list(0))
	if v := d.answers(20, list(1)); len(v.Confirmed) > 0 {
		t.Errorf("one of twenty edited: confirmed %q", kindsOf(v.Confirmed))
	}
	d = newDiary(t)
	d.answers(100, list(0))
	if v := d.answers(5, list(6)); kindsOf(v.Confirmed) != "null-new /data/[]/name" {
		t.Errorf("six of twenty changed at once: confirmed %q", kindsOf(v.Confirmed))
	}
}

func TestWeigh_AKnownMismatchIsToldOnlyWhileAnswersShowIt(t *testing.T) {
	d := newDiary(t)
	d.contract = agreed(t, `{type: object, required: [id, owner], properties: {id: {type: integer}, name: {type: string}}}`)
	if v := d.answers(30, whole); kindsOf(v.Confirmed) != "contract-mismatch /owner" {
		t.Fatalf("confirmed %q, want the known mismatch", kindsOf(v.Confirmed))
	}
	if v := d.observe(contracts.Observation{At: d.at, Class: probes.Unreachable}); len(v.Confirmed) > 0 {
		t.Errorf("no answer, and confirmed %q", kindsOf(v.Confirmed))
	}
	if v := d.answers(3, `{"id":7,"name":"lamp","status":"open","owner":"ada"}`); strings.Contains(kindsOf(v.Confirmed), "contract-mismatch") {
		t.Errorf("the vendor put it right, and confirmed %q", kindsOf(v.Confirmed))
	}
	if v := d.answer(whole); !strings.Contains(kindsOf(v.Confirmed), "contract-mismatch /owner") {
		t.Errorf("it is back, and confirmed %q", kindsOf(v.Confirmed))
	}
}

func TestWeigh_ARenameThatOnlySomeServersHaveIsToldAsOne(t *testing.T) {
	d := newDiary(t)
	d.policy.Off = map[string]bool{"mixed-shapes": true} // it says which servers; here it is about what
	d.answers(200, whole)
	var first string
	for i := range 30 {
		v := d.answer([]string{`{"id":7,"title":"lamp","status":"open"}`, whole}[i%2])
		now := kindsOf(v.Confirmed)
		if first == "" {
			first = now
		}
		if now != first {
			t.Fatalf("answer %d: confirmed %q after %q, cleared %v: half of it was told, or taken back", i, now, first, v.Cleared)
		}
	}
	if first != "field-removed /name, field-new /title" {
		t.Errorf("confirmed %q, want both halves of the rename", first)
	}
}

func TestWeigh_ANewFieldIsToldAlthoughWhatBeganWithItWasNothing(t *testing.T) {
	d := newDiary(t)
	d.answers(200, whole)
	d.answer(`{"id":7,"title":"lamp","status":"open"}`)
	for range 30 {
		if v := d.answer(`{"id":7,"name":"lamp","title":"lamp","status":"open"}`); len(v.Confirmed) > 0 {
			if got := kindsOf(v.Confirmed); got != "field-new /title" {
				t.Errorf("confirmed %q, want the new field alone", got)
			}
			return
		}
	}
	t.Error("the new field was never told")
}
