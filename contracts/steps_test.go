package contracts_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"shapewatch/contracts"
	"shapewatch/probes"
)

// TestStepHabits_AddUpOverParts wants what is known of a step to be the sum of
// what every hour learned, and to survive the store.
func TestStepHabits_AddUpOverParts(t *testing.T) {
	b := contracts.NewBaseline()
	for i := range 12 {
		learnRun(b, i)
	}
	kept, err := b.Keep()
	if err != nil {
		t.Fatal(err)
	}
	again, err := contracts.Restore(kept.Whole, nil)
	if err != nil {
		t.Fatal(err)
	}
	packed := again.Habits.Step("packed")
	if packed == nil || packed.Took.Count != 12 || packed.Took.Min != 1000 || packed.Took.Max != 1110 {
		t.Fatalf("packed: %+v", packed)
	}
	if failed := again.Habits.Step("refund"); failed == nil || failed.Took.Count != 0 {
		t.Errorf("a step that did not go well says how long it takes: %+v", failed)
	}
	if again.Habits.Step("nobody") != nil {
		t.Error("a step that was never taken has a habit")
	}
	if diff := cmp.Diff([]contracts.Tally[int]{{Value: 200, Count: 12}}, packed.Statuses); diff != "" {
		t.Error(diff)
	}
}

func learnRun(b *contracts.Baseline, i int) {
	o := contracts.Observe(probes.Sample{
		At: time.Date(2026, 3, 2, i, 0, 0, 0, time.UTC), Class: probes.Valid, Status: 200, MediaType: "application/json", Body: []byte(`{"packed":{"status":200}}`),
		Run: &probes.Run{Steps: []probes.StepTaken{
			{Name: "packed", Status: 200, Took: time.Second + time.Duration(i)*10*time.Millisecond}, {Name: "refund", Status: 500, Problem: "status 500"},
		}},
	}, nil)
	b.Learn(&o, contracts.Verdict{Learned: true})
}

// TestContract_SpeaksOfStepsWhereTheirAnswersLie wants every question about a
// path answered by the contract of the step that it lies in.
func TestContract_SpeaksOfStepsWhereTheirAnswersLie(t *testing.T) {
	body := &contracts.Schema{Properties: map[string]*contracts.Schema{"id": {Kinds: []string{"string"}}}}
	c := &contracts.Contract{Steps: map[string]*contracts.Contract{"create": {Answers: []contracts.Agreed{{Statuses: "201", Media: "application/json", Body: body}}}}}
	for path, want := range map[string]bool{"/create/body/id": true, "/create/body": true, "/create/body/other": false, "/create/status": false, "/created/body/id": false, "/packed/body/id": false} {
		if got := c.Covers(path); got != want {
			t.Errorf("covers %s: %v", path, got)
		}
	}
	if whole := c.For(200, "application/json"); whole == nil || whole.Properties["create"].Properties["body"] != body {
		t.Errorf("the whole is %+v", whole)
	}
}
